import { describe, expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { parseMemberReport, parsePairsQuery } from '../../../src/contract/fleet-reports.js';
import { parseFleetMessage } from '../../../src/contract/fleet-messages.js';
import { Undecodable } from '../../../src/contract/parsing/undecodable.js';

describe('the input of a fleet', () => {
  it('is a list of pairs with what every run takes', () => {
    const handoff = { workflowType: 'promote', taskQueue: 'promotion' };
    const written = {
      pairs: [
        'orders',
        { pair: 'users', databases: '*', except: ['postgres'], input: { buffer: { preset: 'high' } } },
      ],
      buffer: { preset: 'low' },
      approval: { required: 2 },
      handoff,
      ticket: 'CHG-1',
    };
    expect(parseFleetInput([written])).toEqual({
      ok: true,
      input: {
        entries: [
          { pair: 'orders', databases: null, except: [], input: {} },
          { pair: 'users', databases: ['*'], except: ['postgres'], input: { buffer: { preset: 'high' } } },
        ],
        concurrency: 10,
        mode: 'failover',
        requestedBy: null,
        ticket: 'CHG-1',
        promotion: null,
        // As they were written: each run applies its own defaults.
        defaults: { buffer: { preset: 'low' }, approval: { required: 2 }, handoff, ticket: 'CHG-1' },
      },
    });
  });

  const invalid: [name: string, input: unknown, message: RegExp][] = [
    ['nothing', undefined, /pairs is missing/],
    ['no pairs', { pairs: [] }, /pairs: found \[\]; expected an array of 1 to 1000 pairs/],
    ['too many', { pairs: Array.from({ length: 1_001 }, (_, n) => `p${n}`) }, /an array of 1 to 1000 pairs/],
    ['a pair twice', { pairs: ['a', { pair: 'a', databases: '*' }] }, /pairs\[1\].*each pair only once/],
    ['a number', { pairs: [1] }, /pairs\[0\]: found 1/],
    ['an entry without a pair', { pairs: [{ databases: '*' }] }, /pairs\[0\]\.pair is missing/],
    [
      'a misspelt field',
      { pairs: [{ pair: 'a', database: '*' }] },
      /pairs\[0\]\.database.*did you mean databases/,
    ],
    [
      'other databases',
      { pairs: [{ pair: 'a', databases: 'app' }] },
      /pairs\[0\]\.databases: found "app"; expected "\*"/,
    ],
    ['a lone backslash', { pairs: [{ pair: 'a', databases: ['x\\'] }] }, /pairs\[0\]\.databases\[0\]/],
    [
      'exceptions from nothing',
      { pairs: [{ pair: 'a', except: ['b'] }] },
      /pairs\[0\]\.except.*no except without databases/,
    ],
    [
      'a mode of its own',
      { pairs: [{ pair: 'a', input: { mode: 'sync' } }] },
      /pairs\[0\]\.input\.mode.*no mode here, because all pairs of a fleet have the same mode/,
    ],
    [
      'a bad input of its own',
      { pairs: [{ pair: 'a', input: { buffer: 3 } }] },
      /pairs\[0\]\.input\.buffer: found 3/,
    ],
    ['a connection string', { pairs: ['postgres://u:p@h/d'] }, /never a connection string/],
    ['a pair besides', { pairs: ['a'], pair: 'b' }, /did you mean pairs/],
    ['concurrency 0', { pairs: ['a'], concurrency: 0 }, /concurrency: found 0; expected .* 1 to 100/],
    [
      'one promotion for all',
      { pairs: ['a'], handoff: { workflowType: 'x', taskQueue: 'y', workflowId: 'z' } },
      /handoff\.workflowId.*two promotions/,
    ],
    [
      'a task queue of the server',
      { pairs: ['a'], handoff: { workflowType: 'x', taskQueue: 'temporal-sys-per-ns-tq' } },
      /handoff\.taskQueue.*reserved for the Temporal server/,
    ],
    [
      'a task queue of the server for one pair',
      {
        pairs: [
          { pair: 'a', input: { handoff: { workflowType: 'x', taskQueue: 'temporal-sys-per-ns-tq' } } },
        ],
      },
      /pairs\[0\]\.input\.handoff\.taskQueue.*reserved for the Temporal server/,
    ],
    ['what cannot be decoded', new Undecodable('x', 'y'), /could not be decoded/],
  ];
  it.each(invalid)('that is %s is refused', (_, input, message) => {
    const parsed = parseFleetInput([input]);
    expect(parsed).toEqual({ ok: false, message: expect.stringMatching(message) as string });
  });
});

describe('a message to a fleet', () => {
  it('names pairs, or means all', () => {
    expect(parseFleetMessage('approve', [{ by: ' alice ', pairs: ['a', 'b', 'a'], accept: ['x'] }])).toEqual({
      ok: true,
      value: { kind: 'approve', by: 'alice', reason: null, pairs: ['a', 'b'], accept: ['x'], partial: false },
    });
    expect(parseFleetMessage('decide', [{ decision: 'reject', by: 'bob', reason: 'no' }])).toEqual({
      ok: true,
      value: { kind: 'reject', by: 'bob', reason: 'no', pairs: null, accept: [], partial: false },
    });
  });

  it.each([
    ['approve', { by: 'a', pairs: [] }, /pairs: found \[\]/],
    ['approve', { by: 'a', pair: ['x'] }, /did you mean pairs/],
    ['reject', { by: 'a' }, /reason is missing/],
    ['resynchronize', { by: 'a', accept: ['x'] }, /accept: found an unknown field/],
    ['decide', { decision: 'reject', by: 'a', reason: 'b', accept: ['x'] }, /nothing to accept/],
  ] as const)('%s %j is refused', (kind, argument, message) => {
    expect(parseFleetMessage(kind, [argument])).toEqual({
      ok: false,
      message: expect.stringMatching(message) as string,
      by: 'a',
    });
  });
});

it('the query pairs is bounded', () => {
  expect(parsePairsQuery([])).toEqual({ ok: true, value: { after: undefined, limit: 200 } });
  expect(parsePairsQuery([{ limit: 201 }])).toMatchObject({ ok: false });
  expect(parsePairsQuery([{ outcome: 'lost' }])).toMatchObject({ ok: false });
});

it('what is no report of a pair is none', () => {
  const report = {
    pair: 'a',
    gate: 'open',
    counts: { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 },
    minimumHeadroom: { sequence: 'public.s', calls: '10000' },
    approvals: 0,
    blockedBy: [],
    blockedCount: 0,
    refused: null,
    refusedCount: 0,
  };
  expect(parseMemberReport([report])).toEqual(report);
  for (const forged of [
    undefined,
    null,
    'a',
    { ...report, blockedBy: [null] },
    { ...report, minimumHeadroom: { sequence: 's', calls: 'x' } },
  ]) {
    expect(parseMemberReport([forged])).toBeNull();
  }
});
