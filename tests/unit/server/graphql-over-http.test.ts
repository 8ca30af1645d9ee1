/** The transport table: what is answered to each form of HTTP request. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { post, send, startTestServer, type TestServer } from './support.js';

let site: TestServer;
beforeAll(async () => {
  site = await startTestServer();
});
afterAll(() => site.server.stop());

describe('the audits of GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => site.graphql });

  test('there are 61', () => expect(audits).toHaveLength(61));

  test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
  });
});

describe('a faulty request is refused as JSON', () => {
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'multipart/form-data; boundary=x' };
  const query = '{ hello }';
  const cases: [string, RequestInit, number, string][] = [
    ['an empty body', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST'],
    ['no body and no type', { method: 'POST' }, 400, 'BAD_REQUEST'],
    ['{}', { method: 'POST', headers: json, body: '{}' }, 400, 'BAD_REQUEST'],
    ['null', { method: 'POST', headers: json, body: 'null' }, 400, 'BAD_REQUEST'],
    ['truncated JSON', { method: 'POST', headers: json, body: '{"query":"{ hel' }, 400, 'BAD_REQUEST'],
    ['query: null', { method: 'POST', headers: json, body: '{"query":null}' }, 400, 'BAD_REQUEST'],
    ['query: 5', { method: 'POST', headers: json, body: '{"query":5}' }, 400, 'BAD_REQUEST'],
    ['query: ""', { method: 'POST', headers: json, body: '{"query":""}' }, 400, 'BAD_REQUEST'],
    ['an array batch', { method: 'POST', headers: json, body: JSON.stringify([{ query }, { query }]) }, 400, 'BAD_REQUEST'],
    ['variables: "x"', { method: 'POST', headers: json, body: JSON.stringify({ query, variables: 'x' }) }, 400, 'BAD_REQUEST'],
    ['a persisted query', { method: 'POST', headers: json, body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }) }, 200, 'PERSISTED_QUERY_NOT_SUPPORTED'],
    ['a prototype in the variables', { method: 'POST', headers: json, body: '{"query":"{ hello }","variables":{"__proto__":{"polluted":true}}}' }, 400, 'BAD_REQUEST'],
    ['multipart', { method: 'POST', headers: form, body: '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--' }, 415, 'BAD_REQUEST'],
    ['text/plain', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query }) }, 415, 'BAD_REQUEST'],
    ['a urlencoded form', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={hello}' }, 415, 'BAD_REQUEST'],
    ['a subscription', { method: 'POST', headers: json, body: JSON.stringify({ query: 'subscription { ticks }' }) }, 400, 'BAD_REQUEST'],
    ['PUT', { method: 'PUT', headers: json, body: JSON.stringify({ query }) }, 405, 'BAD_REQUEST'],
    ['PATCH', { method: 'PATCH', headers: json, body: JSON.stringify({ query }) }, 405, 'BAD_REQUEST'],
    ['DELETE', { method: 'DELETE' }, 405, 'BAD_REQUEST'],
    ['an operationName that is not there', { method: 'POST', headers: json, body: JSON.stringify({ query, operationName: 'other' }) }, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['a syntax error', { method: 'POST', headers: json, body: JSON.stringify({ query: '{ hello' }) }, 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { method: 'POST', headers: json, body: JSON.stringify({ query: '{ goodbye }' }) }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a variable of another type', { method: 'POST', headers: json, body: JSON.stringify({ query: 'query($n: String!) { hello(name: $n) }', variables: { n: 5 } }) }, 400, 'BAD_USER_INPUT'],
    ['a missing variable', { method: 'POST', headers: json, body: JSON.stringify({ query: 'query($n: String!) { hello(name: $n) }' }) }, 400, 'BAD_USER_INPUT'],
  ];

  test.each(cases)('%s', async (_name, init, status, code) => {
    const answer = await send(site.graphql, { ...init, headers: { accept: 'text/html,*/*', ...init.headers } });
    expect(answer.headers.get('content-type')).toMatch(/json/);
    expect({ status: answer.status, code: answer.body.errors?.[0]?.extensions.code }).toEqual({ status, code });
  });

  test('a mutation by GET is refused with 405', async () => {
    const answer = await send(`${site.graphql}?query=${encodeURIComponent('mutation { bump }')}`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test('HEAD is refused with 405', async () => {
    expect((await send(site.graphql, { method: 'HEAD' })).status).toBe(405);
  });

  test('an argument that a variable left null is the client’s mistake', async () => {
    const answer = await post(site.graphql, { query: 'query($n: String) { hello(name: $n) }', variables: { n: null } });
    expect(answer.body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('at most five validation errors are reported', async () => {
    const answer = await post(site.graphql, { query: `{ ${Array.from({ length: 50 }, (_, n) => `unknown${n}`).join(' ')} }` });
    expect(answer.body.errors?.length).toBeLessThanOrEqual(6);
    expect(answer.body.errors?.at(-1)?.message).toMatch(/limit/i);
  });
});

describe('faults of the document', () => {
  test.each([
    ['application/json', 200],
    ['application/json, multipart/mixed', 200],
    ['application/graphql-response+json', 400],
    ['application/graphql-response+json, application/json;q=0.9', 400],
    ['*/*', 400],
  ])('are answered to a client that accepts %s with %i', async (accept, status) => {
    expect((await post(site.graphql, { query: '{ goodbye }' }, { accept })).status).toBe(status);
  });
});

test('every response carries the id that resolvers were given', async () => {
  const answer = await post(site.graphql, { query: '{ requestId }' }, { 'x-request-id': 'mine' });
  expect(answer.body.data?.requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.body.data?.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test('no answer of the API is kept by a cache', async () => {
  expect((await send(`${site.graphql}?query={hello}`)).headers.get('cache-control')).toBe('no-store');
});
