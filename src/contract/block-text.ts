import type { BlockName } from './gate.js';

/** A block in a list: its code, with its sequence if it is about one. */
export function blockText({ code, sequence }: BlockName): string {
  return sequence === null ? code : `${code} on ${sequence}`;
}
