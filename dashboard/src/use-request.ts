/** Reading from the server in a component: the last answer stays while a new one is under way, and what changed while the socket was down is read again. */
import { useCallback, useEffect, useState } from 'react';
import { useApp } from './app-context.js';
import type { Operation } from '../../src/client/index.js';
import { RequestError } from './graphql-client.js';

export interface Requested<Result> {
  /** The last answer; null until the first. */
  data: Result | null;
  /** Why the last attempt got none. */
  error: RequestError | null;
  isLoading: boolean;
  reload: () => void;
}

interface Answered<Result> {
  key: string;
  data: Result | null;
  error: RequestError | null;
}

/** @param variables null: nothing is asked. */
export function useRequest<Result, Variables>(operation: Operation<Result, Variables>, variables: Variables | null): Requested<Result> {
  const { client } = useApp();
  const [answered, setAnswered] = useState<Answered<Result> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const asked = variables === null ? null : JSON.stringify(variables);
  const key = `${attempt} ${asked}`;

  useEffect(() => {
    if (asked === null) return;
    let isCurrent = true;
    client.request(operation, JSON.parse(asked) as Variables).then(
      (data) => isCurrent && setAnswered({ key, data, error: null }),
      (error: unknown) => {
        if (!(error instanceof RequestError)) throw error;
        if (isCurrent) setAnswered((before) => ({ key, data: before?.data ?? null, error }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, operation, asked, key]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const error = answered?.key === key ? answered.error : null;
  const hasFailed = error !== null;
  useEffect(
    () =>
      client.connectedTimes.subscribe(() => {
        // The socket comes up a first time just after the page has asked: that is no reason to ask again.
        if (hasFailed || client.connectedTimes.get() > 1) reload();
      }),
    [client, reload, hasFailed],
  );

  return { data: answered?.data ?? null, error, isLoading: asked !== null && answered?.key !== key, reload };
}
