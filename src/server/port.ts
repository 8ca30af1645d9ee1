/** The port: whether it can be had, and what to say when not. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Rejects with what to do when the port cannot be listened on; asked first, so that nothing is started in vain. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  try {
    const listening = once(probe, 'listening');
    probe.listen(port, listenAddressOf(host));
    await listening;
  } catch (error) {
    throw explainListenError(error, host, port);
  }
  probe.close();
  await once(probe, 'close');
}

export function listenAddressOf(host: string): string {
  // fastify opens a second server for the other address of "localhost", which it does not stop with the first.
  if (host === 'localhost') return '127.0.0.1';
  return host.replace(/^\[(.*)\]$/, '$1');
}

export function explainListenError(error: unknown, host: string, port: number): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new Error(`Port ${port} on ${host} is in use by another program. Set PORT to a free one, for example PORT=${port + 1}.`, { cause: error });
  if (code === 'EACCES') return new Error(`This user may not listen on port ${port}. Set PORT to one above 1023, for example PORT=4000.`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new Error(`This machine has no address "${host}". Set HOST to one that it has, for example HOST=127.0.0.1.`, { cause: error });
  return error;
}
