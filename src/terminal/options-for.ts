import { shellQuoted } from '../contract/shell.js';

/** ` --OPTION VALUE` for each. */
export function optionsFor(option: string, values: readonly string[] = []): string {
  return values.map((value) => ` --${option} ${shellQuoted(value)}`).join('');
}
