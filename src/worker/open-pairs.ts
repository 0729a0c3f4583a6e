import type { Log, Pair, PairRegistry } from '../../activities/dependencies.js';
import type { PairConfiguration, Pairs } from '../config/pairs.js';
import { openLedger } from '../ledger/ledger.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Endpoint, Side } from '../postgres/endpoint.js';
import { openEndpoint } from '../postgres/open-endpoint.js';
import type { Secret } from '../config/secret.js';

/** Opens each pair when it is first asked for, and keeps it. */
export class OpenPairs implements PairRegistry {
  readonly #configured: Pairs;
  readonly #log: Log;
  readonly #open = new Map<string, Pair>();
  readonly #endpoints: Endpoint[] = [];

  constructor(configured: Pairs, log: Log) {
    this.#configured = configured;
    this.#log = log;
  }

  pairNames(): string[] {
    return this.#configured.pairNames();
  }

  resolve(name: string): Pair {
    const known = this.#open.get(name);
    if (known) return known;
    const pair = this.#openPair(name, this.#configured.resolve(name));
    this.#open.set(name, pair);
    return pair;
  }

  /** Ends all connections; nothing may use a pair after that. */
  async close(): Promise<void> {
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  #openPair(name: string, { primary, standby, ledger }: PairConfiguration): Pair {
    const open = (side: Side, url: Secret): Endpoint => {
      const endpoint = openEndpoint(side, url.reveal(), {
        onConnectionLost: (error) => {
          this.#log.warn(
            { pair: name, side, err: error },
            'an idle connection was lost, and is replaced when needed',
          );
        },
      });
      this.#endpoints.push(endpoint);
      return endpoint;
    };
    const standbyEndpoint = open('standby', standby);
    const ledgerOf = (): Ledger | null => {
      if (ledger === 'off') return null;
      return openLedger(ledger === 'standby' ? standbyEndpoint : open('ledger', ledger));
    };
    return { primary: open('primary', primary), standby: standbyEndpoint, ledger: ledgerOf() };
  }
}
