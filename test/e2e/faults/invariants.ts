import { expect } from 'vitest';
import type { WorkflowRun } from '../stage/workflow-run.js';
import type { FaultyPair } from './fault-stage.js';
import { nextValues, type NextValue } from './next-values.js';
import { connect, query } from './query.js';

/** The buffer of all runs here, in calls. */
export const CALLS = 1000n;
export const buffer = { calls: String(CALLS) };

/** Sequences of both directions; on the primary each has been called some times. */
export function sequences(count: number): string {
  return numbers(count)
    .map((number) => `CREATE SEQUENCE ${nameOf(number)} INCREMENT ${number % 3 === 0 ? -2 : 1}`)
    .join(';\n');
}

export function used(count: number): string {
  const calls = numbers(count).map(
    (number) => `setval('${nameOf(number)}', ${number % 3 === 0 ? -100 * number - 1 : 100 * number})`,
  );
  return `SELECT ${calls.join(', ')}`;
}

/** By sequence, how many calls the standby is ahead of the primary. */
export async function headroom({ primaryUrl, standbyUrl }: FaultyPair): Promise<Record<string, bigint>> {
  const [onPrimary, onStandby] = await Promise.all([bySequence(primaryUrl), bySequence(standbyUrl)]);
  const ahead: Record<string, bigint> = {};
  for (const [sequence, { next, increment }] of onPrimary) {
    const other = onStandby.get(sequence)?.next ?? next - increment;
    ahead[sequence] = (other - next) / increment;
  }
  return ahead;
}

/** What "completed" promises: every sequence of the primary is ahead on the standby by half of the buffer or more. */
export async function expectAhead(pair: FaultyPair): Promise<void> {
  const behind = Object.entries(await headroom(pair)).filter(([, calls]) => calls < CALLS / 2n);
  expect(behind).toEqual([]);
}

/** Each sequence ends in exactly one outcome. */
export async function expectOneOutcomeEach(run: WorkflowRun, count: number): Promise<void> {
  const { rows } = await run.sequences({ limit: 1000 });
  expect(new Set(rows.map(({ sequence }) => sequence)).size).toBe(count);
  expect(rows).toHaveLength(count);
}

/** The ledger's line on a run, and how many rows each of its rounds has. */
export async function recorded(
  { standbyUrl }: FaultyPair,
  { workflowId }: WorkflowRun,
): Promise<{ state: string; outcome: string | null; rows: Record<string, number> } | null> {
  const [run] = await query<{ run_id: string; state: string; outcome: string | null }>(
    standbyUrl,
    `SELECT run_id, state, outcome FROM sequence_failover.runs WHERE workflow_id = '${workflowId}'`,
  );
  if (run === undefined) return null;
  const rounds = await query<{ round: string; count: number }>(
    standbyUrl,
    `SELECT round::text, count(*)::integer FROM sequence_failover.sequences WHERE run_id = '${run.run_id}' GROUP BY round`,
  );
  return {
    state: run.state,
    outcome: run.outcome,
    rows: Object.fromEntries(rounds.map(({ round, count }) => [round, count])),
  };
}

async function bySequence(url: string): Promise<Map<string, NextValue>> {
  const client = await connect(url);
  try {
    const values = await nextValues(client);
    return new Map(values.map((value) => [value.sequence, value]));
  } finally {
    await client.end();
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const nameOf = (number: number) => `s_${String(number).padStart(4, '0')}`;
