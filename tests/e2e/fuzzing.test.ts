/** Whatever the schema lets a client send is answered: no internal error, nothing of the inside told, and the process goes on. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createSchema } from '../../src/resolvers/schema.js';
import { anyOperation, type AnyOperation } from '../support/any-operation.js';
import { click, HEARTS, importDocuments, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const REQUESTS = 5_000;
/** Sent together: as many as a crowd has under way. */
const TOGETHER = 25;
/** SQL, Prisma's codes and words, stack traces, places on this machine. */
const INSIDE = /\bselect\b.+\bfrom\b|\binsert into\b|\bupdate\b.+\bset\b|syntax error at|\bP\d{4}\b|prisma|postgres|\bpg_|node_modules|\.[jt]s:\d+|\/(home|root|tmp|usr|var)\//is;

const sdlDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../src/schema');
let running: RunningApp;

beforeAll(async () => {
  running = await startApp({ LOG_LEVEL: 'silent' });
  await importDocuments(running.client, HEARTS);
  const { searchId } = await search(running.client, 'heart');
  await click(running.client, searchId, 'red');
});

afterAll(async () => {
  await running.stop();
});

async function send({ query, variables }: AnyOperation): Promise<{ status: number; text: string }> {
  const response = await fetch(`${running.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
  return { status: response.status, text: await response.text() };
}

test(`${REQUESTS} requests made from the schema`, async () => {
  const schema = createSchema({ sdlDir, translate: (error) => error });
  const operations = fc.sample(anyOperation(schema), { numRuns: REQUESTS, seed: 20_261_128 });
  const faults: unknown[] = [];
  let answered = 0;
  for (let from = 0; from < operations.length; from += TOGETHER) {
    const some = operations.slice(from, from + TOGETHER);
    const answers = await Promise.all(some.map(send));
    answers.forEach(({ status, text }, nth) => {
      const body = JSON.parse(text) as { data?: object; errors?: { message: string; extensions: { code: string } }[] };
      const codes = body.errors?.map(({ extensions }) => extensions.code) ?? [];
      if (body.data) answered++;
      // What was sent may come back in a message; what is looked for is ours.
      const told = (body.errors ?? []).map(({ message }) => message).join('\n');
      if (status >= 500 || codes.includes('INTERNAL_SERVER_ERROR') || INSIDE.test(told)) faults.push({ ...some[nth], status, text: text.slice(0, 400) });
    });
  }
  expect(faults.slice(0, 5)).toEqual([]);
  // The schema was really gone through: every root field was asked, and many requests were good.
  const roots = ['Query', 'Mutation'].flatMap((type) => Object.keys((schema.getType(type) as unknown as { getFields(): object }).getFields()));
  const asked = new Set(operations.map(({ query }) => /\{ (\w+)/.exec(query)?.[1]));
  expect(roots.filter((field) => !asked.has(field))).toEqual([]);
  expect(answered).toBeGreaterThan(REQUESTS / 10);
  expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
  expect((await running.client.query('{ sampleStats { total } }')).sampleStats.total).toBeGreaterThanOrEqual(0);
}, 240_000);
