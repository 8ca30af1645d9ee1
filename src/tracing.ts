/** OpenTelemetry traces of requests and their statements, by the official SDK. Loaded only when an endpoint is configured, and before what it watches: the app's own modules. */
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { context, diag, DiagLogLevel, trace, type Context, type DiagLogger } from '@opentelemetry/api';
import { getRPCMetadata, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type ReadableSpan, type Span, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Logger } from './logger.js';

/** For spans that are still to be sent when the process stops. */
const LAST_SPANS_MS = 2_000;
const WARNING_INTERVAL_MS = 60_000;

/** All that leaves the process of a span's attributes: neither addresses, query strings nor headers are among them. */
const TOLD: ReadonlySet<string> = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'url.scheme',
  'network.protocol.version',
  'error.type',
  'graphql.operation.type',
  'graphql.operation.name',
  'rankloop.request_id',
  'rankloop.field',
  'db.system.name',
  'db.namespace',
  'db.operation.name',
  'db.query.text',
  'server.address',
  'server.port',
]);

export interface Tracing {
  /** Says of the request under way what only the server knows; without one it does nothing. */
  describe: (facts: { route?: string; attributes: Readonly<Record<string, string>> }) => void;
  /** Sends what is left, within two seconds. */
  stop: () => Promise<void>;
}

/** Starts the SDK, which reads its own OTEL_… variables. What it watches must not have been imported before. */
export function startTracing(logger: Logger): Tracing {
  diag.setLogger(warningsTo(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'rankloop' }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new Discreet(new BatchSpanProcessor(new OTLPTraceExporter()))] });
  // Not baggage, which the standard propagators would take along: nothing here reads it.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true });
  // What is done on a timer belongs to no request.
  new PgInstrumentation({ requireParentSpan: true });
  // An `import` passes by the hooks of `require`, but gives the same objects: both modules are CommonJS inside. So no loader thread is needed.
  const require = createRequire(import.meta.url);
  for (const name of ['http', 'pg']) require(name);

  let stopped: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    const timer = new AbortController();
    const sent = provider.shutdown().catch((error: unknown) => logger.warn({ err: error }, 'the last traces could not be sent'));
    await Promise.race([sent, delay(LAST_SPANS_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  };
  return {
    describe({ route, attributes }) {
      const request = getRPCMetadata(context.active());
      if (!request) return;
      if (route !== undefined) request.route = route;
      request.span.setAttributes(attributes);
    },
    stop: () => (stopped ??= shutDown()),
  };
}

/** Passes on what may be told, and of work that outlives its request only what began before the answer: a training run is no part of a search. */
class Discreet implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #late = new WeakSet<object>();

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(span: Span, parentContext: Context): void {
    const parent = trace.getSpan(parentContext);
    if (parent && !parent.spanContext().isRemote && (!parent.isRecording() || this.#late.has(parent))) this.#late.add(span);
    this.#next.onStart(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#late.has(span)) return;
    for (const name of Object.keys(span.attributes)) if (!TOLD.has(name)) delete span.attributes[name];
    // PostgreSQL's messages quote values; error.type and the exception's code remain.
    delete span.status.message;
    this.#next.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

/** A collector that is down is told of once a minute, however many spans it misses. */
function warningsTo(logger: Logger): DiagLogger {
  let silentUntil = -Infinity;
  const warn = (message: string): void => {
    const now = performance.now();
    if (now < silentUntil) return;
    silentUntil = now + WARNING_INTERVAL_MS;
    logger.warn({ reason: essenceOf(message) }, 'OpenTelemetry has trouble: traces may be missing (told once a minute at most)');
  };
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}

/** The SDK reports exceptions as JSON, with their stacks. */
function essenceOf(text: string): string {
  try {
    const { name, message, code } = JSON.parse(text) as { name?: string; message?: string; code?: string };
    return [name, message, code].filter(Boolean).join(' ').slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
