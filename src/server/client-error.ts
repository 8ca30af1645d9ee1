/** What a client may see of an error, the same over HTTP and WebSocket; anything unexpected is masked here and logged whole. */
import { GraphQLError, Kind, type GraphQLFormattedError } from 'graphql';
import { DomainError, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';

/** Codes that the GraphQL layer itself gives to a faulty request; their messages are about the client's own input. */
const REQUEST_CODES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'RATE_LIMITED',
]);

const STATUS: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  FAILED_PRECONDITION: 409,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

/** The HTTP status of a request refused as a whole with this code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

interface Visible {
  code: string;
  message: string;
  details?: Readonly<Record<string, unknown>>;
}

/** The formatted error for a client. `requestId` ties a masked error to its line in the log. */
export function toClientError(error: GraphQLError, requestId: string, logger: Logger): GraphQLFormattedError {
  const { locations, path } = error.toJSON();
  const visible = whatClientsMaySee(error);
  if (visible?.code === 'UNAVAILABLE') logger.warn({ requestId, path, err: causeOf(error) }, 'a request found something unavailable');
  return {
    message: visible?.message ?? `Internal server error. The server's log has it under request ${requestId}.`,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
    extensions: visible ? { ...visible.details, code: visible.code } : mask(error, requestId, logger),
  };
}

function mask(error: GraphQLError, requestId: string, logger: Logger): Record<string, unknown> {
  logger.error({ requestId, path: error.path, err: causeOf(error) }, 'a request failed unexpectedly');
  return { code: 'INTERNAL_SERVER_ERROR', requestId };
}

function whatClientsMaySee(error: GraphQLError): Visible | null {
  const cause = causeOf(error);
  if (cause instanceof DomainError) return { code: cause.code, message: cause.message, details: cause.details };
  if (cause instanceof GraphQLError && REQUEST_CODES.has(error.extensions.code)) {
    // graphql-js reports the token limit as a syntax error, but the document is refused for its size.
    if (/^(Syntax Error: )?Document contains more tha[nt] \d+ tokens/.test(error.message)) return { code: 'GRAPHQL_VALIDATION_FAILED', message: error.message };
    return { code: String(error.extensions.code), message: error.message };
  }
  if (isCoercionError(error)) return { code: 'BAD_USER_INPUT', message: error.message };
  return null;
}

/** graphql-js's own complaints about a variable's or an argument's value; they have no code, and point at the document. */
function isCoercionError(error: GraphQLError): boolean {
  if (error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION) return true;
  const inner = error.originalError;
  return inner instanceof GraphQLError && (inner.nodes?.length ?? 0) > 0 && inner.message.startsWith('Argument "');
}

/** The error that a resolver threw, under GraphQL's wrappings. */
function causeOf(error: GraphQLError): Error {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}
