/** The bare counterpart: node:http and pg, one row a transaction; what recordClick is compared with. Its own process: `bare-server.ts DATABASE_URL`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';

/** As many as the server's own pool holds. */
const CONNECTIONS = 20;

const pool = new pg.Pool({ connectionString: process.argv[2], max: CONNECTIONS });
await pool.query(`create table if not exists bare_click (
  search_id uuid, document_id text, event_id text, clicked_at timestamptz not null default now(), primary key (search_id, document_id, event_id))`);

const server = createServer((request, response) => {
  text(request)
    .then(async (body) => {
      const { input } = (JSON.parse(body) as { variables: { input: { searchId: string; documentId: string; eventId: string } } }).variables;
      await pool.query({
        name: 'click',
        text: 'insert into bare_click (search_id, document_id, event_id) values ($1, $2, $3) on conflict do nothing',
        values: [input.searchId, input.documentId, input.eventId],
      });
      response.setHeader('content-type', 'application/json').end('{"data":{"recordClick":{"duplicate":false}}}');
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`));
