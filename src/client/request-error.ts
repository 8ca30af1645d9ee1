/** Why something asked of the server did not come. */

const PASSING_CODES: ReadonlySet<string> = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED']);

/**
 * `code` is the server's own (`extensions.code`: BAD_USER_INPUT, NOT_FOUND, UNAUTHENTICATED, RATE_LIMITED …), or one of the client's: NETWORK when the server was not
 * reached or did not answer in time, UNKNOWN when the answer was not GraphQL, and for clicks QUEUE_FULL and CLOSED.
 */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** What the server says besides code and message: a field's name and bounds, a run's id. */
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'RequestError';
  }

  /** Whether the same request may well succeed later: the server was not reached, is not ready (502, 503, 504), or wants less traffic (429). */
  get mayPass(): boolean {
    return PASSING_CODES.has(this.code);
  }
}
