/** The embedded server's private folder: where it is, whom it belongs to, and where its socket can be. */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, mkdtemp, realpath, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Logger } from '../../logger.js';
import { hasCode } from './files.js';
import { accountsFor, canReach, isRoot, privateGid, type Account, type Identity } from './identity.js';

export interface Home {
  /** Private: no other user of the machine can enter. Holds data/, socket/, postgres.log. */
  folder: string;
  /** What initdb made. */
  data: string;
  /** Where the server's output goes. */
  log: string;
  /** As whom the server runs; undefined: as this process. */
  identity: Identity | undefined;
}

/** Where root keeps data when the server's user cannot pass through to the data folder (a clone under /root, say). */
const RELOCATED = '/var/lib/rankloop';

/** A socket's path must fit into 104 bytes on macOS and 108 on Linux, its file name included. */
const LONGEST_SOCKET_FOLDER_BYTES = 85;

/** Opens `${dataDir}/postgres`, making it at first. Two processes may do so at once: one's folder wins, both use it. */
export async function openHome(dataDir: string, invokingUser: Identity | undefined, logger: Logger): Promise<Home> {
  const link = join(resolve(dataDir), 'postgres');
  if (!(await isThere(link))) await makeHome(resolve(dataDir), link, invokingUser, logger);
  const folder = await locateHome(dataDir);
  return { folder, data: join(folder, 'data'), log: join(folder, 'postgres.log'), identity: await identityOf(folder) };
}

/** The real place of a home that was made before. */
export async function locateHome(dataDir: string): Promise<string> {
  const link = join(resolve(dataDir), 'postgres');
  try {
    return await realpath(link);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || !(await isThere(link))) throw error;
    throw new Error(`${link} points to a folder that is gone, and the data with it. Remove ${link} to start with an empty database.`);
  }
}

async function makeHome(dataDir: string, link: string, invokingUser: Identity | undefined, logger: Logger): Promise<void> {
  const accounts = isRoot() ? await accountsFor(dataDir, invokingUser) : [];
  const made = await mkdir(dataDir, { recursive: true });
  if (!isRoot()) return buildHome(dataDir, link, undefined, (folder) => rename(folder, link));

  // Whatever root's umask: the folder lets others through to their own, and shows them nothing.
  if (made) await chmod(dataDir, 0o711);
  if (accounts.length === 0) {
    throw new Error('PostgreSQL does not run as root, and there is no user "nobody" to run it as. Start as another user, or set DATABASE_URL.');
  }
  for (const account of accounts) {
    if (await canReach(dataDir, account, 0o1)) return buildHome(dataDir, link, account, (folder) => rename(folder, link));
  }
  await mkdir(RELOCATED, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw new Error(`${accounts[0]!.name}, as whom PostgreSQL would run, cannot enter ${dataDir}; set RANKLOOP_DATA_DIR to a folder that can be entered`, { cause: error });
  });
  await buildHome(RELOCATED, link, accounts[0]!, async (folder) => {
    await symlink(folder, link);
    logger.info(`${accounts[0]!.name}, as whom PostgreSQL runs, cannot enter ${dataDir}; the database is in ${folder}`);
  });
}

/** Builds the folder under another name and puts it in its place at the end, so that nobody sees half of one. */
async function buildHome(parent: string, link: string, account: Account | undefined, place: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(parent, `postgres-${randomBytes(6).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    const socket = join(folder, 'socket');
    await mkdir(socket, { mode: 0o700 });
    if (account) await giveAway(folder, socket, account);
    await place(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const otherWasFirst = await isThere(link);
    if (!otherWasFirst) throw error;
  }
}

/**
 * The owner of socket/ is whom the server runs as. Under a shared account the folder itself stays root's and opens only
 * to a group made up for it, which the server gets and other processes of that account do not have.
 */
async function giveAway(folder: string, socket: string, { name, uid, gid, shared }: Account): Promise<void> {
  if (shared) {
    const own = privateGid();
    try {
      await chown(folder, 0, own);
      await chown(socket, uid, own);
      await chmod(folder, 0o710);
      return;
    } catch (error) {
      // In a container with few group ids there is no such group.
      if (!hasCode(error, 'EINVAL', 'EPERM')) throw error;
    }
  }
  try {
    await chown(folder, uid, gid);
    await chown(socket, uid, gid);
  } catch (error) {
    throw new Error(`PostgreSQL does not run as root, and root cannot become ${name} here. Start as another user, or set DATABASE_URL.`, { cause: error });
  }
}

async function identityOf(folder: string): Promise<Identity | undefined> {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  const { uid, gid } = await stat(join(folder, 'socket')).catch((error: unknown) => {
    if (hasCode(error, 'EACCES')) throw new Error(`${folder} belongs to another user; start as that user, or set RANKLOOP_DATA_DIR to another folder`);
    if (hasCode(error, 'ENOENT')) throw new Error(`${folder} is no folder of Rankloop's embedded PostgreSQL; set RANKLOOP_DATA_DIR to another folder`);
    throw error;
  });
  if (uid === own) return undefined;
  if (!isRoot()) throw new Error(`${folder} belongs to the user with the id ${uid}; start as that user, or set RANKLOOP_DATA_DIR to another folder`);
  if (await canReach(folder, { uid, gid }, 0o1)) return { uid, gid };
  throw new Error(`The user with the id ${uid}, as whom PostgreSQL runs here, can no longer enter ${folder}; give back the right to (chmod o+x), or set RANKLOOP_DATA_DIR to another folder`);
}

/** A link that leads nowhere is there too. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Where the socket goes: inside the home, or, when that path is too long for one, in a private folder of its own. */
export async function openSocketFolder({ folder, identity }: Home): Promise<string> {
  const inside = join(folder, 'socket');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_FOLDER_BYTES) return inside;

  const parent = Buffer.byteLength(tmpdir()) <= LONGEST_SOCKET_FOLDER_BYTES - 32 ? tmpdir() : '/tmp';
  const name = `rankloop-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const usual = join(parent, name);
  // The same one each time, so that whoever starts next finds it, but only if nobody else has put it there.
  for (;;) {
    try {
      await mkdir(usual, { mode: 0o700 });
      await closeTo(usual, folder, identity);
      return usual;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    try {
      if (await isPrivate(usual, identity)) return usual;
      break;
    } catch (error) {
      // The owner before, who is just ending, has removed it in between.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  const fresh = await mkdtemp(join(parent, 'rankloop-'));
  await closeTo(fresh, folder, identity);
  return fresh;
}

/** As private as the home: for a shared account root's own, open to the home's group. */
async function closeTo(socketFolder: string, home: string, identity: Identity | undefined): Promise<void> {
  if (!identity) return;
  const { uid } = await stat(home);
  await chown(socketFolder, uid, identity.gid);
  if (uid === 0) await chmod(socketFolder, 0o770);
}

async function isPrivate(socketFolder: string, identity: Identity | undefined): Promise<boolean> {
  const { uid, gid, mode } = await lstat(socketFolder);
  if (identity && uid === 0 && gid === identity.gid) return (mode & 0o7) === 0;
  return uid === (identity?.uid ?? process.getuid?.()) && (mode & 0o77) === 0;
}

/** Removes a socket folder outside of the home, unless the next server has its socket there already. */
export async function removeSocketFolder(socketFolder: string, home: Home): Promise<void> {
  if (socketFolder !== join(home.folder, 'socket')) await rmdir(socketFolder).catch(() => undefined);
}
