import { expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import type { FleetMessage } from '../../../src/contract/fleet-messages.js';
import type { Finding } from '../../../src/contract/status.js';
import { Fleet } from '../../../workflows/fleet/fleet.js';
import { FleetApprovers } from '../../../workflows/fleet/fleet-approvers.js';

const AT = '2026-11-22T19:00:00.000Z';
const counts = { total: 2, applied: 2, kept: 0, skipped: 0, failed: 0 };

function inputOf(written: object) {
  const parsed = parseFleetInput([written]);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.input;
}

/** A fleet whose pair `a` waits at its gate. */
function atGate(): Fleet {
  const fleet = new Fleet(inputOf({ pairs: ['a'] }), 'fleet', AT);
  fleet.add('a', 0);
  fleet.enter('preparing');
  fleet.next();
  fleet.report({
    ...{ pair: 'a', gate: 'open', counts, minimumHeadroom: null, approvals: 0, blockedBy: [] },
    ...{ blockedCount: 0, refused: null, refusedCount: 0 },
  });
  return fleet;
}

const found: Finding = {
  ...{ severity: 'block', code: 'READ_FAILED', sequence: null, count: 1 },
  ...{ message: 'the database shop was left out', remedy: 'rename it' },
};

it('is incomplete if a database was left out, although all of its pairs ended well', () => {
  const fleet = atGate();
  fleet.ended('a', { outcome: 'handed-off', counts, minimumHeadroom: null, approvals: 1 }, AT);
  fleet.addFindings([{ ...found, severity: 'warn', code: 'NO_SUBSCRIPTION' }]);
  expect(fleet.incomplete()).toBeNull();
  fleet.addFindings([found]);
  expect(fleet.incomplete()).toBe(
    'all 1 pairs ended well and need nothing more; a database that the fleet left out has to be fixed and started in a run of its own; READ_FAILED: the database shop was left out; rename it',
  );
});

it('shows a decision that could not be delivered, and lets the pair be decided again', () => {
  const fleet = atGate();
  const approve: FleetMessage = {
    ...{ kind: 'approve', by: 'alice', reason: null, pairs: null, accept: [], partial: false },
  };
  fleet.decide(approve, AT, 0, 0);
  const refused = { at: AT, kind: 'approve', by: 'alice', reason: 'the decision could not be delivered: x' };
  fleet.undelivered('a', refused);
  expect(fleet.status()).toMatchObject({
    counts: { waiting: 1, deciding: 0 },
    gate: { attention: [{ pair: 'a', gate: 'open', refused }], attentionCount: 1 },
  });
  expect(fleet.rows({ limit: 1 }).rows).toMatchObject([{ refused, refusedCount: 1 }]);
  expect(fleet.decide(approve, AT, 0, 0)).toMatchObject({ stands: true, addressed: 1 });
});

it('bars the requester of each entry from its approval, and otherwise that of the fleet', () => {
  const approvers = new FleetApprovers(
    inputOf({
      pairs: [
        { pair: 'own requester', input: { requestedBy: 'bob' } },
        { pair: 'own rules', input: { approval: { required: 1 } } },
        'neither',
        { pair: 'own buffer', input: { buffer: { calls: '5' } } },
      ],
      approval: { required: 2 },
      requestedBy: 'alice',
    }),
  );
  const barred = (entry: number) =>
    ['alice', 'bob'].filter((by) =>
      approvers.of(entry)?.barOf(by)?.reason.includes('asked for this failover'),
    );
  expect([0, 1, 2, 3].map(barred)).toEqual([['bob'], [], ['alice'], ['alice']]);
  expect(approvers.of(3)).toBe(approvers.of(2));
});
