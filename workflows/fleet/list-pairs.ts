import type { ApplicationFailure } from '@temporalio/workflow';
import type { Finding } from '../../src/contract/status.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import { listing } from '../activities.js';
import { isRunCancelled, toRunFailure, UndecodableError } from '../ending.js';
import { summary } from '../summary.js';

/** What an entry of a fleet's `pairs` says about the databases that it stands for. */
export interface ListedEntry {
  pair: string;
  /** Null means only the database of the pair itself. */
  databases: string[] | null;
  except: string[];
}

export interface ListedPair {
  pair: string;
  /** The index of its entry. */
  entry: number;
  /** Why the databases of its entry could not be listed; null if they could. */
  failure: ApplicationFailure | null;
}

/**
 * The pairs of the entries, in their order. An entry that stands for the databases of two servers becomes one pair for each database. A database
 * that has its own entry belongs to that entry.
 */
export async function listPairs(
  entries: readonly ListedEntry[],
): Promise<{ pairs: ListedPair[]; findings: Finding[] }> {
  const named = new Set(entries.filter(({ databases }) => databases === null).map(({ pair }) => pair));
  const lists = await Promise.all(entries.map(databasesOf));
  return {
    findings: lists.flatMap(({ findings }) => findings),
    pairs: lists.flatMap(({ pairs, failure }, entry) =>
      pairs
        .filter((pair) => entries[entry]?.databases === null || !named.has(pair))
        .map((pair) => ({ pair, entry, failure })),
    ),
  };
}

async function databasesOf({
  pair,
  databases,
  except,
}: ListedEntry): Promise<{ pairs: string[]; findings: Finding[]; failure: ApplicationFailure | null }> {
  if (databases === null) return { pairs: [pair], findings: [], failure: null };
  try {
    const report = await listing.listDatabases.executeWithOptions(
      { summary: summary(`list the databases of ${pair}`) },
      [{ pair, databases, except }],
    );
    if (isUndecodable(report)) throw new UndecodableError(`the databases of ${pair}`);
    return { ...report, failure: null };
  } catch (error) {
    if (isRunCancelled(error) || error instanceof UndecodableError) throw error;
    return { pairs: [pair], findings: [], failure: toRunFailure(error) };
  }
}
