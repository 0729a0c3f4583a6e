/** A block in a list: its code, with its sequence if it is about one. */
export function blockText({ code, sequence }: { code: string; sequence: string | null }): string {
  return sequence === null ? code : `${code} on ${sequence}`;
}
