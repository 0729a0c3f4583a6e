import { condition, patched } from '@temporalio/workflow';
import { mayClearSoon } from '../../src/contract/finding-properties.js';
import type { AwaitReplicationReport } from '../../src/steps/readiness.js';
import { watching } from '../activities.js';
import type { FindingIdentity } from '../../src/findings/finding-identity.js';
import { askBeforeHandoff } from './before-handoff.js';
import { continueIfLong, isLong } from './continuation.js';
import { cut } from '../../src/contract/parsing/text.js';
import { startAgain } from '../../src/contract/start-again.js';
import { runFailure } from '../ending.js';
import { commandAgain } from './input-again.js';
import { untilWarning } from './notifications.js';
import { lockPair } from './lock.js';
import { recheck } from './recheck.js';
import { synchronize } from './round.js';
import { leadsToPromotion } from './promotion-blocks.js';
import type { Run } from './run.js';
import { PRIMARY_UNREACHABLE, orFinding } from './trouble.js';
import { throwIfRejected } from './unless-rejected.js';

/** A verification after the approval is repeated for temporary findings: for this long, and with these pauses, in milliseconds. */
const CLEARS_WITHIN_MS = 20_000;
const TRY_AGAIN_AFTER_MS = 2_000;

/** The summary in the history of the step that checks the lock again. */
const PROVE = 'check the lock of the pair';

/** A verification may be this old at the handoff, in milliseconds. */
const FRESH_MS = 5_000;
/** How often an old verification is repeated. If the clocks of the worker and of Temporal differ, every one seems old. */
const REPEATED_AT_MOST = 2;

/**
 * Waits at the gate until an approval was followed by a successful verification, and until the hook before the handoff agrees. If much time has
 * passed since the verification, because the hook took long, or because no worker ran, everything is verified again.
 *
 * @throws ApplicationFailure `Rejected`, `ApprovalTimedOut` or `Vetoed`
 */
export async function passGateAndHook(run: Run): Promise<void> {
  for (;;) {
    await passGate(run);
    await askBeforeHandoff(run);
    if (await isStillVerified(run)) return;
  }
}

/** Repeats the verification while it is old. @returns false if that has opened the gate again, or if somebody has rejected the run */
async function isStillVerified(run: Run): Promise<boolean> {
  for (let repeated = 0; ; repeated += 1) {
    const { verifiedAt } = run.memory;
    const isFresh = verifiedAt === null || Date.now() - Date.parse(verifiedAt) <= FRESH_MS;
    if (isFresh || repeated >= REPEATED_AT_MOST || !patched('verified-right-before-handoff')) return true;
    if (!(await verifyAfterApproval(run))) return false;
  }
}

/**
 * Waits at the gate until an approval was followed by a successful verification.
 *
 * @throws ApplicationFailure `Rejected` or `ApprovalTimedOut`
 */
async function passGate(run: Run): Promise<void> {
  for (;;) {
    await awaitDecision(run);
    throwIfRejected(run);
    if (run.gate.state === 'timed-out') {
      const { approval, pair } = run.input;
      throw runFailure(
        'ApprovalTimedOut',
        `${run.gate.memory.approvals.length} of ${approval.required} approvals came within ${approval.timeout} for the pair ${pair}; nothing was handed off, ${startAgain('it is time', commandAgain(run.input))}`,
      );
    }
    if (await verifyAfterApproval(run)) return;
  }
}

async function awaitDecision(run: Run): Promise<void> {
  const { timeoutMs, recheckEveryMs } = run.input.approval;
  const { gate } = run;
  run.enter('awaiting-approval');
  if (gate.state === 'closed') rememberWarnings(run);
  gate.open(run.blocks(), Date.now(), timeoutMs);
  while (!gate.isDecided()) {
    await continueIfLong(run);
    run.enter('awaiting-approval');
    gate.release(Date.now());
    if (gate.isDecided()) return;
    const left = (gate.memory.deadline ?? 0) - Date.now();
    if (left <= 0) {
      gate.timeOut();
      return;
    }
    const { heldUntil } = gate;
    const held = heldUntil === null ? Infinity : heldUntil - Date.now();
    const mustAct = () => gate.isDecided() || gate.memory.resynchronizeBy !== null || isLong();
    const wait = Math.min(left, recheckEveryMs, held);
    const warning = untilWarning(run);
    await condition(() => mustAct() || gate.heldUntil !== heldUntil, Math.min(wait, warning), {
      summary: waitSummary(heldUntil, Date.now() + left),
    });
    if (gate.isDecided()) return;
    if (!mustAct() && warning < wait) continue;
    // An approval with `notBefore` has come, or was withdrawn, so the time to wake up has changed.
    if (!mustAct() && gate.heldUntil !== heldUntil) continue;
    if (gate.memory.resynchronizeBy !== null) await resynchronizeAtGate(run);
    else if (Math.min(left, held) > recheckEveryMs && !isLong()) await recheckAtGate(run);
  }
}

/** Synchronizes every sequence again, as somebody asked, and opens the gate again. */
async function resynchronizeAtGate(run: Run): Promise<void> {
  const { gate, input } = run;
  gate.close();
  await orFinding(run, () => synchronize(run, patched('prove-lock') ? [lockPair(run, PROVE)] : []));
  rememberWarnings(run);
  gate.open(run.blocks(), Date.now(), input.approval.timeoutMs);
}

/** Reads both sides again, and tells the gate which blocks and warnings there are now. */
async function recheckAtGate(run: Run): Promise<void> {
  rememberWarnings(run);
  await recheck(run);
  run.gate.dropClearedWarnings(run.warnings());
  run.gate.setBlocks(run.blocks());
}

function waitSummary(heldUntil: number | null, deadline: number): string {
  return heldUntil === null
    ? `wait for approval until ${new Date(deadline).toISOString()}`
    : `approved; wait until ${new Date(heldUntil).toISOString()}`;
}

/**
 * Remembers the warnings that an approver can see when the gate opens. A warning that comes later may be a block. If an earlier version
 * opened the gate, the present warnings are remembered.
 */
function rememberWarnings(run: Run): void {
  if (run.gate.hasNotedWarnings) return;
  // The newest first: a new run records only its own marker.
  const limitsBlock = patched('new-limits-block');
  if (limitsBlock || patched('new-warnings-block')) run.gate.noteWarnings(run.warnings(), limitsBlock);
}

/** Verifies everything again after the approval. If that fails, the gate is open again, with the reason. */
async function verifyAfterApproval(run: Run): Promise<boolean> {
  run.check('approve');
  run.enter('verifying');
  rememberWarnings(run);
  const withoutPrimary = run.isPrimaryLost || run.gate.accepted(PRIMARY_UNREACHABLE);
  await proveAgain(run, withoutPrimary);
  // An approver accepted the loss of the primary, but the primary answers again, so everything is verified with it too.
  const isBack = withoutPrimary && !run.isPrimaryLost && run.findingsOf('watch').length === 0;
  if (isBack && run.gate.state === 'approved') await proveAgain(run, false);
  const deadline = Date.now() + CLEARS_WITHIN_MS;
  while (run.gate.hasNotedWarnings && mayAllClearSoon(unacceptedBlocks(run)) && Date.now() < deadline) {
    if (await isRejectedWithin(run, TRY_AGAIN_AFTER_MS)) return false;
    await recheck(run);
  }
  // This comes last: if somebody has ended the lock's workflow, another run may have started on the pair.
  if (patched('prove-lock')) await orFinding(run, () => lockPair(run, PROVE).then(() => true));
  if (run.gate.state === 'rejected') return false;
  const blocks = run.blocks();
  const unaccepted = unacceptedBlocks(run);
  if (unaccepted.length === 0) {
    run.gate.setBlocks(blocks);
    return true;
  }
  const reason = `the verification after the approval found ${unaccepted.map(({ code, sequence }) => sequence ?? code).join(', ')}`;
  const by = run.gate.memory.approvals.map((approval) => approval.by).join(', ');
  run.refuse({ at: new Date().toISOString(), kind: 'approve', by, reason: cut(reason, 500) });
  run.uncheck('approve');
  run.gate.reopen(blocks);
  return false;
}

function unacceptedBlocks(run: Run): FindingIdentity[] {
  return run.blocks().filter((block) => !run.gate.accepted(block));
}

function mayAllClearSoon(blocks: readonly FindingIdentity[]): boolean {
  if (blocks.length === 0 || !blocks.every(({ code }) => mayClearSoon(code))) return false;
  // Earlier versions did not wait for this one.
  return blocks.every(({ code }) => code !== 'LIMIT_NOT_COMPUTED') || patched('limit-may-pass');
}

function isRejectedWithin(run: Run, ms: number): Promise<boolean> {
  return condition(() => run.gate.state === 'rejected', ms, {
    summary: 'verify again what may have been locked',
  });
}

async function proveAgain(run: Run, withoutPrimary: boolean): Promise<void> {
  const { replicationTimeoutMs: timeoutMs } = run.input.approval;
  const replication = await orFinding(run, () =>
    watching.awaitReplication.executeWithOptions(
      {
        summary: 'wait until the standby has confirmed the primary’s writes',
        ...(timeoutMs === undefined ? {} : { startToCloseTimeout: timeoutMs + 60_000 }),
      },
      [
        {
          ...{ identity: run.identity, withoutPrimary, ...leadsToPromotion(run) },
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        },
      ],
    ),
  );
  if (replication === null) return;
  run.setFindings('replication', replication.findings);
  run.sawSubscriptions(replication.subscriptions);
  // The rows have not arrived, so the gate blocks again at once. A recheck would not tell whether the sequences will be ahead of these
  // rows.
  const isHeldUp = run
    .findingsOf('replication')
    .some((finding) => finding.severity === 'block' && !run.gate.accepted(finding));
  if (isHeldUp && run.gate.hasNotedWarnings) return;
  await recheck(run, isConfirmed(replication));
}

/** Whether the standby has everything that the primary had written: every subscription receives from the primary, and none has a finding. */
function isConfirmed({ lsn, findings, subscriptions }: AwaitReplicationReport): boolean {
  if (lsn === null || findings.length > 0 || subscriptions === undefined) return false;
  return subscriptions.present.every((name) => subscriptions.toPrimary.includes(name));
}
