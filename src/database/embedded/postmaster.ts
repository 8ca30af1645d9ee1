/** What a data folder's postmaster.pid says, and whether the process it names is really that folder's server. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
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
  if (process.platform === 'win32') return true;
  const command = process.platform === 'linux' ? await commandOnLinux(pid, data) : await commandByPs(pid);
  // Its backends have titles of their own ("postgres: rankloop …").
  return command.includes('postgres') && command.includes(` -D ${data}`);
}

/** Empty for a zombie, and for a process of somebody else than the data folder's owner, who could call it what he likes. */
async function commandOnLinux(pid: number, data: string): Promise<string> {
  try {
    // Not its working folder: to read that of another user's process, root needs a right that containers withhold.
    const [command, process, folder] = await Promise.all([readFile(`/proc/${pid}/cmdline`, 'utf8'), stat(`/proc/${pid}`), stat(data)]);
    return process.uid === folder.uid ? command.replaceAll('\0', ' ') : '';
  } catch {
    return '';
  }
}

async function commandByPs(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}
