/** How the client is built for pages without a build of their own: one module a file, as /client.js and /client-subscriptions.js; `--mode` names which. */
import { defineConfig } from 'vite';

const entries = { client: 'src/client/index.ts', 'client-subscriptions': 'src/client/subscriptions.ts' };

export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: { input: entries[mode], preserveEntrySignatures: 'strict', output: { entryFileNames: `${mode}.js` } },
  },
}));
