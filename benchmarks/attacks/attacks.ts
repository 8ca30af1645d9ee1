/** What somebody sends who wants to keep the server busy, one request or message beyond each limit. */
import { Agent, request as send } from 'node:http';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import type { Headers } from '../loop/api.js';

export interface Attack {
  name: string;
  /** Makes one attempt; resolves when it is refused, with how; rejects when it is not. The headers say who sends it. */
  attempt: (url: string, sender: Headers) => Promise<string>;
}

const { maxAliases, maxBodyBytes, maxDepth, maxDirectives, maxImportBodyBytes, maxMutationRootFields, maxSocketFrameBytes, maxSubscriptionsPerSocket, maxTokens } = DEFAULT_LIMITS;
const times = (count: number, text: (n: number) => string): string => Array.from({ length: count }, (_, n) => text(n)).join(' ');
const agent = new Agent({ keepAlive: true });

function posted(body: string, headers: Record<string, string> = {}): Attack['attempt'] {
  const bytes = Buffer.from(body);
  return (url, sender) =>
    new Promise((resolve, reject) => {
      const request = send(`${url}/graphql`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...sender, ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
          if (code === undefined || code === 'INTERNAL_SERVER_ERROR') reject(new Error(`not refused: ${response.statusCode} ${text.slice(0, 200)}`));
          else resolve(`${response.statusCode} ${code}`);
          request.destroy();
        });
      });
      // The server may hang up on who goes on sending; what it said before that counts.
      request.on('error', () => resolve('hung up'));
      request.on('close', () => resolve('hung up'));
      request.end(bytes);
    });
}

const query = (text: string): Attack['attempt'] => posted(JSON.stringify({ query: text }));

/** A socket that has been let in; what follows is how it is refused. */
function overSocket(strike: (socket: WebSocket, refused: (how: string) => void) => void): Attack['attempt'] {
  return async (url, headers) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    try {
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init' }));
      const closed = once(socket, 'close').then(([code]) => `closed with ${code}`);
      const early = await Promise.race([once(socket, 'message').then(() => null), closed]);
      if (early !== null) return early;
      return await new Promise<string>((resolve) => {
        void closed.then(resolve);
        strike(socket, resolve);
      });
    } finally {
      socket.terminate();
    }
  };
}

export const ATTACKS: readonly Attack[] = [
  { name: 'a body too large', attempt: posted(JSON.stringify({ query: `{ __typename } #${'x'.repeat(maxBodyBytes)}` })) },
  { name: 'an import too large', attempt: posted(JSON.stringify({ query: 'mutation($d: [DocumentInput!]!) { importDocuments(input: { documents: $d }) { imported } }', variables: { d: [{ id: 'x', title: 'x', body: 'x'.repeat(maxImportBodyBytes) }] } })) },
  { name: 'too many tokens', attempt: query(`{ ${times(maxTokens, () => '__typename')} }`) },
  { name: 'a body full of tokens', attempt: query(`{ ${'a '.repeat(maxBodyBytes / 2 - 100)} }`) },
  { name: 'too deep', attempt: query(`{ samples { edges ${'{ node '.repeat(maxDepth)} { id } ${'}'.repeat(maxDepth)} } }`) },
  { name: 'too deep an introspection', attempt: query(`{ __schema { types { fields { type ${'{ ofType '.repeat(40)} { name } ${'}'.repeat(40)} } } } }`) },
  { name: 'too many aliases', attempt: query(`{ ${times(maxAliases + 100, (n) => `a${n}: __typename`)} }`) },
  { name: 'aliases through fragments', attempt: query(`{ ...F ...F ...F } fragment F on Query { ${times(15, (n) => `a${n}: sampleStats { total }`)} }`) },
  { name: 'too many directives', attempt: query(`{ __typename ${times(maxDirectives + 100, () => '@include(if: true)')} }`) },
  { name: 'too many mutations', attempt: query(`mutation { ${times(maxMutationRootFields + 4, (n) => `a${n}: search(input: { query: "heart" }) { searchId }`)} }`) },
  { name: 'fragments that double', attempt: query(`{ ...F0 } ${times(40, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F40 on Query { nothing }`) },
  { name: 'circular fragments', attempt: query('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }') },
  { name: 'many unknown fields', attempt: query(`{ ${times(400, (n) => `unknown${n}`)} }`) },
  { name: 'a batch', attempt: posted(JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ sampleStats { total } }' })))) },
  { name: 'broken JSON', attempt: posted(`{"query": "${'x'.repeat(500_000)}`) },
  { name: 'a query of 100,000 letters', attempt: posted(JSON.stringify({ query: 'mutation($q: String!) { search(input: { query: $q }) { searchId } }', variables: { q: 'x'.repeat(100_000) } })) },
  { name: 'a foreign origin', attempt: posted(JSON.stringify({ query: '{ sampleStats { total } }' }), { origin: 'https://evil.example' }) },
  { name: 'a frame too large', attempt: overSocket((socket) => socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: `{ __typename } #${'x'.repeat(maxSocketFrameBytes)}` } }))) },
  {
    name: 'too many subscriptions',
    attempt: overSocket((socket, refused) => {
      socket.on('message', (text: Buffer) => {
        // A public key may not subscribe at all.
        const code = /RATE_LIMITED|FORBIDDEN/.exec(text.toString())?.[0];
        if (code !== undefined) refused(code);
      });
      for (let id = 0; id <= maxSubscriptionsPerSocket; id++) socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: 'subscription { modelReloaded { reason } }' } }));
    }),
  },
  { name: 'garbage on a socket', attempt: overSocket((socket) => socket.send('garbage')) },
];
