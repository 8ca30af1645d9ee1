/** `rankloop/client`: search, clicks and any other request, for pages and for Node, without the WebSocket part. */
export { createClient } from './client.js';
export type { ClientOptions, PreviewInput, RankingPreview, RankloopClient, RecordedClicks, RequestOptions, SearchResult } from './client.js';
export type { RecordedClick } from './click-queue.js';
export type { EndpointOptions, Key } from './endpoint.js';
export type { HitFragment as SearchHit, RecordClickInput, SearchInput } from './generated/operations.js';
export type { Operation } from './operation.js';
export { RequestError } from './request-error.js';
