import { TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { shellQuoted } from '../contract/shell.js';
import { NEXT_STEP, splitNextStep, withNextStep } from '../findings/remedy-text.js';
import type { AnyFinding } from './findings-lines.js';

/** The workflow that a text is about. */
export interface CommandTarget {
  workflowId: string;
  /** In a fleet: the pair of the finding. */
  pair?: string;
  /** Set if the workflow has ended, and has no gate any more. */
  isOver?: boolean;
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
  const short = withOptions(text)
    .replaceAll(
      /\b(?:signal|send) resynchronize\b/gu,
      () => `run sequence-failover resynchronize ${shellQuoted(workflowId)} --by "$USER"${of}`,
    )
    .replaceAll(start, 'sequence-failover start')
    .replaceAll(names, (whole, name: string, list: string) => asOptions(name, list) ?? whole);
  // A fleet takes such fields for its pairs in another place of its input.
  return pair === undefined ? withInputOptions(short) : short;
}

/** The fields of a fleet's message, as its refusals name them, and the options of `approve`, `reject` and `resynchronize`. */
const FIELDS: readonly (readonly [field: string, option: string])[] = [
  ['with "accept"', 'with --accept <name>'],
  ['out with "pairs"', 'out: name the others with --pair <name>'],
  ['with "pairs"', 'with --pair <name>'],
  ['without "pairs"', 'without --pair'],
  ['send "partial": true', 'add --partial'],
  ['"partial": true', '--partial'],
];

function withOptions(text: string): string {
  return FIELDS.reduce((short, [field, option]) => short.replaceAll(field, option), text);
}

/** Fields of an input, as remedies name them: `{"overrides": [{"match": "public.a", "rows": "ignore"}]}`. */
const INPUT = /\{"(?:overrides|exclude)": \[/u;

/** Writes fields of an input as an option for the command line. */
function withInputOptions(text: string): string {
  const at = text.search(INPUT);
  if (at < 0) return text;
  const rest = text.slice(at);
  const ends = [...rest.matchAll(/\]\}/gu)].map(({ index }) => index + 2);
  const end = ends.find((one) => isJson(rest.slice(0, one)));
  if (end === undefined) return text;
  return `${text.slice(0, at)}--input ${shellQuoted(rest.slice(0, end))}${withInputOptions(rest.slice(end))}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
export function withShortRemedies<F extends AnyFinding>(findings: readonly F[], target: CommandTarget): F[] {
  return findings.map((finding) => {
    const remedy = target.isOver === true ? afterTheEnd(finding.remedy) : finding.remedy;
    return { ...finding, remedy: withShortCommands(remedy, target) };
  });
}

/** A remedy that was written for a run at its gate. */
function afterTheEnd(remedy: string): string {
  const { remedy: fix, next } = splitNextStep(remedy);
  const isAtGate = next === NEXT_STEP.resynchronize || next === NEXT_STEP.recheck;
  return isAtGate ? withNextStep(fix, NEXT_STEP.again) : remedy;
}
