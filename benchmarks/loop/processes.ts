/** Starts the programs that are measured, each a process of its own, and waits until they answer. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface StartedProcess {
  url: string;
  /** From spawn until it answered. */
  readyMs: number;
  /** Resident memory now, in MB; null where the system does not tell. */
  memoryMb(): number | null;
  /** Processor time it has taken so far, all threads together, in ms; null where the system does not tell. */
  cpuMs(): number | null;
  /** Bytes it has had written to disk; null where the system does not tell. */
  bytesWritten(): number | null;
  stop(): Promise<void>;
}

/** What figures hold for. */
export function machineName(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
}

/** The code that ships: what `npm start` would run. */
export function buildServer(parts: readonly ('server' | 'dashboard')[] = ['server']): void {
  execFileSync(process.execPath, ['scripts/build.js', ...parts], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The server as `npm start` runs it, with these variables; `onLine` is told each line of its log. */
export async function startServer(environment: Record<string, string>, onLine: (line: string) => void = () => undefined): Promise<StartedProcess> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), LOG_FORMAT: 'json', LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await lineOf(child, (line) => {
    onLine(line);
    return line.includes('Rankloop is ready');
  });
  return started(child, `http://127.0.0.1:${port}`, startedAt);
}

/** A bare counterpart: a script that says which port it listens on. */
export async function startBareServer(script: string, ...args: string[]): Promise<StartedProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await lineOf(child, (text) => text.startsWith('listening '));
  return started(child, `http://127.0.0.1:${line.split(' ')[1]}`, startedAt);
}

function started(child: ChildProcess, url: string, startedAt: number): StartedProcess {
  return {
    url,
    readyMs: performance.now() - startedAt,
    memoryMb: () => memoryOf(child.pid),
    cpuMs: () => cpuOf(child.pid),
    bytesWritten: () => bytesWrittenBy(child.pid),
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function lineOf(child: ChildProcess, wanted: (line: string) => boolean): Promise<string> {
  if (!child.stdout) throw new Error('The process has no output to read.');
  const lines = createInterface({ input: child.stdout });
  const found = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => wanted(line) && resolve(line));
    child.once('exit', (code) => reject(new Error(`The process ended with ${code} before it was ready.`)));
  });
  return found;
}

function memoryOf(pid: number | undefined): number | null {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

export function cpuOf(pid: number | undefined): number | null {
  try {
    // After the name in brackets: utime and stime are the 12th and 13th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

function bytesWrittenBy(pid: number | undefined): number | null {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? NaN);
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
