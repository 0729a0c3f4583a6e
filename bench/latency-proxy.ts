import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../src/local/free-port.js';

export interface LatencyProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Forwards connections to a port of 127.0.0.1. In each direction it delays every byte by half of the round trip, and keeps the
 * order. It does not limit the bandwidth.
 *
 * @param roundTripMs is added to the round trip of loopback
 */
export async function startLatencyProxy(target: number, roundTripMs: number): Promise<LatencyProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      // The other socket ends too, so the error needs no handling.
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    forward(near, far, roundTripMs / 2);
    forward(far, near, roundTripMs / 2);
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function forward(from: Socket, to: Socket, delayMs: number): void {
  const later = (work: () => void) => setTimeout(work, delayMs);
  from.on('data', (bytes: Buffer) => {
    later(() => to.writable && to.write(bytes));
  });
  from.on('end', () => {
    later(() => to.end());
  });
  from.on('close', () => {
    later(() => to.destroy());
  });
}
