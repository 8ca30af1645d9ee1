/** Where the reader is: the path names the page, the parameters its state, so that Back works and a view can be sent to somebody. */
import { Store } from './store.js';

export interface Place {
  path: string;
  params: URLSearchParams;
}

/** null takes a parameter out. */
export type ParamChanges = Readonly<Record<string, string | null>>;

export class Router extends Store<Place> {
  /** The last address of each page, by the first part of its path: the rail leads back to what was seen there. */
  readonly #lastSeen = new Map<string, string>();

  constructor() {
    super(here());
    window.addEventListener('popstate', () => this.#follow());
    this.#remember();
  }

  /** Goes to an address of this page: "/models/41?tab=…". */
  go(href: string): void {
    if (href === location.pathname + location.search) return;
    const isOtherPage = new URL(href, location.href).pathname !== location.pathname;
    history.pushState(null, '', href);
    this.#follow();
    if (isOtherPage) window.scrollTo(0, 0);
  }

  /** Changes parameters of this address. `replace` for what is typed letter by letter: Back then leaves the page, not the letter. */
  change(changes: ParamChanges, how: 'push' | 'replace' = 'push'): void {
    const href = withParams(location.pathname, new URLSearchParams(location.search), changes);
    if (href === location.pathname + location.search) return;
    if (how === 'push') history.pushState(null, '', href);
    else history.replaceState(null, '', href);
    this.#follow();
  }

  /** Where a link to a page should lead: to how it was left; from the page itself to its beginning. */
  hrefOf(path: string): string {
    return sectionOf(this.get().path) === path ? path : (this.#lastSeen.get(path) ?? path);
  }

  #follow(): void {
    this.set(here());
    this.#remember();
  }

  #remember(): void {
    this.#lastSeen.set(sectionOf(location.pathname), location.pathname + location.search);
  }
}

/** "/models" of "/models/41". */
export function sectionOf(path: string): string {
  return `/${path.split('/')[1] ?? ''}`;
}

export function withParams(path: string, params: URLSearchParams, changes: ParamChanges): string {
  const changed = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') changed.delete(name);
    else changed.set(name, value);
  }
  const text = changed.toString();
  return text ? `${path}?${text}` : path;
}

function here(): Place {
  return { path: location.pathname, params: new URLSearchParams(location.search) };
}
