/** Whom limits are counted for, and where requests come from, on real requests. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { senderOf, trustedProxies } from '../../../src/server/clients.js';
import type { Role } from '../../../src/server/gatekeeper.js';

/** What a server on loopback makes of a request with such a header. */
async function sender(role: Role, proxies: readonly string[], forwardedFor: string | null, hasKeys = true): Promise<ReturnType<typeof senderOf>> {
  const trusted = trustedProxies(proxies);
  const server = createServer((request, response) => response.end(JSON.stringify(senderOf(request, role, trusted, hasKeys)))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close', ...(forwardedFor === null ? {} : { 'x-forwarded-for': forwardedFor }) } });
    return (await response.json()) as ReturnType<typeof senderOf>;
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
])('%s', async (_title, proxies, forwardedFor, address) => {
  expect(await sender('public', proxies, forwardedFor)).toEqual({ client: address, address });
});

test('who shows an admin key is nobody that limits are counted for, and asks for others', async () => {
  expect(await sender('admin', [], null)).toEqual({ client: null, address: null });
});

test('without keys nobody is limited, and everybody has an address', async () => {
  expect(await sender('admin', ['loopback'], '203.0.113.7', false)).toEqual({ client: null, address: '203.0.113.7' });
});
