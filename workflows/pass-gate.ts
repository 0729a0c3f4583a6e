import { condition } from '@temporalio/workflow';
import { watching } from './activities.js';
import { continueIfLong, isLong } from './continuation.js';
import { cut } from '../src/contract/text.js';
import { runFailure } from './ending.js';
import { PRIMARY_UNREACHABLE, recheck, unlessTroubled } from './watch.js';
import { synchronize } from './round.js';
import type { Run } from './run.js';
import { throwIfRejected } from './unless-rejected.js';

/**
 * Waits at the gate until an approval has stood up to a fresh verification.
 *
 * @throws ApplicationFailure `Rejected` or `ApprovalTimedOut`
 */
export async function passGate(run: Run): Promise<void> {
  for (;;) {
    await awaitDecision(run);
    throwIfRejected(run);
    if (run.gate.state === 'timed-out') {
      throw runFailure(
        'ApprovalTimedOut',
        `nobody approved within ${run.input.approval.timeout}; nothing was handed off, start a new run when it is time`,
      );
    }
    if (await standsUp(run)) return;
  }
}

async function awaitDecision(run: Run): Promise<void> {
  const { timeoutMs, recheckEveryMs } = run.input.approval;
  const { gate } = run;
  run.enter('awaiting-approval');
  gate.open(run.blocks(), Date.now(), timeoutMs);
  while (!gate.isDecided()) {
    await continueIfLong(run);
    run.enter('awaiting-approval');
    const left = (gate.memory.deadline ?? 0) - Date.now();
    if (left <= 0) {
      gate.timeOut();
      return;
    }
    await condition(
      () => gate.isDecided() || gate.memory.resynchronizeBy !== null || isLong(),
      Math.min(left, recheckEveryMs),
      { summary: `wait for approval until ${new Date(Date.now() + left).toISOString()}` },
    );
    if (gate.isDecided()) return;
    if (gate.memory.resynchronizeBy !== null) {
      gate.close();
      await unlessTroubled(run, () => synchronize(run));
      gate.open(run.blocks(), Date.now(), timeoutMs);
    } else if (left > recheckEveryMs && !isLong()) {
      await recheck(run);
      gate.standing(run.blocks());
    }
  }
}

/** Proves afresh, after the approval, what was approved. Otherwise the gate is open again and says why. */
async function standsUp(run: Run): Promise<boolean> {
  run.check('approve');
  run.enter('verifying');
  const withoutPrimary = run.gate.accepted(PRIMARY_UNREACHABLE);
  await proveAgain(run, withoutPrimary);
  // It was accepted to go on without the primary, not to leave one that is back unheard.
  const isBack = withoutPrimary && run.foundBy('watch').length === 0;
  if (isBack && run.gate.state === 'approved') await proveAgain(run, false);
  if (run.gate.state === 'rejected') return false;
  const blocks = run.blocks();
  const unaccepted = blocks.filter((block) => !run.gate.accepted(block));
  if (unaccepted.length === 0) {
    run.gate.standing(blocks);
    return true;
  }
  const reason = `the verification after the approval found ${unaccepted.map(({ code, sequence }) => sequence ?? code).join(', ')}`;
  const by = run.gate.memory.approvals.map((approval) => approval.by).join(', ');
  run.refuse({ at: new Date().toISOString(), kind: 'approve', by, reason: cut(reason, 500) });
  run.uncheck('approve');
  run.gate.reopen(blocks);
  return false;
}

async function proveAgain(run: Run, withoutPrimary: boolean): Promise<void> {
  const replication = await unlessTroubled(run, () =>
    watching.awaitReplication.executeWithOptions(
      { summary: 'wait until the standby has confirmed the primary’s writes' },
      [{ identity: run.identity, withoutPrimary }],
    ),
  );
  if (replication === null) return;
  run.found('replication', replication.findings);
  await recheck(run);
}
