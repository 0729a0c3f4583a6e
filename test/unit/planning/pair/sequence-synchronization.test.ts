import { describe, expect, it } from 'vitest';
import type { SequenceSynchronization } from '../../../../src/steps/subscriptions.js';
import {
  haveMoved,
  sequencesRefreshing,
  SynchronizationWatch,
} from '../../../../src/planning/pair/sequence-synchronization.js';

const state = (change: Partial<SequenceSynchronization> = {}): SequenceSynchronization => ({
  subscription: '1',
  name: 'sub',
  enabled: true,
  fingerprint: 'a',
  pendingCount: 0,
  pendingNames: [],
  working: false,
  failures: 0n,
  ...change,
});
const pending = (change: Partial<SequenceSynchronization> = {}) =>
  state({ pendingCount: 1, pendingNames: ['public.capped'], ...change });
/** Whether a subscription is active at the last of these looks. */
const isActive = (...looks: SequenceSynchronization[]) => {
  const watch = new SynchronizationWatch();
  return looks.map((look) => watch.see([look]).length > 0).at(-1);
};

describe('a subscription with sequences is active', () => {
  it.each([
    ['not when all are set', [state()], false],
    [
      'while the worker that sets them runs, whatever its state',
      [state({ working: true, enabled: false })],
      true,
    ],
    ['while one is to be set', [pending()], true],
    ['not when it is disabled, since nothing starts its workers', [pending({ enabled: false })], false],
    [
      'after one failure, which may be of a worker that began before',
      [pending({ failures: 4n }), pending({ failures: 5n })],
      true,
    ],
    [
      'not after a second one: it cannot be set',
      [pending({ failures: 4n }), pending({ failures: 6n })],
      false,
    ],
    [
      'while a worker tries again what it could not set',
      [pending({ failures: 4n }), pending({ failures: 6n, working: true })],
      true,
    ],
    [
      'when it was told to set them anew',
      [pending({ failures: 4n }), pending({ failures: 6n }), pending({ failures: 6n, fingerprint: 'b' })],
      true,
    ],
    ['where the server counts no failures', [pending({ failures: null }), pending({ failures: null })], true],
  ] as const)('%s', (_, looks, active) => {
    expect(isActive(...looks)).toBe(active);
  });
});

describe('between two looks', () => {
  it('a subscription has moved whose fingerprint differs, or that is new', () => {
    const moved = haveMoved(
      [state(), state({ subscription: '2' }), state({ subscription: 'gone' })],
      [state(), state({ subscription: '2', fingerprint: 'b' }), state({ subscription: '3' })],
    );
    expect(moved.map(({ subscription }) => subscription)).toEqual(['2', '3']);
  });
});

it('is a block that names what is still to be set', () => {
  expect(sequencesRefreshing(pending())).toMatchObject({
    severity: 'block',
    code: 'SEQUENCES_REFRESHING',
    subject: 'sub',
    message: expect.stringMatching(
      /^the subscription sub is setting .*; still to be set: public\.capped$/u,
    ) as string,
    remedy: expect.stringContaining("WHERE subname = 'sub'; if it continues") as string,
  });
});
