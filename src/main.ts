/** The process: environment to configuration, start, and an orderly stop on any signal. */
import { readConfig } from './config.js';
import { createLogger } from './logger.js';
import { stopOnSignals } from './process-signals.js';

try {
  const config = readConfig();
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  // Before the app's modules, which are to be traced.
  const tracing = config.tracing ? (await import('./tracing.js')).startTracing(logger) : null;
  const { App } = await import('./app.js');
  const app = new App({ config, logger, describeRequest: tracing?.describe ?? null });
  const stop = async (): Promise<void> => {
    await app.stop();
    await tracing?.stop();
  };
  stopOnSignals({ stop, startedByNpm: config.startedByNpm, logger });
  try {
    const { url } = await app.start();
    logger.info(`Rankloop is ready: dashboard ${url}/  playground ${url}/graphiql  API ${url}/graphql`);
  } catch (error) {
    await stop();
    throw error;
  }
} catch (error) {
  // Written for whoever starts it: what is wrong, and what to do. No stack.
  process.stderr.write(`rankloop: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
