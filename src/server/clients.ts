/** Who a request comes from, as far as limits are concerned: an address, seen through the proxies that are trusted. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import type { Role } from './gatekeeper.js';

export interface Sender {
  /** Whom limits are counted for; null: nobody. */
  client: string | null;
  /** Where it comes from, as limits have it; null: from an operator's own server, which asks for others. */
  address: string | null;
}

/** What a request's context is made of. */
export interface RequestFacts extends Sender {
  id: string;
}

/** Of an IPv6 address, what a provider gives to one household. */
const IPV6_NETWORK_GROUPS = 4;

export type TrustedProxies = (address: string, hop: number) => boolean;

/** @param proxies addresses, networks (10.0.0.0/8), or the names loopback, linklocal, uniquelocal */
export function trustedProxies(proxies: readonly string[]): TrustedProxies {
  return proxyAddr.compile([...proxies]);
}

/** Whom limits are counted for (nobody, if an admin: that key is not limited), and where the request comes from, unless an admin's key was shown: whoever has one asks for others, and its address is not theirs. */
export function senderOf(request: IncomingMessage, role: Role, trusted: TrustedProxies, hasKeys: boolean): Sender {
  const isAdmin = role === 'admin';
  const address = isAdmin && hasKeys ? null : addressOf(request, trusted);
  return { client: isAdmin ? null : (address ?? 'unknown'), address };
}

function addressOf(request: IncomingMessage, trusted: TrustedProxies): string | null {
  const address = proxyAddr(request, trusted);
  if (address === undefined) return null;
  if (!isIPv6(address)) return address;
  return new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::')[0]!.split(':').slice(0, IPV6_NETWORK_GROUPS).join(':');
}
