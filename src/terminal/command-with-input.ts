import { shellQuoted } from '../contract/shell.js';
import { optionsFor } from './options-for.js';

/** The input of a workflow as it was given: without defaults, and perhaps invalid. */
export type GivenInput = Readonly<Record<string, unknown>>;

/** The start of a workflow, as a person can repeat it. */
export interface GivenStart {
  workflowId: string;
  input: GivenInput;
}

/**
 * A command that starts a workflow. Fields of the input that are no options become the option `--input`.
 *
 * @param options the options of the command, by the field of the input that each stands for
 */
export function commandWithInput(
  verb: 'start' | 'promote',
  options: Readonly<Record<string, string>>,
  input: GivenInput,
): string {
  const rest = Object.entries(input).filter(([field]) => !Object.hasOwn(options, field));
  return [
    `sequence-failover ${verb}`,
    ...Object.values(options),
    rest.length === 0 ? '' : ` --input ${shellQuoted(JSON.stringify(Object.fromEntries(rest)))}`,
  ].join('');
}

/** ` --option TEXT` for a field that is a text. Other values stay in the input: the workflow refuses them, with the reason. */
export function textOption(input: GivenInput, field: string, option = field): Record<string, string> {
  const { [field]: value } = input;
  return typeof value === 'string' ? { [field]: optionsFor(option, [value]) } : {};
}

/** ` --workflow-id ID`, unless the command would choose the same. */
export function idOption(workflowId: string, chosen: string | null): Record<string, string> {
  // No field of an input has this name.
  return workflowId === chosen ? {} : { '--workflow-id': optionsFor('workflow-id', [workflowId]) };
}
