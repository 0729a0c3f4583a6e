import { z } from 'zod';
import { bufferPolicySchema } from './buffer-policy.js';
import { check } from './parsing/check.js';
import { list, object, patternText } from './parsing/fields.js';
import { jsonBytes } from './parsing/json-size.js';

/** Twice the size of a thousand of the longest names. */
const PATTERNS_AT_MOST = 300_000;

const pattern = patternText('a pattern of schema.name');

const patterns = (min: number, advice: string) =>
  list(pattern, `an array of ${min} to 500 patterns such as ["public.*"]${advice}`, { min, max: 500 });

const OVERRIDE = '{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}';

const override = object(
  {
    match: pattern,
    buffer: bufferPolicySchema.optional(),
    rows: z.enum(['ignore', 'raise'], { error: '"ignore" or "raise"' }).optional(),
  },
  `an override such as ${OVERRIDE}`,
).superRefine(({ buffer, rows }, context) => {
  if (buffer !== undefined || rows !== undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['buffer'],
    input: undefined,
    message: `a buffer, or rows: "ignore" or "raise", such as ${OVERRIDE}`,
  });
});

/** Which sequences to move, and how far ahead. */
export const selectionFields = {
  buffer: bufferPolicySchema.optional(),
  include: patterns(1, '; leave it out to include everything').optional(),
  exclude: patterns(0, '').default([]),
  overrides: list(
    override,
    'an array of at most 500 overrides such as [{"match": "public.orders_id_seq", "buffer": {"preset": "high"}}]',
    { max: 500 },
  ).default([]),
};

type Selection = z.output<z.ZodObject<typeof selectionFields>>;
/** The patterns of an input. */
export type SelectionPatterns = Pick<Selection, 'exclude' | 'overrides'> & { include: string[] };

const { include, exclude, overrides } = selectionFields;
const givenSelection = object(
  { include, exclude: exclude.unwrap().optional(), overrides: overrides.unwrap().optional() },
  'an object such as {"exclude": ["scratch.*"]}',
);

/** The patterns of an input, without empty lists. */
export type GivenSelection = Partial<SelectionPatterns>;

/** The patterns of an input, without empty lists; null if it has none. */
export function selectionGiven({ include, exclude, overrides }: SelectionPatterns): GivenSelection | null {
  const given = {
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
    ...(overrides.length > 0 && { overrides }),
  };
  return Object.keys(given).length === 0 ? null : given;
}

/** Why a value is not the selection of a record; null if it is one. */
export function selectionProblems(value: unknown): string | null {
  const checked = check(givenSelection, value, 'the selection');
  return checked.ok ? null : checked.problems;
}

/** Every step gets the patterns in addition to a page of sequences. */
export function boundedPatterns(
  { include, exclude, overrides }: Pick<Selection, 'include' | 'exclude' | 'overrides'>,
  context: z.core.$RefinementCtx,
): void {
  const bytes = jsonBytes({ include, exclude, overrides });
  if (bytes <= PATTERNS_AT_MOST) return;
  context.addIssue({
    code: 'custom',
    path: ['include, exclude and overrides'],
    input: `${bytes} bytes`,
    message: `at most ${PATTERNS_AT_MOST} bytes of JSON in all; let a pattern with * stand for many names`,
  });
}
