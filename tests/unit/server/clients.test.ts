/** Whom limits are counted for, on real requests. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { clientOf, trustedProxies } from '../../../src/server/clients.js';
import type { Role } from '../../../src/server/gatekeeper.js';

/** Whom a server on loopback counts a request with such a header for. */
async function counted(role: Role, proxies: readonly string[], forwardedFor: string | null): Promise<string | null> {
  const trusted = trustedProxies(proxies);
  const server = createServer((request, response) => response.end(JSON.stringify(clientOf(request, role, trusted)))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close', ...(forwardedFor === null ? {} : { 'x-forwarded-for': forwardedFor }) } });
    return (await response.json()) as string | null;
  } finally {
    server.close();
  }
}

test.each<[string, string[], string | null, string]>([
  ['the address itself without a header', [], null, '127.0.0.1'],
  ['the address itself where no proxy is trusted, whatever is claimed', [], '203.0.113.7', '127.0.0.1'],
  ['the address itself where another proxy is trusted', ['10.0.0.0/8'], '203.0.113.7', '127.0.0.1'],
  ['what a trusted proxy saw', ['loopback'], '203.0.113.7', '203.0.113.7'],
  ['the last that is no trusted proxy', ['loopback', '10.0.0.0/8'], '198.51.100.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
  ['the network of an IPv6 address', ['loopback'], '2001:DB8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['the same in its short form', ['loopback'], '2001:db8::1', '2001:db8'],
])('%s', async (_title, proxies, forwardedFor, client) => {
  expect(await counted('public', proxies, forwardedFor)).toBe(client);
});

test('an admin is nobody that limits are counted for', async () => {
  expect(await counted('admin', [], null)).toBeNull();
});
