import { randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';

/** The most statements whose plans a session keeps. With 25 tables in each they take about 60 MB of the server's memory. */
const MOST_KEPT = 250;

/** A session drops its plans when none was used for this time, in milliseconds. */
const KEPT_FOR = 60_000;

/** No other client of a connection pooler uses these names. */
const PREFIX = `sequence_failover_${randomBytes(8).toString('hex')}`;

let made = 0;

/**
 * The plans that a session keeps, as prepared statements of SQL: https://www.postgresql.org/docs/current/sql-prepare.html. Planning a
 * statement takes three times as long as running its plan. The server plans again by itself when a table has changed.
 */
export class KeptPlans {
  readonly #names = new Map<string, string>();
  #count = 0;
  #usedAt = 0;
  #isUsable = true;

  /** Whether the plans have to be dropped. The caller drops all prepared statements of the session then. */
  dropStale(): boolean {
    if (this.#count === 0 || performance.now() - this.#usedAt < KEPT_FOR) return false;
    this.#names.clear();
    this.#count = 0;
    return true;
  }

  /**
   * Behind a connection pooler each transaction may run in another session, so nothing is kept there. Such a pooler gives its clients
   * process IDs of its own.
   *
   * @param told the process ID that the client was told when it connected; null if it was told none
   * @param pid the process ID of the server's session
   */
  checkSession(told: number | null, pid: number): void {
    if (told !== pid) this.#isUsable = false;
  }

  /**
   * The statements to send for these SELECT statements: those of kept plans are executed by name, and others are prepared first.
   *
   * @returns for each text its statements, of which the last one returns the rows
   */
  toSend(texts: readonly string[]): string[][] {
    if (!this.#isUsable) return texts.map((text) => [text]);
    this.#usedAt = performance.now();
    return texts.map((text) => {
      const known = this.#names.get(text);
      if (known !== undefined) return [`EXECUTE ${known}`];
      if (this.#count >= MOST_KEPT) return [text];
      this.#count += 1;
      made += 1;
      const name = `${PREFIX}_${made}`;
      this.#names.set(text, name);
      return [`PREPARE ${name} AS ${text}`, `EXECUTE ${name}`];
    });
  }

  /** After a failure it is not known which statements were prepared. */
  forget(texts: readonly string[]): void {
    for (const text of texts) this.#names.delete(text);
  }

  /** The session did not have a plan that it should have kept: its prepared statements were dropped by somebody else. */
  lost(): void {
    this.#names.clear();
    this.#isUsable = false;
  }
}

const bySession = new WeakMap<PoolClient, KeptPlans>();

export function keptPlans(client: PoolClient): KeptPlans {
  const known = bySession.get(client);
  if (known !== undefined) return known;
  const plans = new KeptPlans();
  bySession.set(client, plans);
  return plans;
}
