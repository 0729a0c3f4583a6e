import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import type { Run, RunMemory } from './run.js';

/** The second argument of a continued run, which no client can forge: it names the run it continues. */
interface Continuation {
  continues: string;
  memory: RunMemory;
}

/** @returns what the run before knew, when this one continues it, else null */
export function continuedMemory(args: readonly unknown[]): RunMemory | null {
  const { continuedFromExecutionRunId } = workflowInfo();
  const candidate = args[1] as Partial<Continuation> | null | undefined;
  if (continuedFromExecutionRunId === undefined || typeof candidate !== 'object' || candidate === null)
    return null;
  return candidate.continues === continuedFromExecutionRunId ? (candidate.memory ?? null) : null;
}

/**
 * Continues as new once the history has grown long. Called only while no page is open, so that nothing is
 * lost but the past. A memo that was upserted does not pass by itself.
 */
export async function continueIfLong(run: Run): Promise<void> {
  const { continueAsNewSuggested, historyLength, memo, runId } = workflowInfo();
  if (!continueAsNewSuggested && historyLength < historyLimit(memo)) return;
  await condition(allHandlersFinished);
  const continuation: Continuation = { continues: runId, memory: run.memory };
  await makeContinueAsNewFunc({ memo: memo ?? {} })(null, continuation);
}

/** Far below the 51,200 events at which a server ends a run; a memo may lower it, which tests do. */
function historyLimit(memo: Record<string, unknown> | undefined): number {
  const lowered = memo?.['continueAsNewAfterEvents'];
  return typeof lowered === 'number' && lowered >= 50 ? lowered : 10_000;
}
