/** As whom the embedded PostgreSQL runs: as ourselves, or, since it refuses root, as another user whom root can become. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Whom to spawn PostgreSQL as. `undefined` in its place means: as ourselves. */
export interface Identity {
  uid: number;
  gid: number;
}

export interface Account extends Identity {
  name: string;
  /** Processes that are none of ours run under this account too, so a folder it owns is not private. */
  shared: boolean;
}

/** Accounts made for services, in the order of preference; their own data must stay out of reach, and ours of theirs. */
const SERVICE_ACCOUNTS = ['postgres', 'nobody'];

/** Groups that belong to nobody: at the upper end of what a signed 32-bit number holds. */
const FIRST_PRIVATE_GID = 0x7000_0000;
const PRIVATE_GIDS = 0x0fff_ffff;

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whom root can run PostgreSQL as, best first: whom the folder belongs to, who called sudo, a service account. */
export async function accountsFor(folder: string, invokingUser: Identity | undefined): Promise<Account[]> {
  const owner = await ownerOfNearest(folder);
  const people = await Promise.all([owner, invokingUser?.uid].map((uid) => (uid ? lookUp(String(uid)) : undefined)));
  const services = await Promise.all(SERVICE_ACCOUNTS.map(lookUp));
  return [...people, ...services].filter((account) => account !== undefined);
}

/** A group no other process has. A folder of root's that only this group may enter keeps a shared account's other processes out. */
export function privateGid(): number {
  return FIRST_PRIVATE_GID + randomInt(PRIVATE_GIDS);
}

/** Whether `identity` may pass through every folder on the way to `path` and has the rights `bits` (r 4, w 2, x 1) to what is there. */
export async function canReach(path: string, identity: Identity, bits: number): Promise<boolean> {
  const real = await realpath(path);
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!(await allows(folder, identity, 0o1))) return false;
    if (folder === dirname(folder)) break;
  }
  return allows(real, identity, bits);
}

async function allows(path: string, { uid, gid }: Identity, bits: number): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(path);
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

async function ownerOfNearest(folder: string): Promise<number> {
  for (let nearest = folder; ; nearest = dirname(nearest)) {
    try {
      return (await stat(nearest)).uid;
    } catch {
      if (nearest === dirname(nearest)) return 0;
    }
  }
}

/** PostgreSQL looks its own user up and fails when there is none, so a uid or name counts only with an entry. */
async function lookUp(uidOrName: string): Promise<Account | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const line = lines.find((entry) => isEntryOf(entry, uidOrName)) ?? (await askDirectory(uidOrName));
  const [name, , uid, gid] = line?.split(':') ?? [];
  if (!name || !Number(uid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), shared: SERVICE_ACCOUNTS.includes(name) };
}

function isEntryOf(entry: string, uidOrName: string): boolean {
  const [name, , uid] = entry.split(':');
  return name === uidOrName || uid === uidOrName;
}

/** Users that a directory service knows (LDAP, sssd) are not in the file. */
async function askDirectory(uidOrName: string): Promise<string | undefined> {
  try {
    return (await promisify(execFile)('getent', ['passwd', uidOrName])).stdout.trim();
  } catch {
    return undefined;
  }
}
