/** What every page may use: the client, the stores, the address. Made once, in main.tsx. */
import { createContext, useContext } from 'react';
import type { AccessStore } from './access.js';
import type { CountHistory } from './count-history.js';
import type { GraphqlClient } from './graphql-client.js';
import type { LiveStore } from './live-store.js';
import type { SettingsDraft } from './pages/settings/settings-draft.js';
import type { PreferenceStore } from './preferences.js';
import type { Router } from './router.js';
import type { SearchSession } from './search-session.js';
import { useStore, type Store } from './store.js';

export interface AppServices {
  client: GraphqlClient;
  access: AccessStore;
  live: LiveStore;
  /** How the counts grew while the page is open. */
  counts: CountHistory;
  session: SearchSession;
  /** Settings that were changed but not saved: they outlive a look at another page. null until the settings were read. */
  settings: Store<SettingsDraft | null>;
  preferences: PreferenceStore;
  router: Router;
}

export const AppContext = createContext<AppServices | null>(null);

export function useApp(): AppServices {
  const services = useContext(AppContext);
  if (!services) throw new Error('The page is not within AppContext.');
  return services;
}

/** A parameter of the address and a way to change it; empty when it is not there. */
export function useParam(name: string): [value: string, change: (value: string | null, how?: 'push' | 'replace') => void] {
  const { router } = useApp();
  const { params } = useStore(router);
  return [params.get(name) ?? '', (value, how) => router.change({ [name]: value }, how)];
}
