/** Where the training thread's code lies, and what node needs to load it. */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Compiled, it lies beside this file as .js; from the sources (development) it is .ts and needs tsx, found from here and not from the working directory.
const fromSources = import.meta.url.endsWith('.ts');

export const THREAD_FILE = fileURLToPath(new URL(`./training-thread${fromSources ? '.ts' : '.js'}`, import.meta.url));
export const THREAD_ARGUMENTS: readonly string[] = fromSources ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
