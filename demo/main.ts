/** `npm run demo`: the server as `npm start` has it, in this process, with a catalogue and a crowd of simulated users as its clients. */
import { readConfig } from '../src/config.js';
import { createLogger } from '../src/logger.js';
import { stopOnSignals } from '../src/process-signals.js';
import { Demo } from './demo.js';
import { HELP, parseOptions, type DemoOptions } from './options.js';
import { Terminal } from './terminal.js';

async function main(options: DemoOptions): Promise<void> {
  const config = readConfig();
  // The terminal tells the story; the server's own log would drown it. A level other than the usual one was asked for.
  const logger = createLogger({ level: config.logLevel === 'info' ? 'warn' : config.logLevel, format: config.logFormat });
  const terminal = new Terminal(process.stdout);
  // Before the app's modules, which are to be traced.
  const tracing = config.tracing ? (await import('../src/tracing.js')).startTracing(logger) : null;
  const { App } = await import('../src/app.js');
  const app = new App({ config, logger, describeRequest: tracing?.describe ?? null });
  let demo: Demo | undefined;
  let isStopping = false;
  const stop = async (): Promise<void> => {
    isStopping = true;
    await demo?.stop();
    await app.stop();
    await tracing?.stop();
  };
  stopOnSignals({ stop, startedByNpm: config.startedByNpm, logger });
  terminal.status(`starting ${config.databaseUrl === null ? 'PostgreSQL and ' : ''}the server …`);
  try {
    const { url } = await app.start();
    demo = new Demo({ url, options, terminal });
    await demo.run();
  } catch (error) {
    terminal.status('');
    // What fails because everything is being stopped is no news.
    if (!isStopping) throw error;
  } finally {
    await stop();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else await main(options);
} catch (error) {
  // Written for whoever starts it: what is wrong, and what to do. No stack.
  process.stderr.write(`rankloop: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
