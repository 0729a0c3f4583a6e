import { escapeIdentifier } from 'pg';
import { unpackTable, packTable } from '../../../src/steps/table.js';
import { impliedPrimary } from '../../../src/steps/implied.js';
import type { Mode } from '../../../src/contract/modes.js';
import type { Finding } from '../../../src/contract/status.js';
import type { PageRange, PairIdentity, Policy } from '../../../src/steps/identity.js';
import type { PlannedSequence } from '../../../src/steps/rows.js';
import { planPage } from '../../../src/planning/rows/plan-page.js';
import { isToSet, toSetting } from '../../../src/planning/rows/settings.js';
import { setSequences } from '../../../src/postgres/sequences/set-sequences.js';
import type { Endpoint } from '../../../src/postgres/endpoint.js';
import type { Pair } from '../../../activities/dependencies.js';
import { planWithRows } from '../../../activities/plan-with-rows.js';
import { byName, readColumnFacts } from '../../../activities/read-column-facts.js';
import { readPrimaryPage } from '../../../activities/read-primary-page.js';
import { readStandbyPage } from '../../../activities/read-standby-page.js';
import type { TestDatabase, TestServer } from './database.js';

const everything = { after: null, upTo: null };

/** Two databases as the sides of a pair. The steps of a round can be run on them without Temporal. */
export class TwoSides {
  static async create(
    servers: { primary: TestServer; standby: TestServer },
    options: { primary?: string; standby?: string } = {},
  ): Promise<TwoSides> {
    const [primary, standby] = await Promise.all([
      servers.primary.database(options.primary),
      servers.standby.database(options.standby),
    ]);
    return new TwoSides(primary, standby);
  }

  #sides: { primary: Endpoint; standby: Endpoint } | undefined;

  private constructor(
    readonly primary: TestDatabase,
    readonly standby: TestDatabase,
  ) {}

  /** On both sides. */
  async sql(text: string): Promise<void> {
    await Promise.all([this.primary.sql(text), this.standby.sql(text)]);
  }

  /** Connects as roles of their own that may log in and nothing else. */
  async asLimitedRoles(): Promise<{ primary: string; standby: string }> {
    const roles = { primary: await this.primary.role(), standby: await this.standby.role() };
    this.#sides = {
      primary: await this.primary.endpoint({ side: 'primary', role: roles.primary }),
      standby: await this.standby.endpoint({ side: 'standby', role: roles.standby }),
    };
    return roles;
  }

  /** Makes the standby's catalogs say that it subscribes to the table. Nothing is replicated. */
  async subscribe(table: string): Promise<void> {
    const name = `s_${table}_${await this.standby.oid(table)}`;
    await this.standby.sql(
      `CREATE SUBSCRIPTION ${name} CONNECTION 'host=localhost' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
    );
    await this.standby.sql(
      `INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate, srsublsn)
       SELECT oid, '${table}'::regclass, 'r', '0/1' FROM pg_subscription WHERE subname = '${name}'`,
    );
  }

  /** Reads both sides, or a page of them, and plans them. */
  async plan(
    policy: Partial<Policy> = {},
    range: PageRange = everything,
    mode: Mode = 'failover',
  ): Promise<{ rows: PlannedSequence[]; findings: Finding[] }> {
    const whole: Policy = { include: [], exclude: [], overrides: [], buffer: { calls: '100' }, ...policy };
    this.#sides ??= {
      primary: await this.primary.endpoint({ side: 'primary' }),
      standby: await this.standby.endpoint({ side: 'standby' }),
    };
    const pair: Pair = { ...this.#sides, ledger: null };
    const identity: PairIdentity = {
      pair: 'test',
      primary: this.primary.identity,
      standby: this.standby.identity,
    };
    const primary = unpackTable(packTable(await readPrimaryPage({ pair, identity, range }), impliedPrimary));
    const standby = await readStandbyPage({ pair, identity, range });
    const facts = await readColumnFacts({ pair, identity }, whole, { primary, standby });
    const context = { mode, policy: whole, primaryMaxConnections: 10 } as const;
    return planWithRows({ pair, identity, range }, standby, (withAhead) =>
      planPage(context, primary, withAhead, byName, facts),
    );
  }

  /** Sets the planned sequences. @returns the sequences that could not be set */
  async apply(rows: readonly PlannedSequence[]): Promise<{ reason: string; remedy: string }[]> {
    const settings = rows.filter(isToSet).map((row) => toSetting(row).setting);
    if (this.#sides === undefined) throw new Error('nothing was planned');
    const report = await setSequences(this.#sides.standby, this.standby.identity, settings, { alone: null });
    return report.failed;
  }

  /** Runs the statements of a remedy as the superuser of the side that it names. */
  async follow({ remedy }: Pick<Finding, 'remedy'>): Promise<void> {
    const side = /\bon the (primary|standby)\b/u.exec(remedy)?.[1];
    const statements = /\b(?:DO|SET|CREATE|ALTER|GRANT|SELECT)\b.*;/su.exec(remedy)?.[0];
    if (side === undefined || statements === undefined)
      throw new Error(`the remedy names no side, or no statement: ${remedy}`);
    if (statements.includes('…')) throw new Error(`not to be pasted: ${statements}`);
    const database = side === 'primary' ? this.primary : this.standby;
    // One after the other, as psql sends what is pasted: CREATE INDEX CONCURRENTLY may not run in a transaction with others.
    const each = statements.includes('CONCURRENTLY') ? statements.split(/(?<=;) /u) : [statements];
    for (const statement of each) await database.sql(statement);
  }

  async drop(): Promise<void> {
    for (const { subname } of await this.standby.sql<{ subname: string }>(
      'SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()',
    ))
      await this.standby.sql(`DROP SUBSCRIPTION ${escapeIdentifier(subname)}`);
    await Promise.all([this.primary.drop(), this.standby.drop()]);
  }
}
