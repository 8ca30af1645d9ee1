/** An HTTP proxy with faults on demand, between a client and a real server: answers that get lost, that never come, or that the proxy gives itself. */
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: passed on; passed on and the answer thrown away with the connection; never answered; answered by the proxy. */
export type Fate = 'pass' | 'lose the answer' | 'say nothing' | { status: number; headers?: Record<string, string>; body?: string };

export interface TroubledProxy {
  url: string;
  /** The POST bodies that came, in order, and which of them the server has answered. */
  requests: { body: string; isAnswered: boolean }[];
  /** For the next POST requests, first come first served; after that all pass. */
  fates: Fate[];
  stop(): Promise<void>;
}

export async function startTroubledProxy(target: string): Promise<TroubledProxy> {
  const requests: TroubledProxy['requests'] = [];
  const fates: Fate[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(incoming);
    const seen = { body: body.toString(), isAnswered: false };
    const isPost = incoming.method === 'POST';
    if (isPost) requests.push(seen);
    const fate = (isPost && fates.shift()) || 'pass';
    if (fate === 'say nothing') return;
    if (typeof fate === 'object') return void response.writeHead(fate.status, fate.headers).end(fate.body ?? '');
    // The Host stays that of the proxy, which is on loopback too.
    const outgoing = forward(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: incoming.headers });
    outgoing.end(body);
    const [answered] = (await once(outgoing, 'response')) as [IncomingMessage];
    const answerBody = await read(answered);
    seen.isAnswered = true;
    if (fate === 'lose the answer') return void incoming.socket.destroy();
    response.writeHead(answered.statusCode ?? 502, answered.headers).end(answerBody);
  };
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fates,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
