/**
 * Numbers as PostgreSQL writes an array. As a parameter it is what pg would make of them one by one, with an escape for each.
 *
 * @param values whole numbers, or texts that hold nothing else than a number or a boolean
 */
export function arrayLiteral(values: readonly (number | string | boolean)[]): string {
  return `{${values.join(',')}}`;
}

/**
 * Oids as an array inside a statement's text, for the statements that go together in one round trip and so have no parameters.
 *
 * @throws RangeError for what is no oid
 */
export function oidArray(oids: readonly number[]): string {
  for (const oid of oids) {
    if (!Number.isInteger(oid) || oid < 0 || oid > 0xffffffff) throw new RangeError(`${oid} is no oid.`);
  }
  return `'${arrayLiteral(oids)}'::oid[]`;
}
