/** The command line as a user has it: a process of its own, with its output, its exit code and its signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from './compiled.js';

export interface CommandEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  child: ChildProcess;
  ended: Promise<CommandEnd>;
  /** Resolves when stdout has said it; rejects when the command ends without. */
  said: (pattern: RegExp) => Promise<RegExpExecArray>;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** For standard input; a terminal it never is. */
  input?: string;
  /** Another program than the compiled one: node's arguments before the command's own. */
  program?: readonly string[];
}

/** Starts `rankloop ARGS` with nothing of this process' environment but the PATH. */
export function startCommand(args: readonly string[], { cwd, env = {}, input, program = [compiled('cli/main.ts')] }: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, [...program, ...args], { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const look of [...waiting]) look();
    });
  }
  child.stdin.end(input);
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null, ...text }));
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text.stdout);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then((end) => reject(new Error(`It ended without saying ${pattern}: ${JSON.stringify(end)}`)));
    });
  return { child, ended, said };
}

export function runCommand(args: readonly string[], options?: CommandOptions): Promise<CommandEnd> {
  return startCommand(args, options).ended;
}
