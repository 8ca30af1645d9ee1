/** Starts the page: the client, the three stores, and React. */
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { GraphqlClient } from './graphql-client.js';
import { LiveStore } from './live-store.js';
import { PreferenceStore } from './preferences.js';
import { SearchSession } from './search-session.js';
import './tokens.css';
import './page.css';
import './search.css';
import './status.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const client = new GraphqlClient(new URL('/graphql', location.href).href);
const live = new LiveStore(client);
const session = new SearchSession(client, (stats) => live.noteStats(stats));
const preferences = new PreferenceStore();

live.start();
createRoot(root).render(<App client={client} live={live} session={session} preferences={preferences} />);
