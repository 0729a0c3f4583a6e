import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../../src/local/free-port.js';

it.runIf(process.platform === 'linux')('a port is reserved, and can be used', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  // Nobody else reserves it, also while nothing listens.
  server.close();
  await expect(once(createServer().listen(port, '127.0.0.2'), 'listening')).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
