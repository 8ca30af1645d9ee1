/** Jest calls this once after the tests of a project: the run's databases are dropped, its server stopped. */
import { tsImport } from 'tsx/esm/api';

export default async function globalTeardown() {
  const { releaseTestServer } = await tsImport('./test-server.ts', import.meta.url);
  await releaseTestServer();
}
