import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../src/local/free-port.js';

export interface LatencyProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Forwards connections to a port of 127.0.0.1, every byte late by half of the round trip, in either direction, in order,
 * and with no limit on how much is under way: a long fast line.
 *
 * @param roundTripMs that is added; what loopback takes comes on top
 */
export async function startLatencyProxy(target: number, roundTripMs: number): Promise<LatencyProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      // The end of the other socket says all that is to be said.
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
