/** The limits that follow from a default that is more than a call of nextval. */
export interface DefaultLimit {
  /** The number of digits that the default keeps; null if it keeps all. */
  digits: number | null;
  /** The part of the default whose effect on the values is unknown, such as `make_number(nextval('s'::regclass))`; null for nothing. */
  unknown: string | null;
}

const nextval = String.raw`\(*nextval\('(?:[^']|'')*'::regclass\)\)*`;
const casts = String.raw`(?:::(?:bigint|integer|numeric|text)\)*)*`;

/** `lpad` cuts longer values, and so does a cast to a type with a length. */
const cutting = [
  new RegExp(String.raw`\blpad\(${nextval}${casts}, (\d+)[,)]`, 'gu'),
  new RegExp(String.raw`${nextval}${casts}::(?:character varying|character|bpchar|varchar)\((\d+)\)`, 'gu'),
];

/** `to_char` prints `###` for longer values. */
const formatting = new RegExp(String.raw`\bto_char\(${nextval}${casts}, '(?:FM)?([09]+)'::text\)`, 'gu');

/**
 * @param expression as `pg_get_expr` prints it
 */
export function readDefault(expression: string): DefaultLimit {
  let rest = expression;
  const digits: number[] = [];
  const take = (pattern: RegExp, count: (found: string) => number) => {
    rest = rest.replaceAll(pattern, (_, found: string) => {
      digits.push(count(found));
      return '';
    });
  };
  for (const pattern of cutting) take(pattern, Number);
  take(formatting, (format) => format.length);
  return {
    digits: digits.length === 0 ? null : Math.min(...digits),
    unknown: isConcatenation(rest) ? null : expression,
  };
}

/** A concatenation of constants and the values themselves, and nothing else. */
function isConcatenation(expression: string): boolean {
  const bare = expression
    .replaceAll(new RegExp(nextval, 'gu'), ' ')
    .replaceAll(/E?'(?:[^'\\]|''|\\.)*'/gu, ' ')
    .replaceAll(
      /::(?:bigint|integer|smallint|numeric|text|character varying|bpchar|"?[\w$]+"?(?:\."?[\w$]+"?)?)/gu,
      ' ',
    )
    .replaceAll('||', ' ');
  return /^[\s()]*$/u.test(bare);
}
