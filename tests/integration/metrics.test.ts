/** /metrics as Prometheus reads it: what happened is counted, what stands is shown, and the alert rules name what there is. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { startHearts, train, showAndClick, watch } from '../support/training.js';
import type { RunningApp } from '../support/running-app.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
const RULES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/alerts.yml');

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts({}, { RANKLOOP_ADMIN_KEYS: ADMIN_KEY, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY });
  log = await watch(running.client);
});

afterAll(async () => {
  await running.stop();
});

async function scrape(key = ADMIN_KEY): Promise<string> {
  const response = await fetch(`${running.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  return response.text();
}

/** The value of a series, named as it stands in the text. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

test('searches, samples, clicks, runs, the model that serves and the machine are there', async () => {
  await showAndClick(running.client, { lists: 3 });
  const before = await scrape();
  expect(valueOf(before, 'rankloop_searches_recorded_total')).toBe(3);
  expect(valueOf(before, 'rankloop_samples_recorded_total')).toBe(15);
  expect(valueOf(before, 'rankloop_clicks_recorded_total')).toBe(3);
  expect(valueOf(before, 'rankloop_samples')).toBe(15);
  expect(valueOf(before, 'rankloop_samples_clicked')).toBe(3);
  expect(valueOf(before, 'rankloop_samples_since_last_training')).toBe(15);
  expect(valueOf(before, 'rankloop_training_threshold_samples')).toBe(1_000_000);
  expect(valueOf(before, 'rankloop_active_ranker_info{ranker="base"}')).toBe(1);
  expect(valueOf(before, 'rankloop_active_model_age_seconds')).toBe(0);
  expect(valueOf(before, 'rankloop_training_runs_total{mode="ONLINE",status="SUCCEEDED"}')).toBe(0);
  expect(valueOf(before, 'rankloop_graphql_seconds_count{field="search"}')).toBe(3);

  const { checkpoint } = await train(running.client, log);
  await showAndClick(running.client, { lists: 1 });
  await train(running.client, log);
  const after = await scrape();
  expect(valueOf(after, 'rankloop_training_runs_total{mode="ONLINE",status="SUCCEEDED"}')).toBe(2);
  expect(valueOf(after, 'rankloop_training_run_seconds_count{mode="ONLINE"}')).toBe(2);
  expect(valueOf(after, 'rankloop_samples_since_last_training')).toBe(0);
  expect(valueOf(after, `rankloop_active_ranker_info{ranker="${checkpoint.id}"}`)).toBeNaN();
  expect(valueOf(after, 'rankloop_active_model_age_seconds')).toBeGreaterThan(0);
  expect(valueOf(after, 'rankloop_models_disk_free_bytes')).toBeGreaterThan(0);
  expect(valueOf(after, 'rankloop_writes_waiting{lane="clicks"}')).toBe(0);
  expect(valueOf(after, 'rankloop_database_connections{pool="requests",state="waiting"}')).toBe(0);
  expect(valueOf(after, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
});

test('operations over WebSocket are counted like those over HTTP, and the sockets', async () => {
  const before = await scrape();
  const stats = await running.client.subscribe('subscription { sampleStats { total } }');
  await stats.next((event: Answer) => event.sampleStats);
  const refused = await running.client.subscribe('subscription { nothing }');
  await expect(refused.next(() => true)).rejects.toThrow('GRAPHQL_VALIDATION_FAILED');
  const after = await scrape();
  const grown = (series: string): number => valueOf(after, series) - (valueOf(before, series) || 0);
  expect(grown('rankloop_sockets')).toBe(2);
  expect(grown('rankloop_graphql_subscriptions_total{field="sampleStats"}')).toBe(1);
  expect(grown('rankloop_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"}')).toBe(1);
  // What each asks for on its socket, to know that it is listened to.
  expect(grown('rankloop_graphql_seconds_count{field="__typename"}')).toBe(2);
});

test('errors are counted by code, requests by route: no client can make labels', async () => {
  await running.client.raw('{ documents(first: 0) { edges { node { id } } } }');
  await fetch(`${running.url}/no/such/path-${Math.random()}`);
  const text = await scrape();
  expect(valueOf(text, 'rankloop_graphql_errors_total{code="BAD_USER_INPUT"}')).toBe(1);
  expect(valueOf(text, 'rankloop_graphql_errors_total{code="INTERNAL_SERVER_ERROR"}')).toBe(0);
  expect(text).not.toContain('no/such');
  expect(text).toMatch(/rankloop_http_requests_total\{method="GET",route="\/\*?",status="404"\}|rankloop_http_requests_total\{method="GET",route="none",status="404"\}/);
});

test.each([
  ['no key', {}, 401, 'UNAUTHENTICATED'],
  ['a wrong one', { authorization: 'Bearer wrong-0123456789abcdef' }, 401, 'UNAUTHENTICATED'],
  ['a public one', { authorization: `Bearer ${PUBLIC_KEY}` }, 403, 'FORBIDDEN'],
])('with %s nothing is shown', async (_title, headers: Record<string, string>, status, code) => {
  const response = await fetch(`${running.url}/metrics`, { headers });
  expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { errors: [{ extensions: { code } }] } });
});

test('every metric that an alert rule names is there', async () => {
  const text = await scrape();
  const named = [...readFileSync(RULES, 'utf8').matchAll(/\b(?:rankloop|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect({ name, found: text.includes(`\n${name}{`) || text.includes(`\n${name} `) }).toEqual({ name, found: true });
});

const hasPromtool = (() => {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

if (!hasPromtool) process.stderr.write('docs/alerts.yml and /metrics are not checked: promtool is not on the PATH (Debian has it in the package prometheus).\n');

(hasPromtool ? test : test.skip)('the alert rules and the figures are as Prometheus wants them (needs promtool)', async () => {
  expect(execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' })).toContain('SUCCESS');
  // Node's own figures come as prom-client names them.
  const ours = (await scrape()).split('\n').filter((line) => line.includes('rankloop_'));
  execFileSync('promtool', ['check', 'metrics'], { input: `${ours.join('\n')}\n`, encoding: 'utf8' });
});
