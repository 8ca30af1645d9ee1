/** The running server that a command talks to, by the client that users get. */
import { setTimeout as wait } from 'node:timers/promises';
import { createClient, RequestError, type Operation, type RequestOptions } from '../src/client/index.js';
import { CommandError, EXIT } from './exit-codes.js';
import { duration } from './format.js';

export interface ServerOptions {
  url: string;
  key?: string | undefined;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 3_000;

export type Request = <Result, Variables>(operation: Operation<Result, Variables>, variables: Variables, options?: RequestOptions) => Promise<Result>;

/** One request that somebody waits for: tried as the client does, its failures in words for the terminal. */
export function connect({ url, key }: ServerOptions): Request {
  const client = createClient({ url, key });
  return async (operation, variables, options) => {
    try {
      return await client.request(operation, variables, options);
    } catch (error) {
      throw inWords(error, url);
    }
  };
}

export interface PatientOptions extends ServerOptions {
  /** So long a server that is away is waited for; then it counts as lost. */
  waitSeconds: number;
  timeoutMs: number;
  /** Tells whoever watches that the server is away, and that it is back. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** For long work: requests that may be repeated, over restarts of the server. Fails with the server's own RequestError, or a CommandError when it stays away. */
export function connectPatiently({ url, key, waitSeconds, timeoutMs, say, signal }: PatientOptions): Request {
  const client = createClient({ url, key, timeoutMs, retries: 0 });
  let awaySince: number | undefined;
  return async (operation, variables, options) => {
    for (let failures = 0; ; failures++) {
      try {
        const data = await client.request(operation, variables, { signal, ...options });
        if (awaySince !== undefined) say(`The server is back after ${duration((performance.now() - awaySince) / 1_000)}.`);
        awaySince = undefined;
        return data;
      } catch (error) {
        if (!(error instanceof RequestError) || !error.mayPass) throw error;
        if (awaySince === undefined) say(`${url} is away (${sentence(error.message)}) Trying again for up to ${duration(waitSeconds)} …`);
        awaySince ??= performance.now();
        if (performance.now() - awaySince >= waitSeconds * 1_000) throw new CommandError(EXIT.unreachable, `${url} has not answered for ${duration(waitSeconds)}.`);
      }
      await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures), undefined, { signal });
    }
  };
}

/** The error as the terminal shows it: what is not the server's own refusal gets its exit code and a hint. */
export function inWords(error: unknown, url: string): unknown {
  if (!(error instanceof RequestError)) return error;
  if (error.mayPass) return new CommandError(EXIT.unreachable, `No answer from ${url}. ${sentence(error.message)} Is it running there (\`rankloop start\`)? Another address: --url, or RANKLOOP_URL.`);
  if (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN') return new CommandError(EXIT.failed, `${sentence(error.message)} The admin key is given by --key or RANKLOOP_KEY.`);
  if (error.code === 'UNKNOWN') return new CommandError(EXIT.failed, `${url} does not answer like a Rankloop server. ${sentence(error.message)}`);
  return new CommandError(EXIT.failed, sentence(error.message));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
