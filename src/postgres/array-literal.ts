import { escapeLiteral } from 'pg';

/**
 * Plain values as PostgreSQL writes an array. As a parameter it is what pg would make of them one by one, with an escape for each.
 *
 * @param values whole numbers, or texts that hold nothing else than a number or a word; the word NULL is null
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

/**
 * Likewise, of whole numbers in decimal.
 *
 * @throws RangeError for what is none
 */
export function numericArray(numbers: readonly string[]): string {
  for (const number of numbers) {
    if (!/^-?\d{1,40}$/.test(number)) throw new RangeError(`${JSON.stringify(number)} is no whole number.`);
  }
  return `'${arrayLiteral(numbers)}'::numeric[]`;
}

/** Likewise, of any texts that hold no character 0. */
export function textArray(texts: readonly string[]): string {
  return `ARRAY[${texts.map((text) => escapeLiteral(text)).join()}]::text[]`;
}

/** Likewise. */
export function booleanArray(values: readonly boolean[]): string {
  return `'${arrayLiteral(values)}'::boolean[]`;
}
