/** What a data folder's postmaster.pid says, and whether the process it names is really that folder's server. */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Postmaster {
  pid: number;
  port: number;
  /** Where its socket is; on Windows the address it listens on instead. */
  host: string;
  /** Whether it accepts connections; false while it starts, recovers or shuts down. */
  ready: boolean;
}

/** The server that is running on a data folder now, whoever started it. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const postmaster = await readPostmasterFile(data);
  return postmaster && (await isPostmaster(postmaster.pid, data)) ? postmaster : undefined;
}

/**
 * The id in a dead server's postmaster.pid when some other process has that id now: PostgreSQL would take that one for
 * its predecessor and refuse to start.
 */
export async function findReusedPid(data: string, socketFolder: string): Promise<number | undefined> {
  const ids = [(await readPostmasterFile(data))?.pid, await readSocketLock(socketFolder)];
  for (const pid of ids) {
    if (pid && isProcess(pid) && !(await isPostmaster(pid, data))) return pid;
  }
  return undefined;
}

/** Whether a process has this id, be it a zombie. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readPostmasterFile(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketFolder, listenAddress, , status] = text.split('\n').map((line) => line.trim());
  if (!Number(pid)) return undefined;
  return { pid: Math.abs(Number(pid)), port: Number(port), host: socketFolder || listenAddress || '', ready: status === 'ready' };
}

async function readSocketLock(socketFolder: string): Promise<number> {
  const text = await readFile(join(socketFolder, '.s.PGSQL.5432.lock'), 'utf8').catch(() => '');
  return Math.abs(Number.parseInt(text, 10)) || 0;
}

async function isPostmaster(pid: number, data: string): Promise<boolean> {
  if (!isProcess(pid)) return false;
  if (process.platform === 'linux') return isPostmasterOnLinux(pid, data);
  if (process.platform === 'win32') return true;
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes('postgres') && stdout.includes(data);
  } catch {
    return false;
  }
}

/** A postmaster's working folder is its data folder. A zombie has none, and another user's process will not say. */
async function isPostmasterOnLinux(pid: number, data: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data));
  } catch {
    return false;
  }
}
