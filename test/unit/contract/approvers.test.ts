import { describe, expect, it } from 'vitest';
import { approversOf, describeApprovers } from '../../../src/contract/approvers.js';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { parseInput } from '../../../src/contract/input.js';

const barred = (input: object, by: string) => approversOf(input)?.barOf(by)?.reason ?? null;
const NOW = Date.parse('2027-01-31T00:00:00Z');

function refusal(input: object, parse: typeof parseInput | typeof parseFleetInput = parseInput): string {
  const parsed = parse([input], { now: NOW });
  if (parsed.ok) throw new Error('the input passed');
  return parsed.message;
}

describe('who may approve', () => {
  it.each(['alice', 'ALICE', 'bob@ops.example', 'JOSE\u0301', 'a*b'])(
    'lets %s approve, whom the list names',
    (by) => {
      const from = ['Alice', '*@OPS.example', 'josé', 'a\\*b'];
      expect(barred({ approval: { from } }, by)).toBeNull();
    },
  );

  it.each(['alic', 'alice2', 'bob@ops.example.org', 'axb'])('bars %s, and says who may', (by) => {
    const from = ['alice', '*@ops.example', 'a\\*b'];
    expect(barred({ approval: { from } }, by)).toBe(
      `"${by}" may not approve: approval.from names "alice", "*@ops.example", "a\\\\*b"; one of them has to decide`,
    );
  });

  it.each([
    ['one approval', { required: 1 }, null],
    ['two approvals', { required: 2 }, 'asked for this failover'],
    ['two approvals, and the requester may', { required: 2, requesterMayApprove: true }, null],
    ['one approval, and the requester may not', { requesterMayApprove: false }, 'asked for this failover'],
  ])('with %s', (_, approval, reason) => {
    const found = barred({ approval, requestedBy: ' Alice ' }, 'alice');
    if (reason === null) expect(found).toBeNull();
    else expect(found).toContain(reason);
    expect(barred({ approval, requestedBy: 'alice' }, 'bob')).toBeNull();
    expect(barred({ approval }, 'alice')).toBeNull();
  });

  it('describes itself for the status', () => {
    const approvers = approversOf({ approval: { from: ['a', 'b', 'c'], required: 2 }, requestedBy: 'c' });
    expect(approvers?.view()).toEqual({ from: ['a', 'b', 'c'], except: 'c' });
    expect(describeApprovers({ from: null, except: 'c' })).toBe('anybody; not "c", who asked for it');
    expect(approversOf({ requestedBy: 'c' })?.view()).toBeNull();
  });

  it('answers in microseconds, whatever the patterns are', () => {
    const from = Array.from({ length: 100 }, (_, index) => `${'*a'.repeat(98)}${index}`);
    const approvers = approversOf({ approval: { from } });
    for (let index = 0; index < 1_000; index++) expect(approvers?.barOf('a'.repeat(200))).not.toBeNull();
  });
});

describe('invalid input', () => {
  it.each([
    [{ approval: { from: [] } }, 'approval.from: found []; expected an array of 1 to 100 names'],
    [{ approval: { from: [' '] } }, 'approval.from[0]: found " "; expected a name that is not only spaces'],
    [{ approval: { from: ['a\\'] } }, 'expected a name that does not end with a lone backslash'],
    [
      { approval: { from: ['alice', 'ALICE'], required: 2 } },
      'expected at least 2 people who may approve, as approval.required says; 1 of these may',
    ],
    [
      { approval: { from: ['alice', 'bob'], required: 2 }, requestedBy: 'Bob' },
      '1 of these may, without the requester',
    ],
    [
      { approval: { requesterMayApprove: false } },
      'approval.requesterMayApprove: found false; expected a requestedBy besides it',
    ],
    [
      { approval: { notBefore: '02:00' } },
      'approval.notBefore: found "02:00"; expected an instant with its time zone',
    ],
    [{ approval: { notBefore: '2027-02-30T02:00:00Z' } }, 'expected an instant with its time zone'],
    [{ approval: { notBefore: '2027-01-31T02:00:00' } }, 'expected an instant with its time zone'],
    [
      { approval: { notBefore: '2027-01-31T00:00:00Z' } },
      'expected an instant that is still to come (it is 2027-01-31T00:00:00.000Z)',
    ],
    [
      { approval: { notBefore: '2027-01-31T02:00:00Z', timeout: '2 hours' } },
      'expected an instant within approval.timeout (2 hours) from now',
    ],
  ])('%j', (input, message) => {
    expect(refusal(input)).toContain(message);
    expect(refusal({ ...input, pairs: ['orders'] }, parseFleetInput)).toContain(message);
  });

  it('lets a run of a fleet begin after the instant', () => {
    const approval = { notBefore: '2027-01-31T01:00:00+02:00' };
    expect(parseInput([{ approval }], { now: NOW, mayBePast: true })).toMatchObject({
      ok: true,
      input: { approval: { ...approval, notBeforeMs: Date.parse('2027-01-30T23:00:00Z') } },
    });
  });
});
