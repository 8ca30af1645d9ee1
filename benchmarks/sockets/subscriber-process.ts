/** Starts the process that holds the subscribers, and speaks with it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuOf } from '../loop/processes.js';

/** Each is answered by a report, when it is done. */
export type Command = { do: 'open' | 'burden'; count: number } | { do: 'record' | 'end' | 'pause' | 'resume' };

/** From the time an event bears to its arrival at each of the sockets. */
export interface EventFigures {
  events: number;
  arrivals: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface Report {
  sampleStats: EventFigures;
  trainingFinished: EventFigures;
  /** How sockets ended so far. */
  closeCodes: Record<string, number>;
  open: number;
}

export interface Subscribers {
  tell(command: Command): Promise<Report>;
  cpuMs(): number | null;
  stop(): Promise<void>;
}

export function startSubscribers(url: string): Subscribers {
  const child = fork(fileURLToPath(new URL('subscribers.ts', import.meta.url)), [url], { execArgv: ['--import', 'tsx'] });
  let fail: (error: Error) => void = () => undefined;
  child.once('exit', (code) => fail(new Error(`The subscribers' process ended with ${code}.`)));
  return {
    tell: (command) =>
      new Promise((resolve, reject) => {
        fail = reject;
        child.once('message', (report) => resolve(report as Report));
        child.send(command);
      }),
    cpuMs: () => cpuOf(child.pid),
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
