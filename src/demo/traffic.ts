import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveWriter } from './live-writer.js';
import { type LastIds, readLastIds } from './rows.js';

/** Moves the application from one server to the other, like the API of a proxy. */
export class Traffic {
  #before: LastIds | null = null;

  private constructor(
    /** The address that a promotion calls. */
    readonly url: string,
    private readonly writer: LiveWriter,
    private readonly urls: readonly string[],
    readonly stop: () => Promise<void>,
  ) {}

  /** @param urls the databases that the application can be moved to */
  static async start(writer: LiveWriter, urls: readonly string[]): Promise<Traffic> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const { standby } = JSON.parse(body) as { standby: { port: number } };
        traffic.move(standby.port).then(
          () => response.writeHead(204).end(),
          () => response.writeHead(500).end(),
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const traffic = new Traffic(`http://127.0.0.1:${port}/`, writer, urls, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return traffic;
  }

  /** @param port the port of the server to which it writes from now on */
  async move(port: number): Promise<void> {
    const url = this.urls.find((one) => new URL(one).port === String(port));
    if (url === undefined) throw new Error(`No database of the demo has the port ${port}.`);
    this.#before ??= await readLastIds(url);
    this.writer.moveTo(url);
  }

  /** The state of a server at the time when the application was first moved to it. */
  get before(): LastIds {
    if (this.#before === null) throw new Error('The application was not moved.');
    return this.#before;
  }
}
