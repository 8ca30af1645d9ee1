/** The only reader of process.env: validates everything at once and reports every fault in one error. */
import path from 'node:path';
import { algorithms } from 'snowball-stemmers';
import { z } from 'zod';

export interface Config {
  /** TCP port of HTTP and WebSocket; 0 picks a free one. */
  port: number;
  host: string;
  /** null: the embedded PostgreSQL. */
  databaseUrl: string | null;
  dataDir: string;
  modelsDir: string;
  /** Picks stemmer and stop words; fixed once documents exist. */
  language: string;
  allowedOrigins: string[];
  allowedHosts: string[];
  logLevel: LogLevel;
  logFormat: 'pretty' | 'json';
  /** Who called sudo: as root, the embedded PostgreSQL preferably runs as that user. */
  invokingUser: { uid: number; gid: number } | undefined;
  /** npm passes no signals on: when it started us, its disappearance means stop. */
  startedByNpm: boolean;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Thrown with one line for each variable that is wrong. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const list = z
  .string()
  .default('')
  .transform((value) => value.split(',').map((entry) => entry.trim()).filter((entry) => entry !== ''));

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
    .default('4000')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .refine(isLoopback, 'must be a loopback address (127.0.0.1, ::1 or localhost): there are no access keys yet, so listening on any other address would let everyone on the network change what is learned'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional(),
  RANKLOOP_DATA_DIR: z.string().min(1, 'must name a folder').default('.rankloop'),
  RANKLOOP_MODELS_DIR: z.string().min(1, 'must name a folder').default('models'),
  RANKLOOP_LANGUAGE: z.enum(algorithms(), `must be one of ${algorithms().sort().join(', ')}`).default('english'),
  RANKLOOP_ALLOWED_ORIGINS: list.refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), 'must be a comma-separated list of origins like https://shop.example.com'),
  RANKLOOP_ALLOWED_HOSTS: list,
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json'], 'must be pretty or json').optional(),
});

/** Whether only this machine can reach an address: no keys are needed to listen on it, and names rebound to it must be refused. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Reads the configuration from the environment. An empty variable counts as unset; relative folders start at the working directory.
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, isTerminal = process.stdout.isTTY === true): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  }
  const values = parsed.data;
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: path.resolve(values.RANKLOOP_DATA_DIR),
    modelsDir: path.resolve(values.RANKLOOP_MODELS_DIR),
    language: values.RANKLOOP_LANGUAGE,
    allowedOrigins: values.RANKLOOP_ALLOWED_ORIGINS,
    allowedHosts: values.RANKLOOP_ALLOWED_HOSTS,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (isTerminal ? 'pretty' : 'json'),
    invokingUser: invokingUser(env.SUDO_UID, env.SUDO_GID),
    startedByNpm: env.npm_lifecycle_event !== undefined,
  };
}

/** sudo sets both to whole numbers; anything else is nobody's. */
function invokingUser(uid: string | undefined, gid: string | undefined): Config['invokingUser'] {
  const isId = (id: string | undefined): id is string => id !== undefined && /^\d{1,10}$/.test(id);
  return isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
