/** How much one request, document or socket may ask for: every bound of the transport in one place. */

export interface Limits {
  /** Bytes of a request's body, unless it imports documents. */
  maxBodyBytes: number;
  /** Bytes of a request's body that holds nothing but importDocuments. */
  maxImportBodyBytes: number;
  /** Lexical tokens of a GraphQL document. */
  maxTokens: number;
  /** Levels of fields in an operation; a root field is level 1. */
  maxDepth: number;
  /** Levels of fields below (and with) __schema and __type. */
  maxIntrospectionDepth: number;
  /** Aliases in an operation, __typename's too, each counted as often as its fragment is spread. */
  maxAliases: number;
  /** Directives written in a document. */
  maxDirectives: number;
  /** Root fields of one mutation. */
  maxMutationRootFields: number;
  /** Validation errors reported before validation gives up. */
  maxValidationErrors: number;
  /** Bytes of one WebSocket message from a client. */
  maxSocketFrameBytes: number;
  /** Operations one socket may have open at once. */
  maxSubscriptionsPerSocket: number;
  /** Bytes a socket may leave unread, beyond what the kernel holds for it, before the next message closes it with 4413. One answer may be longer. */
  maxUnreadBytesPerSocket: number;
  /** Time in which a new socket must send connection_init. */
  socketInitTimeoutMs: number;
  /** Time between two pings; a socket that has not answered by the next is dropped. */
  socketHeartbeatMs: number;
  /** Time in which a client must have sent its whole request. */
  requestTimeoutMs: number;
  /** Time that requests under way get to finish when the server stops; then they are cut. */
  stopTimeoutMs: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = Object.freeze({
  maxBodyBytes: 1024 * 1024,
  maxImportBodyBytes: 8 * 1024 * 1024,
  maxTokens: 1_000,
  maxDepth: 8,
  maxIntrospectionDepth: 20,
  maxAliases: 15,
  maxDirectives: 30,
  maxMutationRootFields: 10,
  maxValidationErrors: 5,
  maxSocketFrameBytes: 64 * 1024,
  maxSubscriptionsPerSocket: 50,
  maxUnreadBytesPerSocket: 256 * 1024,
  socketInitTimeoutMs: 3_000,
  socketHeartbeatMs: 12_000,
  requestTimeoutMs: 60_000,
  stopTimeoutMs: 8_000,
});

/** Which of them the environment may set: the sizes, not the times. */
const VARIABLES: Readonly<Record<string, keyof Limits>> = {
  RANKLOOP_MAX_BODY_BYTES: 'maxBodyBytes',
  RANKLOOP_MAX_IMPORT_BODY_BYTES: 'maxImportBodyBytes',
  RANKLOOP_MAX_TOKENS: 'maxTokens',
  RANKLOOP_MAX_DEPTH: 'maxDepth',
  RANKLOOP_MAX_INTROSPECTION_DEPTH: 'maxIntrospectionDepth',
  RANKLOOP_MAX_ALIASES: 'maxAliases',
  RANKLOOP_MAX_DIRECTIVES: 'maxDirectives',
  RANKLOOP_MAX_MUTATION_ROOT_FIELDS: 'maxMutationRootFields',
  RANKLOOP_MAX_SOCKET_FRAME_BYTES: 'maxSocketFrameBytes',
  RANKLOOP_MAX_SUBSCRIPTIONS_PER_SOCKET: 'maxSubscriptionsPerSocket',
  RANKLOOP_MAX_UNREAD_BYTES_PER_SOCKET: 'maxUnreadBytesPerSocket',
};

/** The defaults, but for what the environment sets; and a line for each variable that is wrong. */
export function readLimits(env: Readonly<Record<string, string | undefined>>): { limits: Limits; faults: string[] } {
  const limits = { ...DEFAULT_LIMITS };
  const faults: string[] = [];
  for (const [variable, limit] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value === undefined) continue;
    if (/^[1-9]\d{0,8}$/.test(value)) limits[limit] = Number(value);
    else faults.push(`${variable} must be a whole number from 1 to 999999999`);
  }
  return { limits, faults };
}
