import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gate } from '../../../src/contract/gate.js';
import {
  readLastReport,
  nextReport,
  type LastReport,
  whileClosed,
} from '../../../workflows/failover/fleet-report.js';

const MINUTE = 60_000;
const BEGUN = Date.parse('2026-11-22T19:00:00.000Z');

function gate(codes: string[] = [], more: Partial<Gate> = {}): Gate {
  return {
    state: codes.length === 0 ? 'open' : 'blocked',
    required: 2,
    approvals: [],
    refused: [],
    refusedCount: 0,
    deadline: null,
    blockedBy: codes.map((code) => ({ code, sequence: null })),
    ...more,
  };
}

const approval = { by: 'alice', at: '2026-11-22T19:01:00.000Z', reason: null, accept: [] };
const blocked = gate(['PRIMARY_UNREACHABLE']);

/** Looks at each minute's gate, and says in which minutes the fleet is told. */
function minutesTold(looks: (Gate | 'closed')[]): { minutes: number[]; last: LastReport | null } {
  const minutes: number[] = [];
  let told: LastReport | null = null;
  for (const [minute, look] of looks.entries()) {
    if (look === 'closed') {
      if (told !== null) told = whileClosed(told);
      continue;
    }
    const tell: LastReport | null = nextReport(told, look, BEGUN + minute * MINUTE);
    if (tell === null) continue;
    told = tell;
    minutes.push(minute);
  }
  return { minutes, last: told };
}

describe('what a pair tells its fleet of its gate', () => {
  it('is nothing while nothing changes', () => {
    expect(minutesTold([gate(), gate(), gate()]).minutes).toEqual([0]);
  });

  it('is what a decision made of it, at once, however often', () => {
    const looks = [gate(), blocked, gate()];
    for (let refusedCount = 1; refusedCount <= 3; refusedCount += 1) looks.push(gate([], { refusedCount }));
    looks.push(gate([], { refusedCount: 3, approvals: [approval] }));
    expect(minutesTold(looks).minutes).toEqual([0, 1, 3, 4, 5, 6]);
  });

  it('is what is found when it opens again, also when that is what was found before', () => {
    expect(minutesTold([blocked, 'closed', blocked, gate(), 'closed', gate()]).minutes).toEqual([0, 2, 3, 5]);
  });

  it('is every other change with pauses that grow, and the last one in the end', () => {
    const day = Array.from({ length: 24 * 60 }, (_, minute) => (minute % 2 === 0 ? gate() : blocked));
    const { minutes } = minutesTold(day);
    expect(minutes).toEqual([0, 1, 6, 27, 108, 429]);
    const { minutes: inTheEnd, last } = minutesTold([...day, ...Array.from({ length: 400 }, () => gate())]);
    expect(inTheEnd).toEqual([...minutes, 1709]);
    expect(last).toMatchObject({ standing: JSON.stringify(['open', []]) });
  });

  it('is at most eight times unasked in sixty days, whatever goes on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.integer({ min: 1, max: 6 * 60 }), up: fc.boolean() }), {
          maxLength: 2_000,
        }),
        (steps) => {
          let [now, unasked] = [0, 0];
          let told: LastReport | null = null;
          for (const { wait, up } of steps) {
            now += wait;
            if (now > 60 * 24 * 60) break;
            const tell: LastReport | null = nextReport(told, up ? gate() : blocked, BEGUN + now * MINUTE);
            if (tell === null) continue;
            if (told !== null) unasked += 1;
            told = tell;
          }
          expect(unasked).toBeLessThanOrEqual(8);
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('reads what was told as it was passed on, and tells anew what cannot be read', () => {
  const told = { decided: null, standing: '[]', changes: 2, changedAt: 5 };
  expect(readLastReport(JSON.stringify(told))).toEqual(told);
  expect(readLastReport(JSON.stringify({ ...told, later: 1 }))).toEqual({ ...told, later: 1 });
  expect([undefined, '', '{', '{"decided": 1}'].map(readLastReport)).toEqual([null, null, null, null]);
});
