/** Who may talk to the server at all: refuses foreign browser pages (Origin) and rebound names (Host), on both transports. */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../config.js';
import { ForbiddenError } from '../errors.js';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface AccessRules {
  /** The address listened on; on loopback the Host header is checked, so that no DNS name can be rebound to it. */
  host: string;
  /** Origins besides the server's own, as browsers send them: scheme://name:port. */
  allowedOrigins: readonly string[];
  /** Names, with or without a port, by which clients may call a server on loopback besides the usual ones. */
  allowedHosts: readonly string[];
}

/** Throws unless the request calls this server by a name of its own. */
export function checkHost(headers: IncomingHttpHeaders, rules: AccessRules): void {
  const host = parseUrl(`http://${headers.host ?? ''}`);
  if (!host) throw new ForbiddenError('The Host header is missing or malformed.');
  if (!isLoopback(rules.host) || LOOPBACK_NAMES.has(host.hostname)) return;
  if (rules.allowedHosts.some((allowed) => allowed.toLowerCase() === host.hostname || allowed.toLowerCase() === host.host)) return;
  throw new ForbiddenError(`This server is not known as "${host.hostname}". Call it as localhost, or add the name to RANKLOOP_ALLOWED_HOSTS.`);
}

/** Throws when a browser page of another origin made the request. Other programs send no Origin and pass. */
export function checkOrigin(headers: IncomingHttpHeaders, rules: AccessRules): void {
  const { origin } = headers;
  if (origin === undefined || isOwnOrigin(origin, headers) || rules.allowedOrigins.includes(origin)) return;
  throw new ForbiddenError(`Pages from "${origin}" may not use this server. To let them, add the origin to RANKLOOP_ALLOWED_ORIGINS.`);
}

/** Throws when a browser says that another site made it send this, and no Origin that checkOrigin could judge came along. */
export function checkFetchSite(headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none' || headers.origin !== undefined) return;
  throw new ForbiddenError('Another site may not make a browser send GraphQL requests here.');
}

function isOwnOrigin(origin: string, headers: IncomingHttpHeaders): boolean {
  // A page cannot set x-forwarded-proto on a socket or without a preflight: it only comes from a TLS proxy in front.
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return parseUrl(`${scheme}://${headers.host ?? ''}`)?.origin === origin;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
