/** The configuration: defaults, what each variable may be, and faults reported all at once. */
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LANGUAGES } from '../../src/catalog-index/languages.js';
import { ConfigError, readConfig } from '../../src/config.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env, false);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('an empty environment gives the documented defaults', () => {
  expect(readConfig({}, true)).toEqual({
    port: 4000,
    host: '127.0.0.1',
    databaseUrl: null,
    dataDir: path.resolve('.rankloop'),
    modelsDir: path.resolve('models'),
    language: 'english',
    adminKeys: [],
    publicKeys: [],
    allowedOrigins: [],
    allowedHosts: [],
    trustedProxies: [],
    searchesPerMinute: 600,
    clicksPerMinute: 300,
    faultsPerMinute: 60,
    limits: DEFAULT_LIMITS,
    logLevel: 'info',
    logFormat: 'pretty',
    tracing: false,
    startedByNpm: false,
  });
  expect(readConfig({}, false).logFormat).toBe('json');
  expect(readConfig({ npm_lifecycle_event: 'start' }, false).startedByNpm).toBe(true);
});

test('given values are read, lists by commas, and an empty variable counts as unset', () => {
  const config = readConfig(
    {
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://u:p@host/db',
      RANKLOOP_DATA_DIR: '/tmp/a folder',
      RANKLOOP_MODELS_DIR: '',
      RANKLOOP_LANGUAGE: 'german',
      RANKLOOP_ALLOWED_ORIGINS: 'https://shop.example.com, http://localhost:3000,',
      RANKLOOP_ALLOWED_HOSTS: ' search.internal ,search.internal:4000',
      RANKLOOP_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8, 2001:db8::/32, 192.0.2.1',
      RANKLOOP_SEARCHES_PER_MINUTE: '0',
      RANKLOOP_CLICKS_PER_MINUTE: '100',
      RANKLOOP_FAULTS_PER_MINUTE: '7',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'pretty',
    },
    false,
  );
  expect(config).toMatchObject({
    port: 0,
    host: '::1',
    databaseUrl: 'postgresql://u:p@host/db',
    dataDir: path.resolve('/tmp/a folder'),
    modelsDir: path.resolve('models'),
    language: 'german',
    allowedOrigins: ['https://shop.example.com', 'http://localhost:3000'],
    allowedHosts: ['search.internal', 'search.internal:4000'],
    trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::/32', '192.0.2.1'],
    searchesPerMinute: 0,
    clicksPerMinute: 100,
    faultsPerMinute: 7,
    logLevel: 'debug',
    logFormat: 'pretty',
  });
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
])('%j makes tracing %s', (env, tracing) => {
  expect(readConfig(env, false).tracing).toBe(tracing);
});

test('an endpoint of traces is an address', () => {
  expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317' })).toEqual([expect.stringMatching(/^OTEL_EXPORTER_OTLP_ENDPOINT must be/)]);
});

test('every fault is reported at once, one line a variable, without repeating a password', () => {
  const faults = faultsOf({
    PORT: '70000',
    HOST: '0.0.0.0',
    DATABASE_URL: 'mysql://u:secret@host/db',
    RANKLOOP_LANGUAGE: 'klingon',
    RANKLOOP_ALLOWED_ORIGINS: 'https://shop.example.com/path',
    LOG_LEVEL: 'loud',
    LOG_FORMAT: 'xml',
  });
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'DATABASE_URL', 'RANKLOOP_LANGUAGE', 'RANKLOOP_ALLOWED_ORIGINS', 'LOG_LEVEL', 'LOG_FORMAT', 'HOST']);
  expect(faults.join('\n')).not.toContain('secret');
  expect(new ConfigError(faults).message).toContain('PORT must be a port number');
});

test.each(['somewhere', '10.0.0.0/33', '::1/129', '10.0.0.0/8/8', '300.1.1.1'])('RANKLOOP_TRUSTED_PROXIES=%s is refused', (RANKLOOP_TRUSTED_PROXIES) => {
  expect(faultsOf({ RANKLOOP_TRUSTED_PROXIES })).toEqual([expect.stringMatching(/^RANKLOOP_TRUSTED_PROXIES must be/)]);
});

test('a limit is a whole number; of clicks, enough for one call of recordClicks', () => {
  expect(faultsOf({ RANKLOOP_SEARCHES_PER_MINUTE: '1.5', RANKLOOP_CLICKS_PER_MINUTE: '99' })).toEqual(['RANKLOOP_SEARCHES_PER_MINUTE must be a whole number; 0 for no limit', 'RANKLOOP_CLICKS_PER_MINUTE must be 0, for no limit, or at least 100: so many are allowed in one call']);
});

test.each(['-1', '4000.5', '0x10', 'http', '65536', '999999'])('PORT=%s is refused', (PORT) => {
  expect(faultsOf({ PORT })).toEqual(['PORT must be a port number from 0 to 65535']);
});

const ADMIN = 'admin-0123456789abcdef';
const PUBLIC = 'public-0123456789abcdef';

describe.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com'])('HOST=%s, which others can reach,', (HOST) => {
  test.each(['', ' , '])('is refused without keys (%j), with the reason', (RANKLOOP_ADMIN_KEYS) => {
    expect(faultsOf({ HOST, RANKLOOP_ADMIN_KEYS })).toEqual([expect.stringMatching(/^HOST is .*RANKLOOP_ADMIN_KEYS/)]);
  });

  test('is listened on with keys', () => {
    expect(readConfig({ HOST, RANKLOOP_ADMIN_KEYS: ADMIN }, false).host).toBe(HOST);
  });
});

test('there may be several keys of each kind', () => {
  expect(readConfig({ RANKLOOP_ADMIN_KEYS: `${ADMIN}, ${ADMIN}2`, RANKLOOP_PUBLIC_KEYS: PUBLIC }, false)).toMatchObject({ adminKeys: [ADMIN, `${ADMIN}2`], publicKeys: [PUBLIC] });
});

test.each(['short', `${ADMIN},hunter2`, `${ADMIN} ${ADMIN}`, `${ADMIN}"`, `${ADMIN}ä`])('a key that is short, or no header could carry, is refused without being repeated: %s', (RANKLOOP_ADMIN_KEYS) => {
  const faults = faultsOf({ RANKLOOP_ADMIN_KEYS });
  expect(faults).toEqual([expect.stringMatching(/^RANKLOOP_ADMIN_KEYS must be .*at least 16/)]);
  expect(faults.join()).not.toContain(RANKLOOP_ADMIN_KEYS);
});

test('public keys alone, or keys that are of both kinds, are refused', () => {
  expect(faultsOf({ RANKLOOP_PUBLIC_KEYS: PUBLIC })).toEqual([expect.stringContaining('RANKLOOP_PUBLIC_KEYS needs RANKLOOP_ADMIN_KEYS')]);
  expect(faultsOf({ RANKLOOP_PUBLIC_KEYS: `${PUBLIC},${ADMIN}`, RANKLOOP_ADMIN_KEYS: ADMIN })).toEqual([expect.stringContaining('RANKLOOP_PUBLIC_KEYS must not have')]);
});

test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])('HOST=%s is loopback', (HOST) => {
  expect(readConfig({ HOST }, false).host).toBe(HOST);
});

test('a language is one that there are stop words and a stemmer for', () => {
  for (const language of LANGUAGES) expect(readConfig({ RANKLOOP_LANGUAGE: language }, false).language).toBe(language);
  const [fault = ''] = faultsOf({ RANKLOOP_LANGUAGE: 'English' });
  expect(fault).toBe(`RANKLOOP_LANGUAGE must be one of ${[...LANGUAGES].sort().join(', ')}`);
});

test('the limits of requests, documents and sockets may be set; what is no whole number is refused', () => {
  expect(readConfig({ RANKLOOP_MAX_DEPTH: '12', RANKLOOP_MAX_BODY_BYTES: '2000000' }, false).limits).toEqual({ ...DEFAULT_LIMITS, maxDepth: 12, maxBodyBytes: 2_000_000 });
  for (const RANKLOOP_MAX_TOKENS of ['0', '-1', '1.5', '1e3', 'many', '1000000000']) expect(faultsOf({ RANKLOOP_MAX_TOKENS })).toEqual(['RANKLOOP_MAX_TOKENS must be a whole number from 1 to 999999999']);
});
