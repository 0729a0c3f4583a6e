/**
 * JSON in its canonical form, RFC 8785: no white space, and the keys of every object in the order of their UTF-16 code units. The same value
 * always gives the same text, so a hash of the text stands for the value. What is undefined counts as absent, as in JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? sorted(inner) : inner,
  );
}

function sorted(value: object): object {
  const keys = Object.keys(value).sort();
  const copy: Record<string, unknown> = {};
  for (const key of keys) copy[key] = (value as Record<string, unknown>)[key];
  return copy;
}
