/** Starts the page: the client, the stores, the address, and React. */
import { createRoot } from 'react-dom/client';
import { AccessStore } from './access.js';
import { App } from './app.js';
import type { AppServices } from './app-context.js';
import { CountHistory } from './count-history.js';
import { GraphqlClient } from './graphql-client.js';
import { LiveStore } from './live-store.js';
import type { SettingsDraft } from './pages/settings/settings-draft.js';
import { PreferenceStore } from './preferences.js';
import { Router } from './router.js';
import { SearchSession } from './search-session.js';
import { Store } from './store.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/status.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const access = new AccessStore();
const client = new GraphqlClient(location.origin, access);
const live = new LiveStore(client);
const session = new SearchSession(client, (stats) => live.noteStats(stats));
const counts = new CountHistory();
const services: AppServices = { client, access, live, counts, session, settings: new Store<SettingsDraft | null>(null), preferences: new PreferenceStore(), router: new Router() };

live.subscribe(() => {
  const { stats } = live.get();
  if (stats) counts.note(stats, Date.now());
});
live.start();
createRoot(root).render(<App services={services} />);
