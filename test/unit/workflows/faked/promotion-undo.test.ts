import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BeforeTheSwitch } from '../../../../workflows/promotion/before-the-switch.js';
import type { Promotion } from '../../../../workflows/promotion/promotion.js';
import { prepareWayBack } from '../../../../workflows/promotion/prepare-way-back.js';
import { readOpening } from '../../../../workflows/promotion/steps.js';
import { RealSwitcher } from '../../../../workflows/promotion/switcher.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { finalFailure } from '../../../../src/steps/failures.js';
import { failedBy, opening, promotionOf, readOnly, refused, timedOut } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

/** Does the work before the switch. @returns the failure, and the steps that are undone by then */
async function failing(promotion: Promotion, work: (before: BeforeTheSwitch) => Promise<unknown>) {
  const before = new BeforeTheSwitch(promotion);
  const failure = await asWorkflow(() => before.run(() => work(before))).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  return { failure, undone: promotion.undo.steps({ undone: true }) };
}

const scheduled = () => temporal.executions.map(({ activity }) => activity);

const fail = (activity: string, how = timedOut) => {
  temporal.activities[activity] = () => {
    throw how(activity);
  };
};

describe('a step that fails may have made its change, so it is undone', () => {
  it.each([
    ['the way back', 'prepareWayBack', 'removeWayBack', 'wayBack', (one: Promotion) => prepareWayBack(one)],
    [
      ...(['the read-only default of the standby', 'makeStandbyReadOnly', 'closeStandby', 'fence'] as const),
      (one: Promotion) => new RealSwitcher(one).makeStandbyReadOnly(opening),
    ],
    [
      ...(['the fence', 'raiseFence', 'liftFence', 'fence'] as const),
      (one: Promotion) => new RealSwitcher(one).raiseFence({ readOnly, connect: null }),
    ],
    [
      ...(['the opening', 'openStandby', 'closeStandby', 'open'] as const),
      (one: Promotion) => new RealSwitcher(one).openStandby(opening, {}),
    ],
  ] as const)('%s', async (_, activity, undo, step, work) => {
    temporal.activities['readOpened'] = () => false;
    fail(activity);
    const promotion = promotionOf();
    const { failure, undone } = await failing(promotion, () => work(promotion));
    expect(failure).toContain(`undone: ${step}`);
    expect(undone).toEqual([step]);
    expect(new Set(scheduled().filter((one) => one === activity || one === undo))).toEqual(
      new Set([activity, undo]),
    );
    expect(promotion.undo.changes).toEqual([]);
  });

  it('and a person is told how, where the undo fails, too', async () => {
    fail('raiseFence');
    fail('liftFence', refused);
    const promotion = promotionOf();
    const memory = { readOnly, connect: null };
    const { failure, undone } = await failing(promotion, () =>
      new RealSwitcher(promotion).raiseFence(memory),
    );
    expect(undone).toEqual([]);
    expect(failure).toContain('fence');
    expect(promotion.status().changes).toMatchObject([
      { step: 'fence', where: 'primary', failure: 'permission denied' },
    ]);
    expect(promotion.known.fence).toEqual(memory);
  });
});

describe('before the fence, a primary that does not answer any more', () => {
  const gone = (activity: string) =>
    failedBy(activity, finalFailure('PrimaryUnreachable', 'no route to host'));
  const forEver = () => new Promise<never>(() => undefined);
  /** A step that goes on until it is cancelled. */
  const waiting = (promotion: Promotion) => {
    temporal.activities['readOpening'] = forEver;
    return readOpening(promotion);
  };
  const command = `--workflow-id 'workflow-lost'`;
  const lost = async (work: (promotion: Promotion, before: BeforeTheSwitch) => Promise<unknown>) => {
    fail('awaitPrimary', gone);
    const promotion = promotionOf();
    const { failure } = await failing(promotion, (before) => {
      before.watchPrimary();
      return work(promotion, before);
    });
    return { failure, ...promotion.status() };
  };

  it('ends the promotion, which names the run without it', async () => {
    const { failure, findings } = await lost(waiting);
    expect(failure).toMatch(
      /^no route to host; .*nothing has to be undone; if the primary is gone for good, start a run without it, and/u,
    );
    expect(failure).toContain(command.replaceAll("'", ''));
    expect(findings).toEqual([]);
  });

  it('is named with what to do, while what was prepared on it cannot be removed', async () => {
    temporal.activities['prepareWayBack'] = forEver;
    fail('removeWayBack', refused);
    const { findings } = await lost(prepareWayBack);
    expect(findings).toMatchObject([
      {
        code: 'PRIMARY_UNREACHABLE',
        message: 'no route to host',
        remedy: expect.stringMatching(
          /^bring the primary back, or correct the login that it refuses: as soon as .*If the primary is gone for good: once the promotion has ended, start a run without it/u,
        ) as string,
      },
    ]);
    expect(findings[0]?.remedy).toContain(command.replaceAll("'", ''));
  });

  it('keeps the promotion only for a while from its end, which says what is left on it', async () => {
    temporal.activities['prepareWayBack'] = forEver;
    temporal.activities['removeWayBack'] = ({ side }: { side: string }) =>
      side === 'primary' ? forEver() : undefined;
    const { failure, changes, findings } = await lost(prepareWayBack);
    expect(failure).toMatch(
      /^not undone: the subscription of the way back on the primary \(no route to host\)\. Undo it by hand, .*on the primary, in its database \w+: .*DROP SUBSCRIPTION/u,
    );
    expect(failure).not.toContain('on the standby');
    // The standby's part is.
    expect(failure).toMatch(/no step was undone completely$/u);
    expect(changes).toMatchObject([{ where: 'primary', failure: 'no route to host' }]);
    expect(findings).toMatchObject([{ code: 'PRIMARY_UNREACHABLE' }]);
  });

  it('is named no longer when it is back, and everything was removed from it', async () => {
    temporal.activities['prepareWayBack'] = forEver;
    const meanwhile: string[] = [];
    let promotion: Promotion | undefined;
    temporal.activities['removeWayBack'] = () => {
      meanwhile.push(...(promotion?.status().findings ?? []).map(({ code }) => code));
    };
    const { failure, findings } = await lost((one) => {
      promotion = one;
      return prepareWayBack(one);
    });
    expect(failure).toContain('undone: wayBack');
    expect(new Set(meanwhile)).toEqual(new Set(['PRIMARY_UNREACHABLE']));
    expect(findings).toEqual([]);
  });

  it('is not told from a worker that does not answer', async () => {
    let probes = 0;
    temporal.activities['awaitPrimary'] = () => {
      probes += 1;
      throw probes < 3 ? timedOut('awaitPrimary') : gone('awaitPrimary');
    };
    const promotion = promotionOf();
    await failing(promotion, (before) => {
      before.watchPrimary();
      return waiting(promotion);
    });
    expect(probes).toBe(3);
  });

  it('is left to the outage budget behind the fence', async () => {
    fail('awaitPrimary', gone);
    const promotion = promotionOf();
    const { failure } = await failing(promotion, (before) => {
      before.watchPrimary();
      promotion.beginOutage(1_000);
      before.startClock(1_000, '1 second');
      return waiting(promotion);
    });
    expect(failure).toContain('the outage budget of 1 second');
  });
});

describe('a standby that does not answer any more', () => {
  const gone = (activity: string) =>
    failedBy(activity, finalFailure('StandbyUnreachable', 'no route to host'));
  const forEver = () => new Promise<never>(() => undefined);
  const raise = async (promotion: Promotion) => {
    const switcher = new RealSwitcher(promotion);
    await switcher.makeStandbyReadOnly(opening);
    await switcher.raiseFence({ readOnly, connect: null });
    return switcher;
  };

  it.each([
    [
      ...(['the way back was prepared', 'wayBack', 'prepareWayBack'] as const),
      (one: Promotion) => prepareWayBack(one),
    ],
    [
      'the primary was fenced',
      'fence',
      'endWriters',
      async (one: Promotion) => (await raise(one)).endWriters(1),
    ],
  ] as const)(
    'keeps the promotion only for a while from its end, after %s',
    async (_, step, failing_, work) => {
      fail(failing_, gone);
      fail('awaitStandby', gone);
      temporal.activities['removeWayBack'] = ({ side }: { side: string }) =>
        side === 'standby' ? forEver() : undefined;
      temporal.activities['closeStandby'] = forEver;
      const promotion = promotionOf();
      const { failure } = await failing(promotion, () => work(promotion));
      expect(failure).toMatch(/^not undone: .* on the standby \(no route to host\)\. Undo it by hand, /u);
      expect(failure).not.toContain('on the primary');
      const { changes, findings } = promotion.status();
      expect(changes).toMatchObject([{ step, where: 'standby', failure: 'no route to host' }]);
      expect(findings).toMatchObject([
        {
          code: 'STANDBY_UNREACHABLE',
          message: 'no route to host',
          remedy: expect.stringMatching(
            /^bring the standby back, or correct the login that it refuses: as soon as /u,
          ) as string,
        },
      ]);
    },
  );

  it('is waited for as long as it takes, if it may be open', async () => {
    fail('openStandby', gone);
    fail('readOpened', gone);
    fail('awaitStandby', gone);
    let attempts = 0;
    temporal.activities['closeStandby'] = () => {
      attempts += 1;
    };
    const promotion = promotionOf();
    const { undone } = await failing(promotion, async () => {
      await (await raise(promotion)).openStandby(opening, {});
    });
    expect(undone).toEqual(['open', 'fence']);
    expect(attempts).toBe(2);
    expect(promotion.findings).toEqual([]);
    expect(scheduled()).not.toContain('awaitStandby');
  });
});
