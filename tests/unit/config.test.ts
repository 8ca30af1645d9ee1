/** The configuration: defaults, what each variable may be, and faults reported all at once. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { LANGUAGES } from '../../src/catalog-index/languages.js';
import { ConfigError, readConfig } from '../../src/config.js';

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
    allowedOrigins: [],
    allowedHosts: [],
    logLevel: 'info',
    logFormat: 'pretty',
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
    logLevel: 'debug',
    logFormat: 'pretty',
  });
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
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'HOST', 'DATABASE_URL', 'RANKLOOP_LANGUAGE', 'RANKLOOP_ALLOWED_ORIGINS', 'LOG_LEVEL', 'LOG_FORMAT']);
  expect(faults.join('\n')).not.toContain('secret');
  expect(new ConfigError(faults).message).toContain('PORT must be a port number');
});

test.each(['-1', '4000.5', '0x10', 'http', '65536', '999999'])('PORT=%s is refused', (PORT) => {
  expect(faultsOf({ PORT })).toEqual(['PORT must be a port number from 0 to 65535']);
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.0.0.1.example.com'])('until there are keys HOST=%s is refused with the reason', (HOST) => {
  expect(faultsOf({ HOST })).toEqual([expect.stringMatching(/^HOST must be a loopback address .*keys/)]);
});

test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])('HOST=%s is loopback', (HOST) => {
  expect(readConfig({ HOST }, false).host).toBe(HOST);
});

test('a language is one that there are stop words and a stemmer for', () => {
  for (const language of LANGUAGES) expect(readConfig({ RANKLOOP_LANGUAGE: language }, false).language).toBe(language);
  const [fault = ''] = faultsOf({ RANKLOOP_LANGUAGE: 'English' });
  expect(fault).toBe(`RANKLOOP_LANGUAGE must be one of ${[...LANGUAGES].sort().join(', ')}`);
});
