import { expect, it } from 'vitest';
import { digestOf } from '../../../src/hash/sha256.js';
import { recordDigestOf } from '../../../src/record/record-digest.js';
import { type Step, stepsOf } from '../../../src/record/steps.js';
import { historiesOf } from '../../replay/recordings.js';

function step(activity: string, input: object, digest: string | null = digestOf(input)): Step {
  return {
    ...{
      activity,
      activityId: '1',
      summary: '',
      input,
      end: 'completed',
      failure: null,
      attempts: 1,
      failureType: null,
    },
    result: { recorded: 1, unavailable: null, ...(digest === null ? {} : { digest }) },
    ...{ scheduledAt: '2027-01-31T01:12:09Z', startedAt: null, completedAt: null, endedAt: null },
  };
}

const first = step('recordBuffer', { round: 1, rows: ['a'] });
const second = step('recordBuffer', { round: 1, rows: ['b'] });
const digests = (...steps: Step[]) => ({
  previousDigests: steps.map(({ result }) => (result as { digest: string }).digest),
});
const third = step('recordBuffer', { round: 2, rows: ['a'], ...digests(first, second) });
const closing = step('closeRecord', { state: 'completed', ...digests(third) });
const sha256 = digestOf(closing.input);

it('is the SHA-256 of canonical JSON', () => {
  // printf '{"a":[1,"é"],"b":null}' | sha256sum
  expect(digestOf({ b: null, a: [1, 'é'], c: undefined })).toBe(
    '1e02bc81a26af2f027329541e97eef36f3290bedc6dfe043dbe66b057ecb13ba',
  );
});

it('covers every record that the closing step leads to', () => {
  expect(recordDigestOf([first, second, third, closing], sha256)).toEqual({
    ...{ sha256, records: 3, covered: 3, problems: [] },
  });
  expect(recordDigestOf([], null)).toBeNull();
});

it('says what was changed, left out or is not covered', () => {
  const changed = { ...second, input: { round: 1, rows: ['c'] } };
  expect(recordDigestOf([first, changed, third, closing], sha256)?.problems).toEqual([
    `the input of the step recordBuffer of 2027-01-31T01:12:09Z has the digest ${digestOf(changed.input)}, and the step returned ${digestOf(second.input)}`,
  ]);
  // With a digest that fits the change, the next record no longer names it.
  const forged = step('recordBuffer', { round: 1, rows: ['c'] });
  expect(recordDigestOf([first, forged, third, closing], sha256)).toMatchObject({
    covered: 2,
    problems: [`a record with the digest ${digestOf(second.input)} is named, and not in the history`],
  });
  const other = step('closeRecord', { state: 'failed', ...digests(third) });
  expect(recordDigestOf([first, second, third, other], sha256)?.problems).toEqual([
    `the closing event has the digest ${sha256}, and the step that closed the record ${digestOf(other.input)}`,
  ]);
  const older = step('recordBuffer', { round: 0 }, null);
  expect(recordDigestOf([older, first, second, third, closing], sha256)).toMatchObject({
    ...{ records: 4, covered: 3, problems: [] },
  });
});

it('of a promotion is that of its own record', () => {
  const promotion = step('recordPromotion', { state: 'promoted', ...digests(first) });
  const run = step('closeRecord', { state: 'completed', ...digests(first) });
  expect(recordDigestOf([first, promotion, run], digestOf(promotion.input))).toEqual({
    ...{ sha256: digestOf(promotion.input), records: 1, covered: 1, problems: [] },
  });
});

it.each(['handed-off-with-digests', 'promotion-notified'])('of the recorded history %s is right', (name) => {
  const history = historiesOf('unreleased')
    .find((one) => one.name === name)
    ?.load() ?? { events: [] };
  const steps = stepsOf(history);
  const digest = recordDigestOf(steps, null);
  // The first round of the run is in the history before the continue-as-new, which is not recorded.
  const before = name === 'promotion-notified' ? 0 : 1;
  expect(digest).toEqual({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
    ...{ records: 1, covered: 1 },
    problems: Array.from(
      { length: before },
      () => expect.stringContaining('is named, and not in the history') as string,
    ),
  });
});

it('is not there where workers of an earlier release recorded', () => {
  const steps = [step('recordBuffer', { round: 1 }, null), step('closeRecord', {}, null)];
  expect(recordDigestOf(steps, null)).toEqual({ sha256: null, records: 1, covered: 0, problems: [] });
});
