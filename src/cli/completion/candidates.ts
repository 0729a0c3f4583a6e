import type { CompletedCommand } from './model.js';

export interface Candidate {
  word: string;
  description: string;
}

/**
 * The words that can stand here.
 *
 * @param words the words after the name of the program; the last one is to be completed, and may be empty
 */
export function candidates(commands: readonly CompletedCommand[], words: readonly string[]): Candidate[] {
  const typed = words.at(-1) ?? '';
  return allCandidates(commands, words).filter(({ word }) => word.startsWith(typed));
}

function allCandidates(commands: readonly CompletedCommand[], words: readonly string[]): Candidate[] {
  if (words.length < 2) return commands.map(({ name, description }) => ({ word: name, description }));
  const command = commands.find(({ name }) => name === words[0]);
  if (command === undefined) return [];
  const before = words.at(-2) ?? '';
  const taken = command.options.find(({ names, value }) => value !== null && names.includes(before));
  if (taken !== undefined) return taken.choices.map((word) => ({ word, description: '' }));
  const choices = command.arguments.flatMap((argument) => argument.choices);
  return [
    ...command.options.flatMap(({ names, description }) =>
      names.filter((name) => name.startsWith('--')).map((word) => ({ word, description })),
    ),
    ...choices.map((word) => ({ word, description: '' })),
  ];
}

/**
 * The answer to `__complete`, which the `temporal` command calls on its extensions in any shell: one candidate per line, and at the end
 * `:4`, which prevents the shell from offering files, or `:0`.
 */
export function completeForTemporal(
  commands: readonly CompletedCommand[],
  words: readonly string[],
): string[] {
  const found = candidates(commands, words);
  const lines = found.map(({ word, description }) => (description === '' ? word : `${word}\t${description}`));
  return [...lines, `:${found.length > 0 || words.length < 2 ? 4 : 0}`];
}
