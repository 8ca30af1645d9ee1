/** The process: environment to configuration, start, and an orderly stop on any signal. */
import { App } from './app.js';
import { readConfig } from './config.js';
import { createLogger } from './logger.js';
import { stopOnSignals } from './process-signals.js';

try {
  const config = readConfig();
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const app = new App({ config, logger });
  stopOnSignals({ stop: () => app.stop(), startedByNpm: config.startedByNpm, logger });
  const { url } = await app.start();
  logger.info(`Rankloop is ready: dashboard ${url}/  playground ${url}/graphiql  API ${url}/graphql`);
} catch (error) {
  // Written for whoever starts it: what is wrong, and what to do. No stack.
  process.stderr.write(`rankloop: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
