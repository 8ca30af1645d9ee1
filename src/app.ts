/** The composition root: everything with state is made here, wired here, started in order and stopped in reverse, also after half a start. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { Analyser } from './catalog-index/analyser.js';
import { CatalogIndex } from './catalog-index/catalog-index.js';
import type { Config } from './config.js';
import { EmbeddedPostgres } from './database/embedded-postgres.js';
import { applyMigrations } from './database/migrations.js';
import { readActorKey } from './database/installation-store.js';
import { Notifications } from './database/notifications.js';
import { addressOf, checkServerVersion, createPool } from './database/pool.js';
import { isDatabaseUnavailable } from './database/unavailable.js';
import { WriteBatcher } from './database/write-batcher.js';
import { UnavailableError } from './errors.js';
import { EventBus } from './events.js';
import { PrismaClient } from './generated/prisma/client.js';
import type { Logger } from './logger.js';
import type { GraphQLContext, Services } from './resolvers/context.js';
import { permissionOf } from './resolvers/permissions.js';
import { createSchema } from './resolvers/schema.js';
import { GraphQLServer } from './server/graphql-server.js';
import { assertPortFree } from './server/port.js';
import type { DescribeRequest } from './server/request-traces.js';
import { ActiveRanker } from './services/active-ranker.js';
import { CatalogService } from './services/catalog.js';
import { CheckpointsService } from './services/checkpoints.js';
import { ClicksService } from './services/clicks.js';
import { EvaluationService } from './services/evaluation.js';
import { ExplanationService } from './services/explanation.js';
import { ContentGuard } from './services/content-guard.js';
import { ExperimentsService } from './services/experiments.js';
import { Hints } from './services/hints.js';
import { MetricsService } from './services/metrics.js';
import { ModelFiles } from './services/model-files.js';
import { RateLimits } from './services/rate-limits.js';
import { Replication } from './services/replication.js';
import { SamplesService } from './services/samples.js';
import { SampleUpkeep } from './services/sample-upkeep.js';
import { SearchService } from './services/search.js';
import { SettingsService } from './services/settings.js';
import { TrainedKeys } from './services/trained-keys.js';
import { TrainingService } from './services/training.js';
import { Trainer } from './trainer/trainer.js';

/** From src/ as from dist/src/. */
const packageRoot = path.resolve(fileURLToPath(import.meta.url), import.meta.url.includes('/dist/src/') ? '../../..' : '../..');
/** Hints get lost with a connection: so often the tables are looked at all the same. */
const POLL_INTERVAL_MS = 5_000;
const TRAINER_THREADS = 2;
/** Runs, leases and the look at what others did have connections of their own: they never queue behind a crowd of requests. */
const TRAINING_CONNECTIONS = 6;
/** As many as groups of clicks may be under way. */
const CLICK_CONNECTIONS = 4;
/** Prisma gives up after 2 s unless told: too soon for a machine that is busy starting. */
const TRANSACTION_PATIENCE = { maxWait: 10_000, timeout: 30_000 };

interface Connections {
  pool: pg.Pool;
  prisma: PrismaClient;
}

export interface AppOptions {
  config: Config;
  logger: Logger;
  /** Tests keep the embedded server in their own process group. */
  detachDatabase?: boolean;
  /** Where traces are told what a request is; null or none: there are no traces. */
  describeRequest?: DescribeRequest | null;
}

export class App {
  readonly #options: AppOptions;
  /** What was acquired, in order: undone in reverse. */
  readonly #releasers: (() => Promise<void> | void)[] = [];
  readonly bus: EventBus;
  #started: Promise<{ url: string; port: number }> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
    this.bus = new EventBus((error, event) => options.logger.error({ err: error, event }, 'a listener failed'));
  }

  /** Resolves when requests are answered. After a failure everything acquired so far is released. */
  start(): Promise<{ url: string; port: number }> {
    return (this.#started ??= this.#start().catch(async (error: unknown) => {
      await this.stop();
      throw error;
    }));
  }

  /** One shared promise, however often it is called. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#release());
  }

  async #release(): Promise<void> {
    for (let release = this.#releasers.pop(); release; release = this.#releasers.pop()) {
      try {
        await release();
      } catch (error) {
        this.#options.logger.error({ err: error }, 'something could not be stopped cleanly');
      }
    }
  }

  async #start(): Promise<{ url: string; port: number }> {
    const { config, logger } = this.#options;
    await assertPortFree(config.host, config.port);
    const address = await this.#database();
    const requests = this.#connect(address, {});
    const { pool } = requests;
    await checkServerVersion(pool);
    await applyMigrations(pool, path.join(packageRoot, 'prisma', 'migrations'), logger);
    const training = this.#connect(address, { max: TRAINING_CONNECTIONS, applicationName: 'rankloop training' });
    const { services, metrics } = await this.#services(address, requests, training);
    const rateLimits = new RateLimits(config);
    const server = new GraphQLServer<GraphQLContext>({
      schema: createSchema({ sdlDir: path.join(packageRoot, 'src', 'schema'), translate: toDomainError }),
      host: config.host,
      port: config.port,
      allowedOrigins: config.allowedOrigins,
      allowedHosts: config.allowedHosts,
      trustedProxies: config.trustedProxies,
      keys: { admin: config.adminKeys, public: config.publicKeys },
      permissionOf,
      context: ({ id, client, address }) => ({ requestId: id, address, limit: (action, count) => rateLimits.take(action, client, count), services, bus: this.bus }),
      metrics: { registry: metrics.registry, refresh: () => metrics.refresh() },
      describeRequest: this.#options.describeRequest ?? null,
      readiness: () => readiness(pool, services.activeRanker),
      dashboardDir: path.join(packageRoot, 'dist', 'dashboard'),
      clientDir: path.join(packageRoot, 'dist', 'client'),
      limits: config.limits,
      faultsPerMinute: config.faultsPerMinute,
      logger,
    });
    this.#releasers.push(() => server.stop());
    return server.start();
  }

  async #database(): Promise<pg.PoolConfig> {
    const { config, logger, detachDatabase = true } = this.#options;
    if (config.databaseUrl !== null) return addressOf(config.databaseUrl);
    const embedded = new EmbeddedPostgres({ dataDir: config.dataDir, logger, invokingUser: config.invokingUser, detached: detachDatabase });
    this.#releasers.push(() => embedded.stop());
    return embedded.start();
  }

  #connect(address: pg.PoolConfig, size: { max?: number; applicationName?: string }): Connections {
    const pool = createPool(address, { logger: this.#options.logger, ...size });
    this.#releasers.push(() => pool.end());
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions: TRANSACTION_PATIENCE });
    this.#releasers.push(() => prisma.$disconnect());
    return { pool, prisma };
  }

  async #services(address: pg.PoolConfig, { pool, prisma }: Connections, trainingSide: Connections): Promise<{ services: Services; metrics: MetricsService }> {
    const { config, logger } = this.#options;
    const { limits } = config;
    const { bus } = this;
    const clickPool = createPool(address, { logger, max: CLICK_CONNECTIONS, applicationName: 'rankloop clicks', planEachTime: true });
    this.#releasers.push(() => clickPool.end());
    const notifications = new Notifications({ address, pool: trainingSide.pool, channel: 'rankloop', logger });
    const hints = new Hints({ notifications, processId: randomUUID(), logger });
    this.#releasers.push(() => replication.stop());
    this.#releasers.push(() => hints.stop());
    const analyser = new Analyser(config.language);
    const files = new ModelFiles(config.modelsDir);
    const activeRanker = new ActiveRanker({ ...trainingSide, files, logger });
    const settings = new SettingsService({ pool, prisma, bus, announce: () => hints.say('settings') });
    const catalog = new CatalogService({ pool, prisma, index: new CatalogIndex(analyser), language: config.language, indexFile: path.join(config.dataDir, 'catalogue.index'), limits, logger, announce: () => hints.say('catalog') });
    const runsChanged = async (): Promise<void> => {
      await spread();
      await training.checkLeases();
    };
    const samples = new SamplesService({ pool, settings, bus, limits, logger, announce: () => hints.say('samples'), runsChanged });
    const upkeep = new SampleUpkeep({ pool: trainingSide.pool, settings, logger, countsChanged: () => samples.changed(true), runsChanged });
    const replication: Replication = new Replication({
      prisma: trainingSide.prisma,
      bus,
      activeRanker,
      fallBack: async (id, why) => {
        await checkpoints.fallBack(id, why);
        hints.say('runs');
      },
      logger,
    });
    const spread = async (): Promise<void> => {
      hints.say('runs');
      await replication.catchUp();
    };
    const checkpoints: CheckpointsService = new CheckpointsService({ ...trainingSide, files, settings, activeRanker, bus, limits, logger, spread });
    const trainer = new Trainer({ threads: TRAINER_THREADS, logger });
    const contentGuard = new ContentGuard({ index: catalog.index, activeRanker });
    const training: TrainingService = new TrainingService({ ...trainingSide, trainer, activeRanker, checkpoints, trainedKeys: new TrainedKeys(), contentGuard, settings, limits, logger, spread });
    const writes = new WriteBatcher({ searches: pool, clicks: clickPool });
    const search = new SearchService({ catalog, analyser, activeRanker, settings, writes, bus, actorKey: await readActorKey(pool), shownTotals: () => samples.shownTotals, limits });
    const explanation = new ExplanationService({ catalog, activeRanker, limits });
    const evaluation = new EvaluationService({ pool, prisma, catalog, activeRanker, shownTotals: () => samples.shownTotals });
    const clicks = new ClicksService({ writes, samples, pool, bus, limits });
    const experiments = new ExperimentsService({ pool });
    const metrics = new MetricsService({ bus, samples, activeRanker, evaluation, files, writes, prisma, pools: { requests: pool, clicks: clickPool, training: trainingSide.pool }, logger });

    const report = (what: string) => (error: unknown) => logger.warn({ err: error }, `${what} could not be read; it is tried again`);
    const follow = {
      settings: () => void settings.refresh().catch(report('the settings')),
      catalog: () => void catalog.sync().catch(report('the catalogue')),
      samples: () => {
        samples.changed(false);
        training.wake();
      },
      runs: () => {
        replication.catchUp().catch(report('what other processes did'));
        training.checkLeases().catch(report('the state of runs'));
        training.wake();
      },
    };
    const followAll = (): void => Object.values(follow).forEach((look) => look());
    bus.on('search.recorded', () => samples.changed(true));
    bus.on('search.recorded', () => training.wake());
    bus.on('click.recorded', () => samples.changed(true));
    bus.on('click.recorded', () => training.wake());
    bus.on('settings.changed', () => samples.changed(false));
    bus.on('settings.changed', () => training.wake());
    bus.on('training.started', () => samples.changed(false));
    bus.on('training.finished', () => samples.changed(false));
    bus.on('training.finished', () => training.wake());
    bus.on('checkpoint.removed', (checkpoint) => void checkpoints.dropFile(checkpoint));

    await files.start();
    await checkpoints.start();
    await settings.refresh();
    this.#releasers.push(() => catalog.stop());
    await Promise.all([catalog.start(), replication.start()]);
    this.#releasers.push(() => samples.stop());
    await samples.start();
    this.#releasers.push(() => upkeep.stop());
    await upkeep.start();
    // Not earlier: its threads would take their share of the start.
    trainer.start();
    this.#releasers.push(() => trainer.stop());
    this.#releasers.push(() => training.stop());
    await training.start();
    await hints.start((topic) => follow[topic](), followAll);
    // What others changed between our first look and our listening.
    await Promise.all([settings.refresh(), catalog.sync(), replication.catchUp()]);
    const poll = setInterval(followAll, POLL_INTERVAL_MS);
    this.#releasers.push(() => clearInterval(poll));
    return { services: { catalog, search, explanation, clicks, samples, training, checkpoints, settings, evaluation, activeRanker, experiments }, metrics };
  }
}

function toDomainError(error: unknown): unknown {
  return isDatabaseUnavailable(error) ? new UnavailableError('The database does not answer at the moment: try again in a few seconds.') : error;
}

async function readiness(pool: pg.Pool, activeRanker: ActiveRanker): Promise<{ ready: boolean; checks: Record<string, string> }> {
  try {
    await pool.query('select 1');
    return { ready: true, checks: { database: 'ok', ranker: activeRanker.current.id } };
  } catch (error) {
    return { ready: false, checks: { database: error instanceof Error ? error.message : String(error) } };
  }
}
