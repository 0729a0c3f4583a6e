import { isAtGate, type FailoverRun, type RunEnding } from '../client/failover-run.js';
import { phaseInWords } from '../terminal/phase.js';
import { CancelledError, type Scene } from './scene.js';

/** The endings that the demo can show. */
type SeenEnding = Exclude<RunEnding, { state: 'cancelled' | 'terminated' }>;

/** The most decisions in one demo. If the verification after an approval fails, the run goes back to the gate. */
const MOST_DECISIONS = 3;

/**
 * Asks the person, sends the decision, and waits until the run has ended. A decision by the CLI or in the UI in the meantime counts as
 * well.
 *
 * @param accept codes of blocks that an approval accepts by name
 * @returns how the run ended: completed, or failed as `Rejected`
 * @throws CancelledError; the run's failure if it ended otherwise; Error if the gate stays shut
 */
export async function passGate(
  scene: Scene,
  run: FailoverRun,
  accept: readonly string[] = [],
): Promise<SeenEnding> {
  const { screen, by } = scene;
  screen.heading('The gate: nothing is handed off before somebody approves');
  for (let decisions = 0; decisions < MOST_DECISIONS; decisions++) {
    const { gate, checklist } = await run.status();
    const blocking = gate?.blockedBy.filter(({ code }) => !accept.includes(code)) ?? [];
    if (blocking.length > 0) {
      const blocks = blocking.map(({ code, sequence }) => `${code}${sequence ? ` on ${sequence}` : ''}`);
      throw new Error(`The gate is blocked by ${blocks.join(', ')}.`);
    }
    screen.lines(checklist.map(({ item, done }) => `[${done ? 'x' : ' '}] ${item}`));
    if (accept.length > 0)
      screen.warn([`Blocked by ${accept.join(', ')}: an approval has to accept it by name`]);
    const decision = await decide(scene, run, accept);
    if (decision !== null) {
      const accepting = decision === 'approve' && accept.length > 0 ? { accept: [...accept] } : {};
      await run.decide({ decision, by, reason: 'so decided in the demo', ...accepting });
    }

    const status = await screen.step(
      'Waiting for the run to end',
      (update) =>
        run.settled(({ phase, mode }) => {
          update(phaseInWords(phase, mode));
        }),
      (settled) => [isAtGate(settled) ? 'Back at the gate' : 'The run has ended'],
    );
    if (!isAtGate(status)) return await endingOf(run);
    screen.warn([status.gate?.refused.at(-1)?.reason ?? 'The approval no longer counts.']);
  }
  throw new Error(`The run came back to its gate ${MOST_DECISIONS} times.`);
}

/** @returns null if somebody else has decided */
async function decide(
  scene: Scene,
  run: FailoverRun,
  accept: readonly string[],
): Promise<'approve' | 'reject' | null> {
  const { screen, notAsked, by, signal } = scene;
  if (notAsked !== null) {
    const accepting = accept.length > 0 ? `, accepting ${accept.join(', ')}` : '';
    screen.prose(`Approved as ${by}${accepting}, since ${notAsked}`);
    return 'approve';
  }
  const withdrawal = new AbortController();
  const answering = new AbortController();
  const elsewhere = run.decided(answering.signal).then(() => 'elsewhere' as const);
  try {
    const question = screen.confirm(
      `Approve the failover, as ${by}?`,
      AbortSignal.any([signal, withdrawal.signal]),
    );
    const answer = await Promise.race([question, elsewhere]);
    if (answer === 'elsewhere') {
      withdrawal.abort();
      await question;
      screen.lines(['Somebody else has decided']);
      return null;
    }
    if (answer === null) throw new CancelledError();
    return answer ? 'approve' : 'reject';
  } finally {
    answering.abort();
  }
}

async function endingOf(run: FailoverRun): Promise<SeenEnding> {
  const ending = await run.ending();
  if (ending.state === 'cancelled' || ending.state === 'terminated')
    throw new Error(`The run was ${ending.state}.`);
  if (ending.state === 'failed' && ending.type !== 'Rejected')
    throw new Error(`The run failed as ${ending.type}: ${ending.message}`);
  return ending;
}
