/**
 * The bare counterpart: `ws` alone, which sends one text made beforehand to everybody, four times a second while its input says so.
 * It takes what a subscriber sends without reading it, and begins when nobody more has come for a while. Its own process: `bare-broadcaster.ts`.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const INTERVAL_MS = 250;
const QUIET_MS = 2_000;
/** Of the length that a client makes. */
const ID = `s${randomUUID()}`;
/** As long as an event of sampleStats. */
const REST = `","total":${'1'.repeat(300)}}}}}`;

const event = (): string => `{"id":"${ID}","type":"next","payload":{"data":{"sampleStats":{"updatedAt":"${new Date().toISOString()}${REST}`;
const server = createServer();
const sockets = new WebSocketServer({ server });
let lastCameAt = 0;
sockets.on('connection', (socket) => {
  lastCameAt = performance.now();
  socket.once('message', () => {
    socket.send('{"type":"connection_ack"}');
    socket.once('message', () => socket.send(event()));
  });
});
setInterval(() => {
  if (performance.now() - lastCameAt < QUIET_MS) return;
  const text = event();
  for (const socket of sockets.clients) socket.send(text);
}, INTERVAL_MS);
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`));
