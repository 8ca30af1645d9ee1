/** The key for servers that need one, and what it lets one do: kept in the browser's session storage only, so it ends with the tab. */
import type { RequestError } from '../../src/client/index.js';
import { Store } from './store.js';

/** open: nothing was refused. missing: the server wants a key. unknown: it does not know this one. public: this one is for searching only. */
export type Access = 'open' | 'missing' | 'unknown' | 'public';

const KEY = 'rankloop.key';

export class AccessStore extends Store<Access> {
  #key: string | null = readKey();

  constructor() {
    super('open');
  }

  readonly key = (): string | null => this.#key;

  /** Takes another key, or none; what it is good for is seen at the next request. */
  use(key: string | null): void {
    this.#key = key;
    try {
      if (key === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, key);
    } catch {
      // Storage may be forbidden: the key then lasts as long as the page.
    }
    this.set('open');
  }

  /** Looks at a refusal. A key that is too little for one thing is not unknown, whichever answer comes last. */
  note({ code }: RequestError): void {
    if (code === 'FORBIDDEN') this.set('public');
    else if (code === 'UNAUTHENTICATED') this.set(this.#key === null ? 'missing' : 'unknown');
  }
}

function readKey(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
