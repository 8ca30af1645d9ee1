/** The playground at /graphiql: GraphiQL from node_modules, served as it is; nothing comes from another origin. */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { readdirSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { GRAPHIQL_EXAMPLES } from './graphiql-examples.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Rankloop playground</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/graphiql/assets/graphiql.min.css">
    <style>body { margin: 0 } #graphiql { height: 100vh; height: 100dvh }</style>
    <script defer src="/graphiql/assets/react.production.min.js"></script>
    <script defer src="/graphiql/assets/react-dom.production.min.js"></script>
    <script defer src="/graphiql/assets/graphiql.min.js"></script>
    <script type="module" src="/graphiql/start.js"></script>
  </head>
  <body><div id="graphiql">Loading…</div></body>
</html>
`;

const START_SCRIPT = `import { createClient } from '/graphiql/assets/client.js';

const url = new URL('/graphql', location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

// On a server with keys: what the headers editor says ({ "authorization": "Bearer KEY" }) goes along with subscriptions, too.
let headers = {};
const connectionParams = () => Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => ['authorization', value]));
const send = GraphiQL.createFetcher({ url: url.href, wsClient: createClient({ url: socketUrl.href, connectionParams, retryAttempts: Infinity }) });
const fetcher = (request, options) => {
  headers = options?.headers ?? {};
  return send(request, options);
};
// Its history would keep the headers of whatever was run, and with them the key, in the browser for good.
const isHistory = (name) => name === 'graphiql:queries' || name === 'graphiql:favorites';
const withoutHeaders = (text) => JSON.stringify(JSON.parse(text), (name, value) => (name === 'headers' ? undefined : value));
const storage = {
  get length() {
    return localStorage.length;
  },
  getItem: (name) => localStorage.getItem(name),
  setItem: (name, text) => localStorage.setItem(name, isHistory(name) ? withoutHeaders(text) : text),
  removeItem: (name) => localStorage.removeItem(name),
  // What the page beside it keeps is not GraphiQL's.
  clear: () => Object.keys(localStorage).filter((name) => name.startsWith('graphiql:')).forEach((name) => localStorage.removeItem(name)),
};
const defaultTabs = ${JSON.stringify(GRAPHIQL_EXAMPLES)};

ReactDOM.createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, { fetcher, storage, defaultTabs, defaultEditorToolsVisibility: false }));
`;

export function graphiqlPages() {
  const assets = findAssets();
  return async (scope: FastifyInstance): Promise<void> => {
    await scope.register(fastifyStatic, { serve: false });
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-cache');
    });
    for (const url of ['/graphiql', '/graphiql/']) scope.get(url, async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
    scope.get('/graphiql/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START_SCRIPT));
    for (const [name, path] of assets) {
      scope.get(`/graphiql/assets/${name}`, async (_request, reply) => reply.sendFile(basename(path), dirname(path), { cacheControl: false }));
    }
  };
}

/** File name in the address → file on disk, wherever the packages are installed. */
function findAssets(): Map<string, string> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
  const socketClient = join(folderOf('graphql-ws'), 'dist');
  const paths = [
    join(folderOf('react'), 'umd', 'react.production.min.js'),
    join(folderOf('react-dom'), 'umd', 'react-dom.production.min.js'),
    join(folderOf('graphiql'), 'graphiql.min.js'),
    join(folderOf('graphiql'), 'graphiql.min.css'),
    join(socketClient, 'client.js'),
    // What client.js imports; its name has a hash that changes with each release.
    ...readdirSync(socketClient).filter((name) => /^common-[\w-]+\.js$/.test(name)).map((name) => join(socketClient, name)),
  ];
  return new Map(paths.map((path) => [basename(path), path]));
}
