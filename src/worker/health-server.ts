import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Listener } from '../config/listeners.js';

/** Whether work can be done, and why not. */
export interface Readiness {
  ready: boolean;
  /** Shown to whoever asks: never a secret. */
  [detail: string]: unknown;
}

/**
 * For orchestrators: `/livez` answers 200 as long as the process does, `/readyz` 200 or 503 as `readiness` says, in JSON.
 *
 * @throws Error when the port is taken
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
  // It ends with the process, which it does not keep alive.
  server.unref();
  return server;
}
