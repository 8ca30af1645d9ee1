/** A Rankloop in a process of its own, which can be killed without a word. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ApiClient } from './api-client.js';
import { compiled } from './compiled.js';
import type { RunningApp } from './running-app.js';

export interface ChildApp {
  client: ApiClient;
  /** kill -9; resolves once it is gone. What it holds in the database is for others to take up. */
  kill(): Promise<void>;
  /** Stops the whole process where it stands, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGTERM; resolves with what the process wrote to its log once it has ended in order. */
  stop(): Promise<string[]>;
}

/** Starts one on the app's database, with the app's models folder: two processes on one machine. */
export async function startChild({ database, modelsDir }: Pick<RunningApp, 'database' | 'modelsDir'>, environment: Record<string, string> = {}): Promise<ChildApp> {
  const child = spawn(process.execPath, [compiled('src/main.ts')], {
    env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: modelsDir, LOG_FORMAT: 'json', LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    void exited.then(([code]) => reject(new Error(`The process ended with the exit code ${code} before it was ready.`)));
    // Read to its end, also when nobody is interested any more: a full pipe would stop the process.
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const address = /(http:\/\/\S+)\/graphql/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  const client = new ApiClient(url);
  return {
    client,
    signal: (signal) => child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      // Only then has its output been read to the end.
      const [code] = await closed;
      await client.close();
      if (code !== 0) throw new Error(`The process ended with the exit code ${code}.`);
      return lines;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
      await client.close();
    },
  };
}
