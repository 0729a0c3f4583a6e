import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/**
 * A TCP port on 127.0.0.1 that nobody listens on now. It can be lost to another process before it is used: retry.
 *
 * The port lies below the ranges that systems take the ports of outgoing connections from, so that a server which is
 * stopped and started again finds it still free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(10_240, 32_768);
    if (await isFree(port)) return port;
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
