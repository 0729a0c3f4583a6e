import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { parseInput } from '../../../../src/contract/input.js';
import type { Finding } from '../../../../src/contract/status.js';
import type { RecheckReport } from '../../../../src/steps/recheck-steps.js';
import type { SequenceToSet } from '../../../../src/steps/rows.js';
import type { GateMemory } from '../../../../workflows/failover/gate-memory.js';
import { Run } from '../../../../workflows/failover/run.js';
import type { RunMemory } from '../../../../workflows/failover/run-memory.js';
import { ready } from './promotion-example.js';

export const AT = '2026-01-02T03:04:05.000Z';
export const NOW = Date.parse(AT);

/** A run whose pair has been read, in the mode failover. */
export function runOf(input: object = {}, gate: Partial<GateMemory> = {}): Run {
  const parsed = parseInput([{ pair: 'shop', mode: 'failover', ...input }], { now: NOW });
  if (!parsed.ok) throw new Error(parsed.message);
  const memory = structuredClone(Run.begin(parsed.input, AT).memory) as RunMemory;
  if (memory.gate !== null) Object.assign(memory.gate, gate);
  const run = Run.resume(memory);
  run.ready(ready);
  return run;
}

/** A gate that was approved. */
export const approved: Partial<GateMemory> = { state: 'approved', known: [], deadline: NOW + 86_400_000 };

/** A recheck that finds nothing to do. */
export const quiet = (more: Partial<RecheckReport> = {}): RecheckReport => ({
  ...{ total: 2, topUps: [], behind: 0, notAhead: [], findings: [], minimumHeadroom: null, watched: [] },
  ...{ consumption: [], replication: [], subscriptions: { present: ['s'], toPrimary: ['s'] } },
  ...{ primaryReadAt: AT, verifiedAt: new Date().toISOString() },
  ...more,
});

export const topUpOf = (sequence: string, oid: number): SequenceToSet => ({
  ...{ sequence, oid, primaryOid: oid, increment: '1', buffer: '100', primaryNext: '2', standbyBefore: '1' },
  ...{ target: '102', standbyNext: '1', reason: null, outcome: 'applied', called: true },
});

export const block = (code: Finding['code'], sequence: string | null = null): Finding =>
  ({ severity: 'block', code, sequence, count: 1, message: code, remedy: 'look' }) as Finding;

export const failedAs = (activity: string, type: string) =>
  new ActivityFailure(
    'Activity task failed',
    ...([activity, '1', RetryState.NON_RETRYABLE_FAILURE, 'worker'] as const),
    ApplicationFailure.nonRetryable(`it failed as ${type}`, type),
  );

/** Answers one after the other; the last one stays. */
export function inTurn<T>(...answers: (T | (() => T))[]): () => T {
  return () => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as T | (() => T);
    return typeof answer === 'function' ? (answer as () => T)() : answer;
  };
}
