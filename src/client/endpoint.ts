/** Where the server is and what is shown to it: shared by requests and subscriptions. */

/** A key, or where to look it up each time it is needed: a page in which it is typed in has it later than the client. */
export type Key = string | (() => string | null | undefined);

export interface EndpointOptions {
  /**
   * The server's address, `http://localhost:4000`; or its GraphQL endpoint where a proxy has put it elsewhere, `https://shop.example.com/find/graphql`.
   * An address without a path gets `/graphql`.
   */
  url: string;
  /** For servers that have keys: in pages the public one. Pages can be read by anybody, so the admin key never belongs into one that is published. */
  key?: Key | undefined;
}

export function graphqlUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === '/') parsed.pathname = '/graphql';
  return parsed.href;
}

/** The value of `authorization`; undefined without a key. */
export function authorizationOf(key: Key | undefined): string | undefined {
  const value = typeof key === 'function' ? key() : key;
  return value ? `Bearer ${value}` : undefined;
}
