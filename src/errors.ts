/** Domain errors: each carries the code a client sees in `extensions.code`; everything else is masked at the boundary. */

export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'PAYLOAD_TOO_LARGE'
  | 'FAILED_PRECONDITION'
  | 'UNAVAILABLE';

/** An error whose message is written for the client: what was wrong, and what to do. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** Facts a program can act on, shown beside the code (a field's name and bounds, a run's id). */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = new.target.name;
    this.details = details;
  }
}

/** An argument is out of its bounds or malformed; details name the field. */
export class BadUserInputError extends DomainError {
  readonly code = 'BAD_USER_INPUT';
}

/** What an id names does not exist, or is not part of what it was looked up in. */
export class NotFoundError extends DomainError {
  readonly code = 'NOT_FOUND';
}

/** The state has moved on since the client looked: a stale revision, a run already open. */
export class ConflictError extends DomainError {
  readonly code = 'CONFLICT';
}

/** The request is well-formed but cannot be done in the present state. */
export class FailedPreconditionError extends DomainError {
  readonly code = 'FAILED_PRECONDITION';
}

/** The request, or a part of it, is larger than the limit. */
export class PayloadTooLargeError extends DomainError {
  readonly code = 'PAYLOAD_TOO_LARGE';
}

/** No key where one is needed, or one that is not known. */
export class UnauthenticatedError extends DomainError {
  readonly code = 'UNAUTHENTICATED';
}

/** A request from a place that may not make it (a foreign browser page, a rebound host), or with a key that does not suffice for it. */
export class ForbiddenError extends DomainError {
  readonly code = 'FORBIDDEN';
}

/** More than one client may do in the time; details give the seconds to wait. */
export class RateLimitedError extends DomainError {
  readonly code = 'RATE_LIMITED';
}

/** Something this service needs (the database, mostly) does not answer now; trying again later helps. */
export class UnavailableError extends DomainError {
  readonly code = 'UNAVAILABLE';
}
