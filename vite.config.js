/** How the page is built: static files without inline scripts (the server's policy allows none), into the folder the server serves. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = `http://127.0.0.1:${process.env.PORT ?? 4000}`;

export default defineConfig({
  root: 'dashboard',
  plugins: [react()],
  build: { outDir: '../dist/dashboard', emptyOutDir: true, target: 'es2022', cssTarget: ['chrome123', 'firefox121', 'safari17.5'], modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  // `npx vite` serves the page with hot reload beside a server that runs already.
  server: { proxy: { '/graphql': { target: server, ws: true, changeOrigin: true } } },
});
