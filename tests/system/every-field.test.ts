/** Every field of the schema on a server with keys, over both transports: without a key, with a wrong one, with the public one, with the admin one. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OperationTypeNode } from 'graphql';
import { CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createSchema } from '../../src/resolvers/schema.js';
import { ApiClient, type ApiError } from '../support/api-client.js';
import { everyField, type FieldOperation } from '../support/every-field.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
const WRONG_KEY = 'wrong-0123456789abcdef';
const REFUSALS = ['UNAUTHENTICATED', 'FORBIDDEN'];

const FIELDS = everyField(createSchema({ sdlDir: fileURLToPath(new URL('../../src/schema', import.meta.url)), translate: (error) => error }));
const ADMIN_FIELDS = FIELDS.filter(({ permission }) => permission === 'admin');
const PUBLIC_FIELDS = FIELDS.filter(({ permission }) => permission === 'public');

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ HOST: '0.0.0.0', RANKLOOP_FAULTS_PER_MINUTE: '0', RANKLOOP_ADMIN_KEYS: ADMIN_KEY, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY });
});

afterAll(async () => {
  await app.stop();
});

/** The code of the first error; null: answered. A subscription by POST is refused as such. */
async function overHttp({ query }: FieldOperation, key?: string): Promise<string | null> {
  return (await new ApiClient(app.url, key).raw(query)).errors?.[0]?.extensions.code ?? null;
}

/** The code of the first error, or of the socket's closing; null: answered, by a subscription with its being open. */
async function overSocket({ query }: FieldOperation, key?: string): Promise<string | number | null> {
  const socket = createClient({
    url: `${app.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
  const codeOf = (error: unknown): string | number => (Array.isArray(error) ? (error as ApiError[])[0]!.extensions.code : (error as { code: number }).code);
  try {
    return await new Promise<string | number | null>((resolve) => {
      socket.subscribe(
        { query },
        { next: ({ errors }) => resolve((errors as ApiError[] | undefined)?.[0]?.extensions.code ?? null), error: (error) => resolve(codeOf(error)), complete: () => resolve(null) },
      );
      // Answered after what came before it on the socket: a subscription that has not been refused by then is open.
      socket.subscribe({ query: '{ __typename }' }, { next: () => resolve(null), error: () => undefined, complete: () => undefined });
    });
  } finally {
    await socket.dispose();
  }
}

test('the walk finds what is there', () => {
  expect(ADMIN_FIELDS.length).toBeGreaterThan(40);
  expect(FIELDS.map(({ field }) => field)).toEqual(expect.arrayContaining(['Query.samples', 'Mutation.trainModel', 'Subscription.sampleStats', 'Checkpoint.path', 'Mutation.search']));
});

describe.each(ADMIN_FIELDS.map((operation) => [operation.field, operation] as const))('%s', (_, operation) => {
  test('is refused without a key, with a wrong one, and with the public one', async () => {
    const posted = operation.kind !== OperationTypeNode.SUBSCRIPTION;
    expect(await Promise.all([overHttp(operation), overHttp(operation, WRONG_KEY), overHttp(operation, PUBLIC_KEY)])).toEqual(posted ? ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'FORBIDDEN'] : [expect.any(String), expect.any(String), 'BAD_REQUEST']);
    expect(await Promise.all([overSocket(operation), overSocket(operation, WRONG_KEY), overSocket(operation, PUBLIC_KEY)])).toEqual(['UNAUTHENTICATED', CloseCode.Forbidden, 'FORBIDDEN']);
  });
});

describe.each(PUBLIC_FIELDS.map((operation) => [operation.field, operation] as const))('%s', (_, operation) => {
  test('is refused without a key and with a wrong one, and not with the public one', async () => {
    expect(await Promise.all([overHttp(operation), overHttp(operation, WRONG_KEY)])).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(await Promise.all([overSocket(operation), overSocket(operation, WRONG_KEY)])).toEqual(['UNAUTHENTICATED', CloseCode.Forbidden]);
    expect(REFUSALS).not.toContain(await overHttp(operation, PUBLIC_KEY));
    expect(REFUSALS).not.toContain(await overSocket(operation, PUBLIC_KEY));
  });
});

test('the admin key is refused nothing that only looks', async () => {
  for (const operation of FIELDS.filter(({ kind }) => kind !== OperationTypeNode.MUTATION)) {
    expect({ field: operation.field, refused: REFUSALS.includes(String(await overSocket(operation, ADMIN_KEY))) }).toEqual({ field: operation.field, refused: false });
  }
});
