import type { Pair } from '../../activities/dependencies.js';
import type { Configuration } from '../config/configuration.js';
import type { Ledger } from '../ledger/ledger.js';
import { secretsOf } from '../config/secrets-of.js';
import type { Endpoint } from '../postgres/endpoint.js';
import { isSameDatabase } from '../postgres/server/same-database.js';
import { classify } from '../postgres/failures/classify.js';
import { createLog } from './log.js';
import { OpenPairs } from './open-pairs.js';

/** The result for one database of a pair. */
export interface DatabaseInspection {
  pair: string;
  part: 'primary' | 'standby' | 'ledger' | 'both sides';
  ok: boolean;
  /** The facts, or why the check failed. Without secrets. */
  text: string;
  /** Empty if `ok`, or if the text names it. */
  remedy: string;
}

/**
 * Logs in to each database of each pair from this machine, and checks whether the ledger could be written. Writes nothing; never throws. A
 * ledger that fails only because its side cannot be reached is left out.
 */
export async function inspectPairs(
  configuration: Configuration,
  environment: NodeJS.ProcessEnv,
): Promise<DatabaseInspection[]> {
  const log = createLog({ level: 'fatal', secrets: secretsOf(configuration, environment) });
  const pairs = new OpenPairs(configuration.pairs, log);
  try {
    const inspected = await Promise.all(pairs.pairNames().map((name) => inspectPair(pairs, name)));
    return inspected.flat();
  } finally {
    await pairs.close();
  }
}

async function inspectPair(pairs: OpenPairs, name: string): Promise<DatabaseInspection[]> {
  let pair: Pair;
  try {
    pair = pairs.resolve(name);
  } catch (error) {
    return [{ pair: name, part: 'both sides', ...failed(error) }];
  }
  const sides = await Promise.all([pair.primary, pair.standby].map((side) => inspectSide(name, side)));
  if (sides.every(({ ok }) => ok)) sides.push(...(await inspectBoth(name, pair)));
  const { ledger } = pair;
  if (ledger === null)
    return [
      ...sides,
      { pair: name, part: 'ledger', ok: true, text: 'switched off by LEDGER=off', remedy: '' },
    ];
  const { cause, ...state } = await inspectLedger(ledger);
  // The ledger's side cannot be reached, which is reported already.
  const isTold = sides.some(({ ok, text }) => !ok && text === cause);
  return isTold ? sides : [...sides, { pair: name, part: 'ledger', ...state }];
}

/** `cause` is the reason of the server or the connection; absent if there is none. */
async function inspectLedger(
  ledger: Ledger,
): Promise<Pick<DatabaseInspection, 'ok' | 'text' | 'remedy'> & { cause?: string | undefined }> {
  try {
    const found = await ledger.inspect();
    return found.usable
      ? { ok: true, text: ledgerText(found.version, found.latest), remedy: '' }
      : { ok: false, text: found.reason, remedy: '', cause: found.cause };
  } catch (error) {
    const state = failed(error);
    return { ...state, cause: state.text };
  }
}

async function inspectSide(name: string, endpoint: Endpoint): Promise<DatabaseInspection> {
  const { side, address } = endpoint;
  const place = `${address.host}:${address.port}/${address.database}`;
  const part = side === 'primary' ? 'primary' : 'standby';
  try {
    const [row] = await endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, (query) =>
      query<{ version: string }>(`SELECT current_setting('server_version') AS version`),
    );
    const version = (row?.version ?? '?').split(' ')[0] ?? '?';
    return { pair: name, part, ok: true, text: `${place}, PostgreSQL ${version}`, remedy: '' };
  } catch (error) {
    return { pair: name, part, ...failed(error) };
  }
}

/** A URL that was copied and not changed leads both sides to one database: every sequence would be found ahead of itself. */
async function inspectBoth(name: string, { primary, standby }: Pair): Promise<DatabaseInspection[]> {
  try {
    if (!(await isSameDatabase(primary, standby, { primary: null, standby: null }))) return [];
    const { host, port, database } = standby.address;
    return [
      {
        ...{ pair: name, part: 'both sides', ok: false },
        text: `both sides lead to the same database, ${host}:${port}/${database}`,
        remedy: "point STANDBY_URL (or the pair's standby.url) at the standby",
      },
    ];
  } catch (error) {
    return [{ pair: name, part: 'both sides', ...failed(error) }];
  }
}

function ledgerText(version: number | null, latest: number): string {
  if (version === null) return 'not created yet: the first run creates it';
  return version < latest
    ? `version ${version}: the next run migrates it to ${latest}`
    : `version ${version}, up to date`;
}

function failed(error: unknown): Pick<DatabaseInspection, 'ok' | 'text' | 'remedy'> {
  const { reason, remedy } = classify(error);
  return { ok: false, text: reason, remedy };
}
