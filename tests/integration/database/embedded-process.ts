/** A process that owns an embedded server until it is told to stop or is killed: `embedded-process.ts <data folder>`. */
import { EmbeddedPostgres } from '../../../src/database/embedded-postgres.js';
import { createLogger } from '../../../src/logger.js';

const embedded = new EmbeddedPostgres({ dataDir: process.argv[2]!, logger: createLogger({ level: 'silent', format: 'json' }), ownershipTimeoutMs: 500 });
process.once('SIGTERM', () => void embedded.stop().then(() => process.exit(0)));
try {
  const address = await embedded.start();
  process.stdout.write(`${JSON.stringify({ address, serverPid: await embedded.serverPid() })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
  await embedded.stop();
}
