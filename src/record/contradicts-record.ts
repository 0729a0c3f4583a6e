import { personName } from '../contract/messages.js';
import type { Approval } from '../contract/gate.js';
import type { RecordInput } from '../steps/page-steps.js';
import type { Decision } from './decisions.js';
import type { Step } from './steps.js';

/** The fields of a run's input that its record repeats. */
interface Asked {
  ticket?: unknown;
  requestedBy?: unknown;
}

/**
 * Compares the messages and the input of a run with its record: the digest covers the record, and not the messages. A promotion is not compared,
 * since its approvals are those of the run that handed off.
 *
 * @param steps the steps of all histories of the run
 * @param decisions the messages of its history
 * @param asked its input, as it was sent; null if it is no object
 * @returns the contradictions; empty if there are none
 */
export function contradictsRecord(
  steps: readonly Step[],
  decisions: readonly Decision[],
  asked: Asked | null,
): string[] {
  const problems = new Set<string>();
  const approvals = steps
    .filter(({ activity }) => activity === 'closeRecord')
    .flatMap(({ input }) => (input as { approvals?: Approval[] } | null)?.approvals ?? []);
  const approves = decisions.filter(({ decision, effect }) => decision === 'approve' && effect !== 'refused');
  for (const { by, accept } of approvals) {
    const ofPerson = approves.filter((one) => one.by !== null && personName(one.by) === personName(by));
    if (ofPerson.length === 0)
      problems.add(`the record has an approval by ${by}, and the history no message of it`);
    else if (!ofPerson.some((one) => accept.every((name) => one.accept.includes(name))))
      problems.add(`in the record ${by} accepts ${accept.join(', ')}, and in the message not all of it`);
  }
  const runs = steps
    .filter(({ activity }) => activity === 'recordBuffer')
    .flatMap(({ input }) => (input as Partial<RecordInput> | null)?.run ?? []);
  for (const field of ['ticket', 'requestedBy'] as const)
    for (const run of runs) {
      const [recorded, sent] = [run[field] ?? '', textOf(asked?.[field])];
      if (asked !== null && recorded !== sent)
        problems.add(`${field} is ${inWords(recorded)} in the record, and ${inWords(sent)} in the input`);
    }
  return [...problems];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const inWords = (text: string) => (text === '' ? 'absent' : JSON.stringify(text));
