/**
 * The bare counterparts: node:http and pg, what recordClick is compared with. Its own process: `bare-server.ts DATABASE_URL one|group`,
 * a click a transaction, or group commit (one insert under way, what arrives meanwhile goes into the next).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';

/** As many as the server's own pool holds. */
const CONNECTIONS = 20;

interface Click {
  searchId: string;
  documentId: string;
  eventId: string;
}

const [databaseUrl, kind] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
await pool.query(`create table if not exists bare_click (
  search_id uuid, document_id text, event_id text, clicked_at timestamptz not null default now(), primary key (search_id, document_id, event_id))`);

async function insertOne({ searchId, documentId, eventId }: Click): Promise<void> {
  await pool.query({
    name: 'click',
    text: 'insert into bare_click (search_id, document_id, event_id) values ($1, $2, $3) on conflict do nothing',
    values: [searchId, documentId, eventId],
  });
}

let waiting: { click: Click; resolve: () => void; reject: (error: unknown) => void }[] = [];
let isUnderWay = false;

function insertInGroup(click: Click): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ click, resolve, reject });
    if (!isUnderWay) void insertGroups();
  });
}

async function insertGroups(): Promise<void> {
  isUnderWay = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await pool
      .query({
        name: 'clicks',
        text: 'insert into bare_click (search_id, document_id, event_id) select * from unnest($1::uuid[], $2::text[], $3::text[]) on conflict do nothing',
        values: [group.map(({ click }) => click.searchId), group.map(({ click }) => click.documentId), group.map(({ click }) => click.eventId)],
      })
      .then(() => group.forEach(({ resolve }) => resolve()), (error: unknown) => group.forEach(({ reject }) => reject(error)));
  }
  isUnderWay = false;
}

const insert = kind === 'group' ? insertInGroup : insertOne;
const server = createServer((request, response) => {
  text(request)
    .then(async (body) => {
      await insert((JSON.parse(body) as { variables: { input: Click } }).variables.input);
      response.setHeader('content-type', 'application/json').end('{"data":{"recordClick":{"duplicate":false}}}');
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`));
