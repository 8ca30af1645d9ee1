/** `rankloop/client/subscriptions` in Node, whose older versions have no WebSocket of their own: the package `ws` stands in. */
import { WebSocket } from 'ws';
import { createSubscriptions as create, type Subscriptions, type SubscriptionsOptions } from './subscriptions.js';

export { RequestError, type Connection, type Operation, type Subscriptions, type SubscriptionsOptions, type Value } from './subscriptions.js';

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  return create({ webSocket: WebSocket, ...options });
}
