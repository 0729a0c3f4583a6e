import { describe, expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { parseInput } from '../../../src/contract/input.js';
import { parsePromotionFleetInput } from '../../../src/contract/promotion-fleet-input.js';

const workflow = { workflowType: 'moveClients', taskQueue: 'operations' };

describe('the input of a fleet of promotions', () => {
  it('is a list of pairs with what every promotion takes, and what is run once for all', () => {
    const written = {
      pairs: ['orders', { pair: 'users', databases: '*', input: { failback: false } }],
      outageBudget: '1 minute',
      together: { traffic: workflow },
      ticket: 'CHG-1',
    };
    expect(parsePromotionFleetInput([written])).toEqual({
      ok: true,
      input: {
        entries: [
          { pair: 'orders', databases: null, except: [], input: {}, approvedRun: null },
          { pair: 'users', databases: ['*'], except: [], input: { failback: false }, approvedRun: null },
        ],
        ...{ concurrency: 10, rehearse: false, outageBudget: '1 minute', outageBudgetMs: 60_000 },
        ...{ beforeSwitch: null, traffic: workflow, accept: [], requestedBy: null, ticket: 'CHG-1' },
        // As they were written: each promotion applies its own defaults.
        defaults: { outageBudget: '1 minute', ticket: 'CHG-1' },
      },
    });
  });

  it('has the pairs, the ticket and the requester of the fleet that hands off', () => {
    const run = { workflowId: 'evacuate/orders', runId: 'r-1' };
    const handedOff = {
      fleet: { workflowId: 'evacuate', runId: 'r-0' },
      ...{ ticket: 'CHG-1', requestedBy: 'alice', pairs: [{ pair: 'orders', ...run }] },
    };
    expect(parsePromotionFleetInput([handedOff, { failback: false }])).toMatchObject({
      ok: true,
      input: {
        entries: [{ pair: 'orders', approvedRun: run }],
        ...{ ticket: 'CHG-1', requestedBy: 'alice', defaults: { failback: false } },
      },
    });
  });

  const invalid: [name: string, args: unknown[], message: RegExp][] = [
    ['nothing', [], /pairs is missing/],
    ['a pair', [{ pair: 'orders' }], /pair.*did you mean pairs/],
    ['too many', [{ pairs: Array.from({ length: 101 }, (_, n) => `p${n}`) }], /an array of 1 to 100 pairs/],
    ['a fence of another kind', [{ pairs: ['a'], fence: { kind: 'wall' } }], /fence\.kind: found "wall"/],
    [
      'a budget of one pair',
      [{ pairs: [{ pair: 'a', input: { outageBudget: '1 minute' } }] }],
      /pairs\[0\]\.input\.outageBudget: .*set it for the whole fleet/,
    ],
    [
      'one workflow ID for all pairs',
      [{ pairs: ['a'], beforeSwitch: { ...workflow, workflowId: 'w' } }],
      /beforeSwitch\.workflowId: .*several pairs cannot share it/,
    ],
    [
      'one workflow ID for all databases',
      [{ pairs: [{ pair: 'a', databases: '*', input: { traffic: { ...workflow, workflowId: 'w' } } }] }],
      /pairs\[0\]\.input\.traffic\.workflowId: .*several pairs cannot share it/,
    ],
    ['a record that is none', ['record', {}], /the first of two arguments is not what a fleet hands off/],
  ];
  it.each(invalid)('is not %s', (_name, args, message) => {
    const parsed = parsePromotionFleetInput(args);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) expect(parsed.message).toMatch(message);
  });
});

describe('the handoff to a fleet of promotions', () => {
  const handoff = { workflowType: 'promoteFleet', taskQueue: 'sequence-failover' };

  it('is made by a fleet, once for all pairs', () => {
    const parsed = parseFleetInput([{ pairs: ['a'], handoff: { ...handoff, workflowId: 'promote-eu' } }]);
    expect(parsed).toMatchObject({
      ok: true,
      input: { promotion: { ...handoff, workflowId: 'promote-eu' }, defaults: {} },
    });
  });

  it('is not made by the run of one pair', () => {
    expect(parseInput([{ handoff }])).toMatchObject({
      ok: false,
      message: expect.stringContaining('handoff.workflowType: found "promoteFleet"') as string,
    });
  });

  it.each([
    [{ pairs: ['a'], handoff: { ...handoff, input: { pairs: ['b'] } } }, /handoff\.input/],
    [{ pairs: ['a'], handoff: { ...handoff, input: { fence: { kind: 'wall' } } } }, /handoff\.input/],
    [{ pairs: ['a'], handoff, primary: 'lost' }, /no handoff to promoteFleet with "primary": "lost"/],
    [{ pairs: [{ pair: 'a', input: { handoff: workflow } }], handoff }, /pairs\[0\]\.input\.handoff/],
  ])('is refused: %j', (input, message) => {
    const parsed = parseFleetInput([input]);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) expect(parsed.message).toMatch(message);
  });
});
