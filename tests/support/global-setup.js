/** Jest calls this once before the tests of a project: one PostgreSQL server and one template database for the whole run. */
import { tsImport } from 'tsx/esm/api';

export default async function globalSetup() {
  const { acquireTestServer } = await tsImport('./test-server.ts', import.meta.url);
  await acquireTestServer();
}
