import { z } from 'zod';
import { bufferCalls, PRESETS } from '../sequences/buffer.js';
import { decimalString } from './parsing/decimal.js';
import { duration, durationMs } from './parsing/duration.js';
import { form, object } from './parsing/fields.js';

const presets = Object.keys(PRESETS) as (keyof typeof PRESETS)[];
const presetNames = presets.map((name) => `"${name}"`).join(', ');

const FORMS =
  '{"preset": "low"}, {"calls": "10000"}, ' +
  '{"peakInsertsPerSecond": 500, "maxFailoverSeconds": 600, "safetyFactor": 2} or ' +
  '{"measure": {"sampleFor": "30 seconds"}, "maxFailoverSeconds": 600, "safetyFactor": 2, "minimum": "10000"}';

const MEASURE = '{"sampleFor": "30 seconds"}';

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

/** The run sets nothing before the sample is complete, and the wait cannot be cut short. */
const LONGEST_SAMPLE = { ms: 600_000, text: '10 minutes' };

const measured = object(
  {
    measure: object(
      { sampleFor: duration('30 seconds', 1, '1 ms', LONGEST_SAMPLE) },
      `an object such as ${MEASURE}`,
    ),
    maxFailoverSeconds: positive('seconds'),
    safetyFactor: positive('a factor'),
    minimum: decimalString,
  },
  `an object such as ${FORMS}`,
);

/** Each form with the keys that only it has. A new form is added here. */
const forms = [
  { keys: ['preset'], schema: preset },
  { keys: ['calls'], schema: calls },
  { keys: ['peakInsertsPerSecond'], schema: formula },
  { keys: ['measure', 'minimum'], schema: measured },
] as const;

/** Keys that the last two forms share. A policy with only these keys is checked as a formula. */
const FACTORS = ['maxFailoverSeconds', 'safetyFactor'];

type Form = (typeof forms)[number]['schema'];

/** The size of a buffer in calls of nextval, in exactly one of its forms. */
export const bufferPolicySchema = form<Form>(`a buffer: ${FORMS}`, (value) => {
  const has = (key: string) => Object.hasOwn(value, key);
  const meant: Form[] = forms.filter(({ keys }) => keys.some(has)).map(({ schema }) => schema);
  if (FACTORS.some(has) && !meant.includes(measured) && !meant.includes(formula)) meant.push(formula);
  const [only] = meant;
  return meant.length === 1 && only ? only : `exactly one form of buffer: ${FORMS}`;
});

/** The size of a buffer; `calls` and `minimum` are decimal strings. */
export type BufferPolicy = z.output<typeof bufferPolicySchema>;

/** A buffer that is measured for each sequence, from its consumption on the primary. */
export type MeasuredPolicy = Extract<BufferPolicy, { measure: object }>;

export function isMeasured(policy: BufferPolicy): policy is MeasuredPolicy {
  return 'measure' in policy;
}

/** The longest sample of all measured buffers; null if no buffer is measured. */
export function longestSample(policy: {
  buffer: BufferPolicy;
  overrides: readonly { buffer?: BufferPolicy | undefined }[];
}): { text: string; ms: number } | null {
  const samples = [policy, ...policy.overrides]
    .flatMap(({ buffer }) => (buffer !== undefined && isMeasured(buffer) ? [buffer] : []))
    .map(({ measure: { sampleFor } }) => ({ text: sampleFor, ms: durationMs(sampleFor) ?? 0 }));
  return samples.reduce<(typeof samples)[number] | null>(
    (longest, sample) => (longest !== null && longest.ms >= sample.ms ? longest : sample),
    null,
  );
}
