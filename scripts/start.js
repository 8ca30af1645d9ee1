/** `npm start` and `npm run demo`: builds what is missing or changed, then runs it in this one process, so that signals reach it. */
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.js';

const [first, ...rest] = process.argv.slice(2);
const isDemo = first === 'demo';
const entry = new URL(isDemo ? '../dist/demo/main.js' : '../dist/src/main.js', import.meta.url);

try {
  // The declarations are for those who install the package.
  buildAll(['server', 'dashboard', 'client']);
} catch (error) {
  process.stderr.write(`rankloop: the build failed: ${error.message}\n`);
  process.exit(1);
}
// The entry sees the arguments as if it had been called itself.
process.argv = [process.argv[0], fileURLToPath(entry), ...(isDemo ? rest : process.argv.slice(2))];
await import(entry.href);
