import type { Log, Pair, PairRegistry } from '../../activities/dependencies.js';
import { resolvePair, type ResolvedPair } from '../config/resolve-pair.js';
import type { LedgerPlace, Pairs } from '../config/pairs.js';
import { reversedName } from '../contract/pair-name.js';
import type { SideOfPair } from '../contract/side.js';
import { openLedger } from '../ledger/open-ledger.js';
import type { Ledger, LedgerOptions } from '../ledger/ledger.js';
import { SlotRegistry } from '../postgres/connection/connection-slots.js';
import type { Endpoint, Side } from '../postgres/endpoint.js';
import { conninfo } from '../postgres/connection/conninfo.js';
import { classify } from '../postgres/failures/classify.js';
import { roleOf } from '../postgres/failures/login.js';
import { SQLSTATE } from '../postgres/failures/sqlstate.js';
import { openEndpoint } from '../postgres/session/open-endpoint.js';
import { ServerShare } from '../postgres/session/server-share.js';
import type { Secret } from '../config/secret.js';

/** The most connections to each server of a pair, over all its databases, in use or idle. */
const CONNECTIONS_PER_SERVER = 10;

/** The most databases of pairs to keep open. Clients that start runs choose their names, so the number has to be limited. */
const DATABASES_KEPT = 2_000;

/** Opens each pair when it is first used, and keeps it open. Of databases of pairs, it keeps only those that were used last. */
export class OpenPairs implements PairRegistry {
  readonly #configured: Pairs;
  readonly #log: Log;
  readonly #ledger: LedgerOptions;
  readonly #open = new Map<string, Pair>();
  /** The databases of pairs, in the order of their last use. */
  readonly #databases = new Map<string, { pair: Pair; endpoints: Endpoint[] }>();
  readonly #shares = new Map<string, ServerShare>();
  readonly #slots = new SlotRegistry();
  readonly #ledgers = new Map<string, Endpoint>();
  readonly #endpoints = new Set<Endpoint>();

  constructor(configured: Pairs, log: Log, ledger: LedgerOptions = {}) {
    this.#configured = configured;
    this.#log = log;
    this.#ledger = ledger;
  }

  /** The names of all pairs. */
  pairNames(): string[] {
    return this.#configured.pairNames();
  }

  resolve(name: string): Pair {
    const known = this.#open.get(name);
    if (known) return known;
    const database = this.#databases.get(name);
    if (database) {
      this.#databases.delete(name);
      this.#databases.set(name, database);
      return database.pair;
    }
    const resolved = resolvePair(this.#configured, name);
    if (resolved.server === name || name === reversedName(resolved.server)) {
      const { pair } = this.#openPair(name, resolved);
      this.#open.set(name, pair);
      return pair;
    }
    const opened = this.#openPair(name, resolved);
    this.#databases.set(name, opened);
    this.#forgetOldest();
    return opened.pair;
  }

  /** Ends all connections. No pair may be used afterwards. */
  async close(): Promise<void> {
    await Promise.all([...this.#endpoints].map((endpoint) => endpoint.close()));
  }

  #openPair(name: string, resolved: ResolvedPair): { pair: Pair; endpoints: Endpoint[] } {
    const { server, reversed, replication } = resolved;
    const open = (side: SideOfPair) =>
      this.#openEndpoint(name, side, resolved[side], this.#share(server, reversed ? otherSide(side) : side));
    const [primary, standby] = [open('primary'), open('standby')];
    const ledger = this.#openLedger(name, resolved.ledger, standby);
    const wayBack = () => conninfo('standby', (replication.standby ?? resolved.standby).reveal());
    return { pair: { primary, standby, ledger, wayBack }, endpoints: [primary, standby] };
  }

  #openLedger(name: string, place: LedgerPlace, standby: Endpoint): Ledger | null {
    if (place === 'off') return null;
    return openLedger(place === 'standby' ? standby : this.#ledgerAt(name, place), {
      ...this.#ledger,
      onNotPruned: (error) => {
        const { sqlstate, reason, remedy } = classify(error);
        const grant = `GRANT DELETE ON sequence_failover.runs, sequence_failover.sequences TO ${roleOf(error)};`;
        const isForbidden = sqlstate === SQLSTATE.insufficientPrivilege;
        this.#log.warn(
          { pair: name, reason, remedy: isForbidden ? `As the owner of the ledger run: ${grant}` : remedy },
          'the runs in the ledger that are older than LEDGER_KEEP could not be deleted',
        );
      },
    });
  }

  #openEndpoint(name: string, side: Side, url: Secret, share?: ServerShare): Endpoint {
    const endpoint = openEndpoint(side, url.reveal(), {
      onConnectionLost: (error) => {
        this.#log.warn(
          { pair: name, side, err: error },
          'an idle connection was lost, and is replaced when needed',
        );
      },
      ...(share && { share }),
      slots: this.#slots,
    });
    this.#endpoints.add(endpoint);
    return endpoint;
  }

  #share(server: string, side: SideOfPair): ServerShare {
    const key = `${side} ${server}`;
    const share = this.#shares.get(key) ?? new ServerShare(CONNECTIONS_PER_SERVER);
    this.#shares.set(key, share);
    return share;
  }

  /** One endpoint for all pairs that have their ledger there. */
  #ledgerAt(name: string, url: Secret): Endpoint {
    const endpoint = this.#ledgers.get(url.reveal()) ?? this.#openEndpoint(name, 'ledger', url);
    this.#ledgers.set(url.reveal(), endpoint);
    return endpoint;
  }

  #forgetOldest(): void {
    if (this.#databases.size <= DATABASES_KEPT) return;
    for (const [name, { endpoints }] of this.#databases) {
      this.#databases.delete(name);
      for (const endpoint of endpoints) {
        this.#endpoints.delete(endpoint);
        endpoint.close().catch((error: unknown) => {
          this.#log.warn({ pair: name, side: endpoint.side, err: error }, 'connections could not be ended');
        });
      }
      return;
    }
  }
}

function otherSide(side: SideOfPair): SideOfPair {
  return side === 'primary' ? 'standby' : 'primary';
}
