import type { Log, PairRegistry } from '../../activities/dependencies.js';
import type { Endpoint } from '../postgres/endpoint.js';
import { classify } from '../postgres/failures/classify.js';

/**
 * Tries to log in to each side of each pair, and logs the result. An unreachable side is only a warning, because a worker may
 * be started while the primary is down. Each run makes its own checks. Never throws.
 */
export async function checkConnections(pairs: PairRegistry, log: Log): Promise<void> {
  const checks = pairs.pairNames().flatMap((pair) => {
    try {
      const { primary, standby } = pairs.resolve(pair);
      return [primary, standby].map((endpoint) => checkConnection(pair, endpoint, log));
    } catch (error) {
      const { reason, remedy } = classify(error);
      log.warn({ pair, reason, remedy }, 'the pair cannot be used');
      return [Promise.resolve(false)];
    }
  });
  const reached = (await Promise.all(checks)).filter(Boolean).length;
  log.info({ reached, of: checks.length }, 'the connections to the databases are checked');
}

async function checkConnection(pair: string, endpoint: Endpoint, log: Log): Promise<boolean> {
  const { side, address } = endpoint;
  try {
    const [row] = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
      query<{ version: string }>(`SELECT current_setting('server_version') AS version`),
    );
    log.info({ pair, side, ...address, serverVersion: row?.version }, 'the database can be reached');
    return true;
  } catch (error) {
    const { reason, remedy } = classify(error);
    log.warn({ pair, side, ...address, reason, remedy }, 'the database cannot be reached');
    return false;
  }
}
