/** The limits that follow from a default that is more than a call of nextval. */
export interface DefaultLimit {
  /** The number of digits that the default keeps; null if it keeps all. */
  digits: number | null;
  /** The part of the default whose effect on the values is unknown, such as `make_number(nextval('s'::regclass))`; null for nothing. */
  unknown: string | null;
}

/** Types that hold every value of a sequence, and of a constant. */
const texts = 'text|character varying|bpchar|name|(?:\\w+\\.)?citext';
const wide = `bigint|numeric|${texts}`;
/** No modifier and no array. */
const end = '(?![\\w(\\[])';

interface Step {
  pattern: RegExp;
  /** What replaces the part. */
  by: string;
}

/**
 * Replaces the parts of an expression that are understood, from the inside out. `N` is the value of nextval, `I` the same cast to a smaller integer,
 * `D` the value cut to a number of digits, `T` a text with the value in it, and `C` a constant. The number in a pattern is a number of digits.
 */
const steps: Step[] = [
  { pattern: /\bto_char\([NID], '(?:FM)?(?<format>[09]+)'::text\)/gu, by: 'D' },
  { pattern: /(?<!\w)\((?<part>[NIDTC])\)/gu, by: '' },
  { pattern: /\b[NI]::(?:character varying|character|bpchar|varchar)\((?<digits>\d+)\)/gu, by: 'N' },
  // A scale below 0 rounds.
  { pattern: /\b[NI]::numeric\((?<precision>\d+),(?<scale>\d+)\)/gu, by: 'N' },
  // The first argument is never null.
  { pattern: /\bCOALESCE\((?<part>[NIDT])(?:, (?:[^(),]|\([^()]*\))+)+\)/gu, by: '' },
  { pattern: new RegExp(`\\b(?<part>[NID])::(?:${wide})${end}`, 'gu'), by: '' },
  { pattern: new RegExp(`\\b(?<part>[TC])::(?:${texts})${end}`, 'gu'), by: '' },
  { pattern: new RegExp(`\\b[NI]::(?:smallint|integer)${end}`, 'gu'), by: 'I' },
  { pattern: /\blpad\([NI], (?<digits>\d+)(?:, C)?\)/gu, by: 'D' },
  { pattern: /(?<![|] )\b[NDTC] \|\| [NDTC]\b(?!::)/gu, by: 'T' },
];

/** Read last, since `to_char` has its format in a constant. */
const constants: Step = {
  pattern: /E?'(?:[^'\\]|''|\\.)*'(?:::(?:"(?:[^"]|"")*"|[\w.]+(?: varying)?))?/gu,
  by: 'C',
};

const nextval = /\bnextval\('(?:[^']|'')*'::regclass\)/gu;

/**
 * @param expression as `pg_get_expr` prints it
 */
export function readDefault(expression: string): DefaultLimit {
  const digits: number[] = [];
  const apply = (text: string, { pattern, by }: Step) =>
    text.replaceAll(pattern, (...found) => {
      const {
        part,
        format,
        digits: count,
        precision,
        scale,
      } = found.at(-1) as Record<string, string | undefined>;
      if (format !== undefined) digits.push(format.length);
      if (count !== undefined) digits.push(Number(count));
      if (precision !== undefined) digits.push(Math.max(0, Number(precision) - Number(scale)));
      return part ?? by;
    });
  const reduce = (text: string): string => {
    const reduced = steps.reduce(apply, text);
    return reduced === text ? text : reduce(reduced);
  };
  const rest = reduce(apply(reduce(expression.replaceAll(nextval, 'N')), constants));
  return {
    digits: digits.length === 0 ? null : Math.min(...digits),
    unknown: /^[NIDT]$/u.test(rest) ? null : expression,
  };
}
