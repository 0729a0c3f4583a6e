import { TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { shellQuoted } from '../contract/shell.js';
import type { AnyFinding } from './findings-lines.js';

/** The workflow that a text is about. */
export interface CommandTarget {
  workflowId: string;
  /** In a fleet: the pair of the finding. */
  pair?: string;
}

const start = new RegExp(
  `temporal workflow start --type ${WORKFLOW_TYPES.run} --task-queue ${TASK_QUEUE}(?: --fail-existing)?(?= --)`,
  'gu',
);

/** A list of names, as the messages of a run have it: `{"accept": ["public.a"]}`. */
const names = /\{"(accept|ignoreRows|raisePastRows)": (\[(?:"(?:[^"\\]|\\.)*"(?:, ?)?)+\])\}/gu;
const options: Record<string, string> = {
  ...{ accept: '--accept', ignoreRows: '--ignore-rows', raisePastRows: '--raise-past-rows' },
};

/**
 * Replaces messages and `temporal` commands in a text of a run by commands of `sequence-failover`. The texts in histories name messages and
 * `temporal` commands, so that a reader needs only the `temporal` command.
 */
export function withShortCommands(text: string, { workflowId, pair }: CommandTarget): string {
  const of = pair === undefined ? '' : ` --pair ${shellQuoted(pair)}`;
  return text
    .replaceAll(
      /\bsignal resynchronize\b/gu,
      () => `run sequence-failover resynchronize ${shellQuoted(workflowId)} --by <your name>${of}`,
    )
    .replaceAll(start, 'sequence-failover start')
    .replaceAll(names, (whole, name: string, list: string) => asOptions(name, list) ?? whole);
}

/** For example `--accept public.a`; null if the text was cut, and is no JSON. */
function asOptions(name: string, list: string): string | null {
  try {
    return (JSON.parse(list) as string[])
      .map((one) => `${options[name] ?? ''} ${shellQuoted(one)}`)
      .join(' ');
  } catch {
    return null;
  }
}

/** Findings with remedies that name the commands of `sequence-failover`. */
export function withShortRemedies<F extends AnyFinding>(findings: readonly F[], about: CommandTarget): F[] {
  return findings.map((finding) => ({ ...finding, remedy: withShortCommands(finding.remedy, about) }));
}
