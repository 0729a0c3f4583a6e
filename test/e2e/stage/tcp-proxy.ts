import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { freePort } from '../../../src/local/free-port.js';

/** The server that a proxy connects to. */
export interface Destination {
  host: string;
  port: number;
}

/** A connection through the proxy: its two sockets. */
interface Passage {
  client: Socket;
  server: Socket;
}

/**
 * A proxy that can simulate network failures, between the clients of `port` and a server. It does not interpret the data.
 */
export class TcpProxy {
  readonly #passages = new Set<Passage>();
  /** Passages on which nothing passes any more, see `strand`. */
  readonly #stranded = new Set<Passage>();
  readonly #server: Server;
  #destination: Destination;
  #held = false;
  #delay = 0;
  #cutAfterBytes = Infinity;
  #madeCount = 0;
  port = 0;

  private constructor(destination: Destination) {
    this.#destination = destination;
    this.#server = createServer((client) => {
      this.#connect(client);
    });
  }

  static async start(destination: Destination): Promise<TcpProxy> {
    const proxy = new TcpProxy(destination);
    // Not a port of the system's choice: while the proxy refuses, the system could give that one to an outgoing connection.
    proxy.port = await freePort();
    await proxy.#listen();
    return proxy;
  }

  /** The number of connections that were made through it. */
  get made(): number {
    return this.#madeCount;
  }

  /** New connections go to another server. Present connections end, unless they are to stay. */
  leadTo(destination: Destination, { keepPresent = false } = {}): void {
    this.#destination = destination;
    if (!keepPresent) this.cut();
  }

  /** Ends every connection by a reset, like a router that has lost its state. */
  cut(): void {
    for (const { client, server } of this.#passages) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** The next connections end after this many bytes from the server, in the middle of the data. */
  cutAfter(bytes: number): void {
    this.#cutAfterBytes = bytes;
  }

  /** Ends every connection and refuses new ones, like a host whose server is down. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.cut();
    for (const { client, server } of this.#stranded) {
      client.destroy();
      server.destroy();
    }
    await once(this.#server, 'close');
  }

  async accept(): Promise<void> {
    if (!this.#server.listening) await this.#listen();
  }

  /** Half-open connections: present and new connections stay open, but nothing passes in either direction until `release`. */
  hold(): void {
    this.#held = true;
    for (const { client, server } of this.#passages) {
      client.pause();
      server.pause();
    }
  }

  release(): void {
    this.#held = false;
    for (const { client, server } of this.#passages) {
      client.resume();
      server.resume();
    }
  }

  /** The present connections stay half-open for ever. New connections work. */
  strand(): void {
    for (const { client, server } of this.#passages) {
      client.pause();
      server.pause();
      this.#stranded.add({ client, server });
    }
    this.#passages.clear();
  }

  /** Delays the data of new connections by this many milliseconds in each direction. */
  slowDown(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** Resets the proxy, except for its destination. */
  async heal(): Promise<void> {
    this.#delay = 0;
    this.#cutAfterBytes = Infinity;
    this.release();
    await this.accept();
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #connect(client: Socket): void {
    this.#madeCount += 1;
    const { host, port } = this.#destination;
    const server = connect({ host, port });
    const passage = { client, server };
    this.#passages.add(passage);
    this.#carry(client, server, Infinity);
    this.#carry(server, client, this.#cutAfterBytes);
    if (this.#held) {
      client.pause();
      server.pause();
    }
    client.once('close', () => this.#passages.delete(passage));
  }

  #carry(from: Socket, to: Socket, cutAfterBytes: number): void {
    const delay = this.#delay;
    let bytesLeft = cutAfterBytes;
    const later = (work: () => void) => {
      if (delay === 0) work();
      else setTimeout(work, delay);
    };
    from.on('data', (data) => {
      bytesLeft -= data.length;
      later(() => {
        if (to.destroyed) return;
        if (bytesLeft < 0) {
          from.resetAndDestroy();
          to.resetAndDestroy();
        } else {
          to.write(data);
        }
      });
    });
    from.on('end', () => {
      later(() => to.end());
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      later(() => to.destroy());
    });
  }
}
