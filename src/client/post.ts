/** One request over HTTP, tried once: the data, or a RequestError that says why there is none. */
import { authorizationOf, type Key } from './endpoint.js';
import type { Operation } from './operation.js';
import { RequestError } from './request-error.js';

export interface PostOptions {
  /** The GraphQL endpoint. */
  url: string;
  key: Key | undefined;
  timeoutMs: number;
  /** The caller's wish to stop. */
  signal?: AbortSignal | undefined;
  /** Goes on when the page is left; the bodies of all such requests under way may have 64 KB together. */
  keepalive?: boolean;
}

interface Answer {
  data?: unknown;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

export function bodyOf<Result, Variables>(operation: Operation<Result, Variables>, variables: Variables): string {
  return JSON.stringify({ query: operation.text, operationName: operation.name, variables });
}

/** @throws RequestError, or the signal's reason once the caller has aborted */
export async function post(body: string, { url, key, timeoutMs, signal, keepalive = false }: PostOptions): Promise<unknown> {
  const authorization = authorizationOf(key);
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let answer: Answer;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...(authorization ? { authorization } : {}) },
      body,
      keepalive,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    answer = readAnswer(await response.text());
  } catch (error) {
    signal?.throwIfAborted();
    throw new RequestError('NETWORK', timeout.aborted ? `The server did not answer within ${timeoutMs} ms.` : `The server was not reached: ${messageOf(error)}`);
  }
  const [error] = answer.errors ?? [];
  const retryAfterMs = retryAfterOf(response);
  const waiting = retryAfterMs === null ? {} : { retryAfterMs };
  if (error) throw new RequestError(String(error.extensions?.code ?? codeOfStatus(response.status)), error.message, { ...error.extensions, ...waiting });
  if (!answer.data) throw new RequestError(codeOfStatus(response.status), `The server answered ${response.status} ${response.statusText}`.trim(), waiting);
  return answer.data;
}

/** A proxy's page about its own trouble is no JSON: then the status has to say it all. */
function readAnswer(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

function codeOfStatus(status: number): string {
  if (status === 429) return 'RATE_LIMITED';
  return status === 502 || status === 503 || status === 504 ? 'UNAVAILABLE' : 'UNKNOWN';
}

/** The header holds seconds or a date. */
function retryAfterOf(response: Response): number | null {
  const header = response.headers.get('retry-after');
  if (!header) return null;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
