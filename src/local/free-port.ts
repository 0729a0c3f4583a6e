import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/**
 * A TCP port on 127.0.0.1 that is free now. Another program may take it before it is used; then retry.
 *
 * The port is below the range that systems use for outgoing connections, and on Linux no other call of this function returns it while this
 * process runs. So it is still free when a server is stopped and started again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(10_240, 32_768);
    if ((await isFree(port)) && (await reserve(port))) return port;
  }
  throw new Error('No free TCP port found on 127.0.0.1 in 100 attempts between 10240 and 32767.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Reserves a port until this process ends, by a socket on another address of the loopback interface. Only Linux has that address without
 * configuration; elsewhere nothing is reserved.
 *
 * @returns false if the port is reserved already
 */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const reservation = createServer();
    reservation.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'EADDRINUSE');
    });
    reservation.listen(port, '127.0.0.2', () => {
      reservation.unref();
      resolve(true);
    });
  });
}

/** Whether something listens on the TCP port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
}
