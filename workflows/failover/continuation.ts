import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { foldFindings } from '../../src/findings/fold-findings.js';
import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import { MEMO } from '../../src/contract/names.js';
import { cut } from '../../src/contract/parsing/text.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';
import { UndecodableError } from '../ending.js';
import type { DeepReadonly } from './deep-readonly.js';
import { outcomesLost } from './outcomes-lost.js';
import type { Run } from './run.js';
import type { RunMemory } from './run-memory.js';
import { upgradeMemory } from './upgrade-memory.js';

/** The second argument of a continued run. A client cannot forge it, since it has to name the run that it continues. */
interface Continuation {
  continues: string;
  memory: Carried;
}

/**
 * @returns the memory of the run that this one continues; null if it continues none
 * @throws UndecodableError, UnreadableMemoryError: another worker, which can read the memory, has to take the task
 */
export function continuedMemory(args: readonly unknown[]): RunMemory | null {
  const { continuedFromExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId !== undefined && isUndecodable(args[1])) {
    throw new UndecodableError(`what the run ${continuedFromExecutionRunId} passed on`);
  }
  const candidate = args[1] as { continues?: unknown; memory?: unknown } | null | undefined;
  if (continuedFromExecutionRunId === undefined || typeof candidate !== 'object' || candidate === null)
    return null;
  return candidate.continues === continuedFromExecutionRunId ? upgradeMemory(candidate.memory) : null;
}

/**
 * Continues as new when the history has grown long. It is called only while no page is open, so that no work is lost. An upserted memo is
 * not passed on by itself.
 */
export async function continueIfLong(run: Run): Promise<void> {
  if (!isLong()) return;
  const { memo, runId } = workflowInfo();
  await condition(allHandlersFinished);
  const continuation: Continuation = { continues: runId, memory: withinLimits(run.memory) };
  await makeContinueAsNewFunc({ memo: memo ?? {} })(null, continuation);
}

/** Whether it is time to continue as new. A flood of signals makes it so within minutes. */
export function isLong(): boolean {
  const { continueAsNewSuggested, historyLength, memo } = workflowInfo();
  return continueAsNewSuggested || historyLength >= historyLimit(memo);
}

type Carried = DeepReadonly<RunMemory>;

/** Above 2 MiB the workflow task fails for ever, and encryption makes the payload larger. */
const MEMORY_AT_MOST = 1_200_000;
const REASON_AT_MOST = 100;
const FINDINGS_LEFT = 20;
/** Characters. */
const REMEDY_LEFT = 1_000;

/** The last readings of very many sequences need more. This is close to what Temporal accepts. */
const MEMORY_AT_THE_LIMIT = 1_900_000;

/**
 * Makes the memory small enough, in steps until it fits: the reasons of the rows are cut; the rows are dropped, which the ledger still has;
 * the findings are shortened; the outcomes of earlier rounds are dropped, and `COUNTS_INCOMPLETE` says so; the last readings are dropped.
 * They come last, because without them a lost primary is a block for every sequence.
 */
export function withinLimits(memory: Carried): Carried {
  if (fits(memory)) return memory;
  const rows = memory.rows.map((row) => ({
    ...row,
    reason: row.reason === null ? null : cut(row.reason, REASON_AT_MOST),
  }));
  const shorter = { ...memory, rows };
  if (fits(shorter)) return shorter;
  const withoutRows = { ...memory, rows: [] };
  if (fits(withoutRows)) return withoutRows;
  const least = { ...withoutRows, findings: shortened(memory.findings) };
  if (fits(least, MEMORY_AT_THE_LIMIT)) return least;
  const uncounted = {
    ...least,
    ...(memory.outcomes === undefined ? {} : { outcomes: [] }),
    findings: { ...least.findings, counts: outcomesLost(true) },
  };
  return fits(uncounted, MEMORY_AT_THE_LIMIT) ? uncounted : { ...uncounted, readings: { parts: [] } };
}

/** The next recheck finds again the findings that are left out here. */
function shortened(findings: Carried['findings']): Carried['findings'] {
  const sources = Object.entries(findings);
  return Object.fromEntries(
    sources.map(([source, found]) => [
      source,
      foldFindings(found, FINDINGS_LEFT).map((one) => ({ ...one, remedy: cut(one.remedy, REMEDY_LEFT) })),
    ]),
  );
}

function fits(memory: Carried, atMost = MEMORY_AT_MOST): boolean {
  return jsonBytes(memory) <= atMost;
}

/** Far below the 51,200 events at which a server ends a run. Tests lower it with a memo. */
function historyLimit(memo: Record<string, unknown> | undefined): number {
  const lowered = memo?.[MEMO.continueAsNewAfterEvents];
  return typeof lowered === 'number' && lowered >= 50 ? lowered : 10_000;
}
