import pg, { type ClientConfig, type PoolClient } from 'pg';
import { backendKeyOf } from './backend-key.js';

/** Time in milliseconds in which the server has to accept the request. It closes the connection after it has passed the request on. */
const ACCEPT_WITHIN_MS = 3_000;

/** The part of pg's client that speaks the protocol. */
interface Wire {
  on(event: string, listener: () => void): void;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  stream: { destroy(): void };
}

/**
 * Asks the server to cancel the statement of a session. The request has its own connection, which needs no login and counts against no
 * limit: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS. A backend goes on with its
 * statement, or waits with its COMMIT, long after the client's end of the connection is gone, and keeps its locks.
 *
 * @param config the configuration of the session's connection
 * @returns after the request was passed on or has failed; never throws
 */
export function requestCancel(config: ClientConfig, session: PoolClient): Promise<void> {
  const key = backendKeyOf(session);
  if (key === null) return Promise.resolve();
  return new Promise((resolve) => {
    const client = new pg.Client(config);
    const wire = client.connection as unknown as Wire;
    const end = () => {
      clearTimeout(timer);
      wire.stream.destroy();
      resolve();
    };
    const timer = setTimeout(end, ACCEPT_WITHIN_MS);
    for (const event of ['end', 'error', 'errorMessage']) wire.on(event, end);
    const send = () => {
      wire.cancel(key.processId, key.secretKey);
    };
    const isTls = Boolean(config.ssl);
    wire.on('connect', () => {
      if (!isTls) send();
      else if (config.sslnegotiation !== 'direct') wire.requestSsl();
    });
    wire.on('sslconnect', send);
    const { host = 'localhost', port = 5432 } = config;
    if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  });
}
