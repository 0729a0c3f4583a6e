import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Notification } from '../../../src/contract/notification.js';
import { until } from '../../../src/local/until.js';

/** How the receiver answers: with a status, or never. */
type Behaviour = 200 | 404 | 503 | 'hang';

interface Delivery {
  notification: Notification;
  answered: Behaviour;
}

/** A real HTTP server that notifications are posted to. It checks each signature. */
export class Receiver {
  behaviour: Behaviour = 200;
  readonly deliveries: Delivery[] = [];
  readonly #hanging: ServerResponse[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly secret: string,
  ) {}

  static async start(path: string, secret: string): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new Receiver(server, `http://127.0.0.1:${port}${path}`, secret);
    server.on('request', (request, response: ServerResponse) => {
      text(request).then(
        (body) => {
          receiver.#receive(request.headers, body, response);
        },
        // The client has hung up.
        () => undefined,
      );
    });
    return receiver;
  }

  /** Waits for a notification of a workflow that was answered with 200. */
  async of(workflowId: string, event: Notification['event']): Promise<Notification> {
    const look = () =>
      this.deliveries.find(
        ({ notification: one, answered }) =>
          one.workflowId === workflowId && one.event === event && answered === 200,
      )?.notification ?? false;
    return until(look, {
      interval: 100,
      what: `the notification ${event} of ${workflowId}`,
    });
  }

  /** Those of a workflow, each once: a delivery whose answer was late is made again, with the same ID. */
  notificationsOf(workflowId: string): Notification[] {
    const all = this.attempts(workflowId).map(({ notification }) => notification);
    return [...new Map(all.map((one) => [one.id, one])).values()];
  }

  attempts(workflowId: string): Delivery[] {
    return this.deliveries.filter(({ notification }) => notification.workflowId === workflowId);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #receive(headers: IncomingHttpHeaders, body: string, response: ServerResponse): void {
    if (!isSigned(headers, body, this.secret)) {
      response.writeHead(401).end();
      return;
    }
    this.deliveries.push({ notification: JSON.parse(body) as Notification, answered: this.behaviour });
    if (this.behaviour === 'hang') this.#hanging.push(response);
    else response.writeHead(this.behaviour).end();
  }
}

/** As docs/reference/notifications.md says. */
function isSigned(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret, 'base64');
  const expected = createHmac('sha256', key).update(signed).digest();
  const given = Buffer.from(String(headers['webhook-signature']).replace(/^v1,/, ''), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
