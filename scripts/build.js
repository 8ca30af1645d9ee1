/** Builds the server (tsc), the page and the client for pages (Vite) and the client's declarations into dist/, each only when missing or other than its sources; `node scripts/build.js [server] [dashboard] …`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** What is built: its sources (files and folders), a file of dist/ that shows it is there, and how it is made in a folder of its own. */
const parts = {
  server: {
    says: 'building the server',
    sources: ['src', 'demo', 'cli', 'package.json', 'tsconfig.json', 'tsconfig.build.json'],
    shows: 'src/main.js',
    make(folder) {
      // Types are checked by `npm run typecheck`; a start has only to translate.
      run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder, '--noCheck', '--declaration', 'false']);
    },
  },
  dashboard: {
    says: 'building the dashboard',
    sources: ['dashboard', 'src/client', 'package.json', 'vite.config.js'],
    shows: 'dashboard/index.html',
    make(folder) {
      run('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn', '--outDir', join(folder, 'dashboard')]);
      compress(join(folder, 'dashboard'));
    },
  },
  client: {
    says: 'building the client for pages',
    sources: ['src/client', 'package.json', 'vite.client.config.js'],
    shows: 'client/client.js',
    make(folder) {
      for (const entry of ['client', 'client-subscriptions']) {
        run('node_modules/vite/bin/vite.js', ['build', '--config', 'vite.client.config.js', '--mode', entry, '--logLevel', 'warn', '--outDir', join(folder, 'client'), '--emptyOutDir', 'false']);
      }
      compress(join(folder, 'client'));
    },
  },
  declarations: {
    says: "writing the client's declarations",
    sources: ['src/client', 'package.json', 'tsconfig.json', 'tsconfig.declarations.json'],
    shows: 'types/client/index.d.ts',
    make(folder) {
      run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.declarations.json', '--outDir', join(folder, 'types')]);
    },
  },
};

/** Runs one of our tools with its output on stderr; a failure ends the build with the tool's own words. */
function run(script, args) {
  const { status, signal, error } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${script} ${signal ? `was stopped by ${signal}` : `ended with code ${status}`}`);
}

/** Puts each file for browsers beside itself in compressed form, so that the server has nothing to compute. */
function compress(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes));
  }
}

/** A digest of every source file's path, size and time of change: it changes also when a file goes away or comes back older. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stats = statSync(path);
    if (stats.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${relative(root, path).split(sep).join('/')}\0${stats.size}\0${stats.mtimeMs}\n`);
  };
  for (const source of sources) if (existsSync(join(root, source))) visit(join(root, source));
  return hash.digest('hex');
}

/** Builds one part if it needs to be; it is made in a folder of this process and then moved, so two starts at once do not spoil each other. */
function build(name) {
  const part = parts[name];
  const stamp = join(dist, `.${name}`);
  const print = fingerprint(part.sources);
  if (existsSync(join(dist, part.shows)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return;
  process.stderr.write(`rankloop: ${part.says} …\n`);
  mkdirSync(dist, { recursive: true });
  const folder = join(dist, `.making-${name}-${process.pid}`);
  try {
    part.make(folder);
    rmSync(stamp, { force: true });
    for (const made of readdirSync(folder)) {
      rmSync(join(dist, made), { recursive: true, force: true });
      renameSync(join(folder, made), join(dist, made));
    }
    writeFileSync(stamp, print);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function buildAll(names = Object.keys(parts)) {
  for (const name of names) build(name);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in parts));
  if (unknown) throw new Error(`there is no part "${unknown}" to build; there are: ${Object.keys(parts).join(', ')}`);
  buildAll(names.length ? names : undefined);
}
