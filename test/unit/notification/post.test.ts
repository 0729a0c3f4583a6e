import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../../src/contract/notification.js';
import { freePort } from '../../../src/local/free-port.js';
import { post } from '../../../src/notification/post.js';
import { webhookHeaders } from '../../../src/notification/sign.js';

const notification: Notification = {
  ...{ event: 'gate-opened', id: 'run-1', at: '2027-01-01T00:00:00.000Z', text: 'é' },
  ...{
    workflowId: 'w',
    firstRunId: 'run',
    pair: 'orders',
    mode: 'failover',
    ticket: null,
    requestedBy: null,
  },
  ...{ phase: 'awaiting-approval', gate: null, minimumHeadroom: null, ending: null },
};

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function receiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: URL; key: null }> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/services/T0/planted-secret`), key: null };
}

it('signs as the test vector of Standard Webhooks says', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  expect(webhookHeaders(signed, key)).toEqual({
    'webhook-id': signed.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  expect(webhookHeaders(signed, null)).not.toHaveProperty('webhook-signature');
});

describe('an answer', () => {
  it.each([
    [200, { delivered: true }],
    [204, { delivered: true }],
    [302, { delivered: false, isFinal: true }],
    [404, { delivered: false, isFinal: true }],
    [408, { delivered: false, isFinal: false }],
    [429, { delivered: false, isFinal: false }],
    [500, { delivered: false, isFinal: false }],
    [503, { delivered: false, isFinal: false }],
  ])('of %i decides whether there is another attempt', async (status, expected) => {
    const { url, key } = await receiver((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('planted-secret');
    });
    const attempt = await post({ url, key }, notification);
    expect(attempt).toMatchObject(expected);
    expect(JSON.stringify(attempt)).not.toContain('planted-secret');
  });
});

it.each([
  [
    'refuses the connection',
    async () => {
      // Not a port that was the system's choice: the system may give it to somebody else meanwhile.
      const url = new URL(`http://127.0.0.1:${await freePort()}/planted-secret`);
      return { url, key: null };
    },
    'ECONNREFUSED',
  ],
  [
    'hangs up',
    () =>
      receiver((request) => {
        request.socket.destroy();
      }),
    'UND_ERR_SOCKET',
  ],
  [
    'has a port that is not allowed',
    () => ({ url: new URL('http://127.0.0.1:1/planted-secret'), key: null }),
    'sends no requests to this port',
  ],
])('a receiver that %s is tried again, and its path is not told', async (_what, where, why) => {
  const attempt = await post(await where(), notification);
  expect(attempt).toMatchObject({
    delivered: false,
    isFinal: false,
    reason: expect.stringContaining(why) as string,
  });
  expect(JSON.stringify(attempt)).not.toContain('planted-secret');
});
