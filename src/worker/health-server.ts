import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Listener } from '../config/listeners.js';

/** Whether the worker can do work, and if not, why. */
export interface Readiness {
  ready: boolean;
  /** Everybody who reaches the port can read it: never a secret. */
  [detail: string]: unknown;
}

/**
 * Health endpoints for orchestrators, in JSON: `/livez` answers 200 while the process runs, `/readyz` answers 200 or 503
 * according to `readiness`.
 *
 * @throws Error if the port is in use
 */
export async function startHealthServer(
  { host, port }: Listener,
  readiness: () => Promise<Readiness>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, { error: 'use GET' });
    else if (path === '/livez') answer(200, { live: true });
    else if (path !== '/readyz') answer(404, { error: 'there are /livez and /readyz' });
    else {
      readiness().then(
        (found) => {
          answer(found.ready ? 200 : 503, found);
        },
        () => {
          answer(503, { ready: false });
        },
      );
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // The server ends with the process, and does not keep it alive.
  server.unref();
  return server;
}
