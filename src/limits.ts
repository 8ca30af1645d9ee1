/** How much one request, document, socket or call may ask for: every bound of what clients send in one place. */

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
  /** Characters (UTF-16 code units) of a query. */
  maxQueryLength: number;
  /** Characters of the id of a document, user, session or click. */
  maxIdLength: number;
  /** `limit`: results of one search. */
  maxResults: number;
  /** `first`: entries of one page of a connection. */
  maxPageSize: number;
  /** Rows of one importDocuments, ids of one deleteDocuments. */
  maxImportDocuments: number;
  /** UTF-8 bytes of a document's body. */
  maxDocumentBodyBytes: number;
  /** UTF-8 bytes of a document's attributes as JSON. */
  maxAttributesBytes: number;
  /** Clicks of one recordClicks. */
  maxClicksPerCall: number;
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
  maxQueryLength: 512,
  maxIdLength: 128,
  maxResults: 100,
  maxPageSize: 200,
  maxImportDocuments: 1_000,
  maxDocumentBodyBytes: 64 * 1024,
  maxAttributesBytes: 16 * 1024,
  maxClicksPerCall: 100,
  socketInitTimeoutMs: 3_000,
  socketHeartbeatMs: 12_000,
  requestTimeoutMs: 60_000,
  stopTimeoutMs: 8_000,
});

const MOST = 999_999_999;

/** PostgreSQL's index of clicks holds two ids beside a search's, in 2,704 bytes at most: a code unit takes up to three, and there is room to spare. */
export const LONGEST_ID = 256;

/** Which of them the environment may set, and how far: the sizes, not the times. */
const VARIABLES: Readonly<Record<string, readonly [limit: keyof Limits, most: number]>> = {
  RANKLOOP_MAX_BODY_BYTES: ['maxBodyBytes', MOST],
  RANKLOOP_MAX_IMPORT_BODY_BYTES: ['maxImportBodyBytes', MOST],
  RANKLOOP_MAX_TOKENS: ['maxTokens', MOST],
  RANKLOOP_MAX_DEPTH: ['maxDepth', MOST],
  RANKLOOP_MAX_INTROSPECTION_DEPTH: ['maxIntrospectionDepth', MOST],
  RANKLOOP_MAX_ALIASES: ['maxAliases', MOST],
  RANKLOOP_MAX_DIRECTIVES: ['maxDirectives', MOST],
  RANKLOOP_MAX_MUTATION_ROOT_FIELDS: ['maxMutationRootFields', MOST],
  RANKLOOP_MAX_SOCKET_FRAME_BYTES: ['maxSocketFrameBytes', MOST],
  RANKLOOP_MAX_SUBSCRIPTIONS_PER_SOCKET: ['maxSubscriptionsPerSocket', MOST],
  RANKLOOP_MAX_UNREAD_BYTES_PER_SOCKET: ['maxUnreadBytesPerSocket', MOST],
  RANKLOOP_MAX_QUERY_LENGTH: ['maxQueryLength', 10_000],
  RANKLOOP_MAX_ID_LENGTH: ['maxIdLength', LONGEST_ID],
  RANKLOOP_MAX_RESULTS: ['maxResults', 1_000],
  RANKLOOP_MAX_PAGE_SIZE: ['maxPageSize', 1_000],
  RANKLOOP_MAX_IMPORT_DOCUMENTS: ['maxImportDocuments', 10_000],
  RANKLOOP_MAX_DOCUMENT_BODY_BYTES: ['maxDocumentBodyBytes', 1024 * 1024],
  RANKLOOP_MAX_ATTRIBUTES_BYTES: ['maxAttributesBytes', 1024 * 1024],
  RANKLOOP_MAX_CLICKS_PER_CALL: ['maxClicksPerCall', 1_000],
};

/** The defaults, but for what the environment sets; and a line for each variable that is wrong. */
export function readLimits(env: Readonly<Record<string, string | undefined>>): { limits: Limits; faults: string[] } {
  const limits = { ...DEFAULT_LIMITS };
  const faults: string[] = [];
  for (const [variable, [limit, most]] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value === undefined) continue;
    if (/^[1-9]\d{0,8}$/.test(value) && Number(value) <= most) limits[limit] = Number(value);
    else faults.push(`${variable} must be a whole number from 1 to ${most}`);
  }
  return { limits, faults };
}
