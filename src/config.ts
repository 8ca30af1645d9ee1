/** The only reader of process.env: validates everything at once and reports every fault in one error. */
import { isIP } from 'node:net';
import path from 'node:path';
import { algorithms } from 'snowball-stemmers';
import { z } from 'zod';
import { readLimits, type Limits } from './limits.js';

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
  /** Each may do everything. None of either kind: no key is needed. */
  adminKeys: string[];
  /** Each may do what is public, for web pages. */
  publicKeys: string[];
  allowedOrigins: string[];
  allowedHosts: string[];
  /** Whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** A minute, for clients without an admin key; 0: no limit. */
  searchesPerMinute: number;
  clicksPerMinute: number;
  /** Requests at fault. */
  faultsPerMinute: number;
  /** Of requests, documents and sockets. */
  limits: Limits;
  logLevel: LogLevel;
  logFormat: 'pretty' | 'json';
  /** Whether OpenTelemetry has somewhere to send traces; its SDK reads the rest of OTEL_… itself. */
  tracing: boolean;
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

/** What RFC 6750 lets a bearer token be, and no shorter than can be guessed. */
const keys = list.refine((all) => all.every((key) => /^[A-Za-z0-9._~+/-]{16,}=*$/.test(key)), 'must be a comma-separated list of keys, each of at least 16 letters, digits or . _ ~ + / - (openssl rand -hex 24 makes one)');

const perMinute = (standard: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number; 0 for no limit')
    .default(standard)
    .transform(Number);
const CLICKS_PER_MINUTE = '300';

const PROXY_NAMES = ['loopback', 'linklocal', 'uniquelocal'];
const isProxy = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  return PROXY_NAMES.includes(text) || (isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128))));
};

const collector = z.string().refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), 'must be an address like http://localhost:4318').optional();

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
    .default('4000')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535'),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional(),
  RANKLOOP_DATA_DIR: z.string().min(1, 'must name a folder').default('.rankloop'),
  RANKLOOP_MODELS_DIR: z.string().min(1, 'must name a folder').default('models'),
  RANKLOOP_LANGUAGE: z.enum(algorithms(), `must be one of ${algorithms().sort().join(', ')}`).default('english'),
  RANKLOOP_ADMIN_KEYS: keys,
  RANKLOOP_PUBLIC_KEYS: keys,
  RANKLOOP_ALLOWED_ORIGINS: list.refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), 'must be a comma-separated list of origins like https://shop.example.com'),
  RANKLOOP_ALLOWED_HOSTS: list,
  RANKLOOP_TRUSTED_PROXIES: list.refine((proxies) => proxies.every(isProxy), `must be a comma-separated list of addresses, networks like 10.0.0.0/8, or ${PROXY_NAMES.join(', ')}`),
  RANKLOOP_SEARCHES_PER_MINUTE: perMinute('600'),
  RANKLOOP_CLICKS_PER_MINUTE: perMinute(CLICKS_PER_MINUTE),
  RANKLOOP_FAULTS_PER_MINUTE: perMinute('60'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json'], 'must be pretty or json').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector,
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
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
  const { limits, faults: limitFaults } = readLimits(given);
  const faults = [...(parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? []), ...limitFaults, ...accessFaults(given), ...clickFaults(given, limits)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const values = parsed.data;
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: path.resolve(values.RANKLOOP_DATA_DIR),
    modelsDir: path.resolve(values.RANKLOOP_MODELS_DIR),
    language: values.RANKLOOP_LANGUAGE,
    adminKeys: values.RANKLOOP_ADMIN_KEYS,
    publicKeys: values.RANKLOOP_PUBLIC_KEYS,
    allowedOrigins: values.RANKLOOP_ALLOWED_ORIGINS,
    allowedHosts: values.RANKLOOP_ALLOWED_HOSTS,
    trustedProxies: values.RANKLOOP_TRUSTED_PROXIES,
    searchesPerMinute: values.RANKLOOP_SEARCHES_PER_MINUTE,
    clicksPerMinute: values.RANKLOOP_CLICKS_PER_MINUTE,
    faultsPerMinute: values.RANKLOOP_FAULTS_PER_MINUTE,
    limits,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (isTerminal ? 'pretty' : 'json'),
    tracing: isTraced(values),
    invokingUser: invokingUser(env.SUDO_UID, env.SUDO_GID),
    startedByNpm: env.npm_lifecycle_event !== undefined,
  };
}

/** A whole call of recordClicks must be allowed. */
function clickFaults({ RANKLOOP_CLICKS_PER_MINUTE = CLICKS_PER_MINUTE }: NodeJS.ProcessEnv, { maxClicksPerCall }: Limits): string[] {
  if (!/^[1-9]\d*$/.test(RANKLOOP_CLICKS_PER_MINUTE) || Number(RANKLOOP_CLICKS_PER_MINUTE) >= maxClicksPerCall) return [];
  return [`RANKLOOP_CLICKS_PER_MINUTE must be 0, for no limit, or at least ${maxClicksPerCall}: so many are allowed in one call`];
}

/** Looked at apart, so that these faults are told together with those of single variables. */
function accessFaults({ HOST, RANKLOOP_ADMIN_KEYS, RANKLOOP_PUBLIC_KEYS }: NodeJS.ProcessEnv): string[] {
  const adminKeys = list.parse(RANKLOOP_ADMIN_KEYS);
  const publicKeys = list.parse(RANKLOOP_PUBLIC_KEYS);
  if (adminKeys.length > 0) {
    return publicKeys.some((key) => adminKeys.includes(key)) ? ['RANKLOOP_PUBLIC_KEYS must not have a key that is an admin key, too: pages would give it to everybody'] : [];
  }
  const faults: string[] = [];
  if (HOST !== undefined && !isLoopback(HOST)) {
    faults.push(
      `HOST is ${HOST}, which other machines can reach: set RANKLOOP_ADMIN_KEYS (and RANKLOOP_PUBLIC_KEYS for web pages), or everyone on the network could change what is learned; without keys it must be a loopback address (127.0.0.1, ::1 or localhost)`,
    );
  }
  if (publicKeys.length > 0) faults.push('RANKLOOP_PUBLIC_KEYS needs RANKLOOP_ADMIN_KEYS besides: with public keys alone nobody could import documents or change settings');
  return faults;
}

/** As the standard has it: an endpoint, and nothing that turns traces off. */
function isTraced(values: z.infer<typeof schema>): boolean {
  const hasEndpoint = (values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
  return hasEndpoint && values.OTEL_TRACES_EXPORTER !== 'none' && values.OTEL_SDK_DISABLED?.toLowerCase() !== 'true';
}

/** sudo sets both to whole numbers; anything else is nobody's. */
function invokingUser(uid: string | undefined, gid: string | undefined): Config['invokingUser'] {
  const isId = (id: string | undefined): id is string => id !== undefined && /^\d{1,10}$/.test(id);
  return isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
