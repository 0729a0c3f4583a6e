import { z } from 'zod';
import { bufferCalls, PRESETS } from '../sequences/buffer.js';
import { decimalString } from './decimal.js';
import { form, object } from './fields.js';

const presets = Object.keys(PRESETS) as (keyof typeof PRESETS)[];
const presetNames = presets.map((name) => `"${name}"`).join(', ');

const FORMS =
  '{"preset": "low"}, {"calls": "10000"} or ' +
  '{"peakInsertsPerSecond": 500, "maxFailoverSeconds": 600, "safetyFactor": 2}';

const positive = (what: string) => {
  const expected = `${what}: a number above 0`;
  return z.number({ error: expected }).refine((value) => value > 0, { error: expected });
};

const preset = object(
  { preset: z.enum(presets, { error: `one of ${presetNames}` }) },
  `an object such as ${FORMS}`,
);

const calls = object({ calls: decimalString }, `an object such as ${FORMS}`);

const formula = object(
  {
    peakInsertsPerSecond: positive('inserts per second'),
    maxFailoverSeconds: positive('seconds'),
    safetyFactor: positive('a factor'),
  },
  `an object such as ${FORMS}`,
).superRefine((policy, context) => {
  try {
    bufferCalls(policy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the product is out of range';
    context.addIssue({
      code: 'custom',
      input: policy,
      message: `a product of at most 9223372036854775807 (${reason})`,
    });
  }
});

/** By the keys that make a form out. A form is added here, with its schema. */
const forms = [
  { keys: ['preset'], schema: preset },
  { keys: ['calls'], schema: calls },
  { keys: ['peakInsertsPerSecond', 'maxFailoverSeconds', 'safetyFactor'], schema: formula },
] as const;

type Form = (typeof forms)[number]['schema'];

/** How large a buffer shall be, in calls of nextval; exactly one of its forms. */
export const bufferPolicySchema = form<Form>(`a buffer: ${FORMS}`, (value) => {
  const meant = forms.filter(({ keys }) => keys.some((key) => Object.hasOwn(value, key)));
  const [only] = meant;
  return meant.length === 1 && only ? only.schema : `exactly one form of buffer: ${FORMS}`;
});

/** How large a buffer shall be; `calls` is a decimal string. */
export type BufferPolicy = z.output<typeof bufferPolicySchema>;
