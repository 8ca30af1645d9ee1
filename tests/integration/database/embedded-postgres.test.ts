/** The embedded server's life: first and later starts, one owner at a time, what kill -9 leaves, half a start. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createPool } from '../../../src/database/pool.js';
import { createLogger } from '../../../src/logger.js';
import { embeddedIn, makeFolder, query, removeDataDir, serverLog, startProcess, stopAll } from './embedded-support.js';

jest.setTimeout(120_000);

const logger = createLogger({ level: 'silent', format: 'json' });
let dataDir: string;

beforeAll(async () => {
  dataDir = await makeFolder();
});
afterEach(stopAll);
afterAll(async () => {
  await removeDataDir(dataDir);
});

describe('a data folder, from its first start on', () => {
  test('two first starts at once make one database, one after the other owns it', async () => {
    const both = [embeddedIn(dataDir), embeddedIn(dataDir)];
    const first = await Promise.race(both.map(async (embedded) => embedded.start().then(() => embedded)));
    const second = both.find((embedded) => embedded !== first)!;
    await query(await first.start(), 'create table note (text text)');
    await first.stop();
    expect(await query(await second.start(), 'select * from note')).toEqual([]);
    await second.stop();
  });

  test('the server is durable, speaks UTF-8 and listens on a private socket only', async () => {
    const embedded = embeddedIn(dataDir);
    const address = await embedded.start();
    const settings = await query(address, `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'server_encoding')`);
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
    });
    await query(address, 'create extension pg_trgm');
    expect(await query(address, `select show_trgm('搜索') <> '{}' as chinese, show_trgm('ค้นหา') <> '{}' as thai`)).toEqual([{ chinese: true, thai: true }]);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o7).toBe(0);
    await embedded.stop();
  });

  test('a later start makes nothing anew and finds a clean shutdown', async () => {
    const made = (await stat(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).mtimeMs;
    const before = (await serverLog(dataDir)).length;
    const embedded = embeddedIn(dataDir);
    await embedded.start();
    await embedded.stop();
    expect((await stat(join(dataDir, 'postgres', 'data', 'PG_VERSION'))).mtimeMs).toBe(made);
    const log = (await serverLog(dataDir)).slice(before);
    expect(log).toContain('database system was shut down at');
    expect(log.trimEnd()).toMatch(/database system is shut down$/);
    expect(log).not.toContain('not properly shut down');
  });

  test('a process that is told to stop leaves a stopped server and the exit code 0', async () => {
    const owner = await startProcess(dataDir);
    expect(await owner.end('SIGTERM')).toBe(0);
    await expect(stat(join(dataDir, 'postgres', 'data', 'postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('one owner at a time', () => {
  test('a second process is refused after its wait, and told who has it', async () => {
    const owner = await startProcess(dataDir);
    const second = embeddedIn(dataDir, { ownershipTimeoutMs: 300 });
    await expect(second.start()).rejects.toThrow(new RegExp(`in use by another Rankloop \\(process ${owner.child.pid}\\).*RANKLOOP_DATA_DIR`, 's'));
    await second.stop();
    expect(await query(owner.said.address, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    await owner.end('SIGTERM');
  });

  test('a second process that waits takes over when the first stops', async () => {
    const owner = await startProcess(dataDir);
    const second = embeddedIn(dataDir);
    const started = second.start();
    await owner.end('SIGTERM');
    expect(await query(await started, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    await second.stop();
  });
});

describe('after kill -9', () => {
  test('of the owner, the next start adopts the running server', async () => {
    const owner = await startProcess(dataDir);
    await query(owner.said.address, `insert into note values ('acknowledged before the owner was killed')`);
    await owner.end('SIGKILL');
    const next = embeddedIn(dataDir);
    const address = await next.start();
    expect(await next.serverPid()).toBe(owner.said.serverPid);
    expect(await query(address, 'select count(*)::int as notes from note')).toEqual([{ notes: 1 }]);
    await next.stop();
    expect(await next.serverPid()).toBeUndefined();
  });

  test('of owner and server, the next start recovers, also when another process has the dead one’s id', async () => {
    const owner = await startProcess(dataDir);
    await query(owner.said.address, `insert into note values ('acknowledged before both were killed')`);
    process.kill(owner.child.pid!, 'SIGSTOP');
    process.kill(owner.said.serverPid, 'SIGKILL');
    await owner.end('SIGKILL');
    const somebody = String(process.pid);
    for (const file of ['data/postmaster.pid', 'socket/.s.PGSQL.5432.lock']) {
      const path = join(dataDir, 'postgres', file);
      await writeFile(path, (await readFile(path, 'utf8')).replace(String(owner.said.serverPid), somebody));
    }
    const next = embeddedIn(dataDir);
    const address = await next.start();
    expect(await query(address, 'select count(*)::int as notes from note')).toEqual([{ notes: 2 }]);
    expect(await serverLog(dataDir)).toContain('was not properly shut down; automatic recovery in progress');
    await next.stop();
  });

  test('of the server alone, its owner starts it again and pools recover within five seconds', async () => {
    const embedded = embeddedIn(dataDir);
    const pool = createPool(await embedded.start(), { logger });
    await pool.query('select 1');
    const killed = (await embedded.serverPid())!;
    const killedAt = performance.now();
    process.kill(killed, 'SIGKILL');
    // A backend that was left answers for a moment longer.
    while ((await embedded.serverPid()) === killed || !(await pool.query('select 1').then(() => true, () => false))) await sleep(20);
    const tookMs = performance.now() - killedAt;
    expect(await embedded.serverPid()).not.toBe(killed);
    expect(tookMs).toBeLessThan(5_000);
    await pool.end();
    await embedded.stop();
  });

  test('of one backend, the owner stays the owner', async () => {
    const embedded = embeddedIn(dataDir);
    const address = await embedded.start();
    const owns = `select count(*)::int as owners from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = 'postgres')`;
    const [row] = await query(address, `select pid from pg_stat_activity where application_name like 'rankloop owner%'`);
    process.kill(Number(row!.pid), 'SIGKILL');
    const deadline = performance.now() + 10_000;
    for (;;) {
      const [owners] = await query(address, owns).catch(() => []);
      if (owners?.owners === 1) break;
      expect(performance.now()).toBeLessThan(deadline);
      await sleep(20);
    }
    await embedded.stop();
  });
});

describe('half a start', () => {
  test('that is stopped leaves nothing running', async () => {
    const embedded = embeddedIn(dataDir);
    const started = embedded.start();
    const outcome = started.then(() => 'started', () => 'given up');
    await embedded.stop();
    expect(['started', 'given up']).toContain(await outcome);
    expect(await embedded.serverPid()).toBeUndefined();
  });

  test('started and stopped twice is started and stopped once', async () => {
    const embedded = embeddedIn(dataDir);
    expect(embedded.start()).toBe(embedded.start());
    await embedded.start();
    expect(embedded.stop()).toBe(embedded.stop());
    await embedded.stop();
    await embeddedIn(dataDir).stop();
  });

  test('a server that cannot start says why', async () => {
    const embedded = embeddedIn(dataDir, { settings: { shared_buffers: 'plenty' } });
    await expect(embedded.start()).rejects.toThrow(/did not start; set DATABASE_URL.*invalid value for parameter "shared_buffers"/s);
    await embedded.stop();
  });

  test('a database made by another major version is refused', async () => {
    const file = join(dataDir, 'postgres', 'data', 'PG_VERSION');
    const version = await readFile(file, 'utf8');
    await writeFile(file, '17\n');
    const embedded = embeddedIn(dataDir);
    await expect(embedded.start()).rejects.toThrow(/was made by PostgreSQL 17.*pg_dump/s);
    await embedded.stop();
    await writeFile(file, version);
  });
});

test('removing the data folder starts afresh', async () => {
  await rm(join(dataDir, 'postgres'), { recursive: true });
  const embedded = embeddedIn(dataDir);
  expect(await query(await embedded.start(), `select to_regclass('note') as note`)).toEqual([{ note: null }]);
  await embedded.stop();
});
