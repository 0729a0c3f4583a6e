import { escapeLiteral } from 'pg';

/**
 * A PostgreSQL array literal of plain values. As a parameter it equals the literal that pg would send, without the time to escape each
 * value.
 *
 * @param values whole numbers, or texts that contain only a number or a word; the word NULL means null
 */
export function arrayLiteral(values: readonly (number | string | boolean)[]): string {
  return `{${values.join(',')}}`;
}

/**
 * Oids as an array inside a statement's text, for statements that go together in one round trip and so have no parameters.
 *
 * @throws RangeError for a value that is not an oid
 */
export function oidArray(oids: readonly number[]): string {
  for (const oid of oids) {
    if (!Number.isInteger(oid) || oid < 0 || oid > 0xffffffff) throw new RangeError(`${oid} is no oid.`);
  }
  return `'${arrayLiteral(oids)}'::oid[]`;
}

/**
 * Whole numbers in decimal as an SQL array.
 *
 * @throws RangeError for a value that is not a whole number
 */
export function numericArray(numbers: readonly string[]): string {
  for (const number of numbers) {
    if (!/^-?\d{1,40}$/.test(number)) throw new RangeError(`${JSON.stringify(number)} is no whole number.`);
  }
  return `'${arrayLiteral(numbers)}'::numeric[]`;
}

/** Texts without the character NUL as an SQL array. */
export function textArray(texts: readonly string[]): string {
  return `ARRAY[${texts.map((text) => escapeLiteral(text)).join()}]::text[]`;
}

/** Booleans as an SQL array. */
export function booleanArray(values: readonly boolean[]): string {
  return `'${arrayLiteral(values)}'::boolean[]`;
}
