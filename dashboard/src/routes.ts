/** The pages: where each is, and how its code is fetched when it is first opened. dashboard/README.md says how one is added. */
import type { ComponentType } from 'react';
import { sectionOf } from './router.js';

export type PageId = 'search' | 'live' | 'models' | 'samples' | 'settings';

export interface Route {
  id: PageId;
  /** The first part of its addresses; what follows is the page's own. */
  path: string;
  load: () => Promise<ComponentType>;
}

export const routes: readonly Route[] = [
  { id: 'search', path: '/', load: async () => (await import('./pages/search/search-page.js')).SearchPage },
  { id: 'live', path: '/live', load: async () => (await import('./pages/live/live-page.js')).LivePage },
  { id: 'models', path: '/models', load: async () => (await import('./pages/models/models-page.js')).ModelsPage },
  { id: 'samples', path: '/samples', load: async () => (await import('./pages/samples/samples-page.js')).SamplesPage },
  { id: 'settings', path: '/settings', load: async () => (await import('./pages/settings/settings-page.js')).SettingsPage },
];

export function routeOf(path: string): Route | undefined {
  return routes.find((route) => route.path === sectionOf(path));
}
