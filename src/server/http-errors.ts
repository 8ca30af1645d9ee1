/** Errors outside GraphQL's own pipeline, answered as GraphQL errors in JSON: bad bodies, unknown paths, malformed HTTP. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError, type ErrorCode } from '../errors.js';
import type { Logger } from '../logger.js';
import { statusOf, toClientError } from './client-error.js';

export interface ErrorBody {
  errors: GraphQLFormattedError[];
}

export function errorBody(code: ErrorCode | 'BAD_REQUEST', message: string, details: Readonly<Record<string, unknown>> = {}): ErrorBody {
  return { errors: [{ message, extensions: { ...details, code } }] };
}

/** fastify's error handler, also for URLs it cannot route. */
export function answerError(logger: Logger) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    if (error instanceof DomainError) {
      const { retryAfterSeconds } = error.details;
      if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds);
      void reply.code(statusOf(error.code)).send(errorBody(error.code, error.message, error.details));
    } else if (status >= 400 && status < 500) {
      void reply.code(status).send(errorBody(status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST', error.message));
    } else {
      void reply.code(500).send({ errors: [toClientError(new GraphQLError(error.message, { originalError: error }), request.id, logger)] });
    }
  };
}

/** Answers what node's HTTP parser could not read; there is no request yet, only a socket. */
export function answerMalformedRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const message = { 400: 'The request is not valid HTTP.', 408: 'The request did not arrive in time.', 431: 'The request has too many or too long headers.' }[status];
  writeRawError(socket, status, errorBody('BAD_REQUEST', message));
}

/** Writes a whole HTTP response to a bare socket and ends it. */
export function writeRawError(socket: Duplex, status: number, body: ErrorBody): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const json = JSON.stringify(body);
  // The client's half of the connection is not waited for: it may never end it.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`,
  );
}
