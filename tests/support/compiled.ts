/** What `node scripts/build.js server` made of the sources: the processes and threads of a test run it, as production does; it also starts sooner. */
import { fileURLToPath } from 'node:url';

/** The path of a compiled file, named by its source. */
export function compiled(source: string): string {
  return fileURLToPath(new URL(`../../dist/${source.replace(/\.ts$/, '.js')}`, import.meta.url));
}
