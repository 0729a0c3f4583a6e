import { describe, expect, it } from 'vitest';
import { RunFindings } from '../../../../src/findings/run-findings.js';
import { asHandoffBlocks } from '../../../../src/planning/promotion/handoff-blocks.js';
import { fencedByRunning, fenceLeft } from '../../../../src/planning/promotion/earlier-fence-findings.js';
import {
  grantsByOthers,
  needsIdentity,
  preparedTransaction,
  primarySubscribes,
} from '../../../../src/planning/promotion/promotion-findings.js';
import {
  missingPrimaryPrivileges,
  roleCannotBeAltered,
  tablesOfOthers,
} from '../../../../src/planning/promotion/promotion-privileges.js';

it.each([
  [
    ['public.t'],
    '1 table of the standby has no replica identity (public.t): as soon as it is published for the way back, UPDATE and DELETE on it fail',
  ],
  [
    ['public.t', 'public.u'],
    '2 tables of the standby have no replica identity (public.t, public.u): as soon as they are published for the way back, UPDATE and DELETE on them fail',
  ],
])('says on which tables UPDATE and DELETE will fail: %j', (tables, message) => {
  expect(needsIdentity(tables)).toMatchObject({ count: tables.length, message });
});

const direct = { member: 'alice', via: 'alice', grantor: 'postgres' };
const indirect = { member: 'alice', via: 'team', grantor: 'bob' };
const passedOn = { member: 'carol', via: 'carol', grantor: 'alice' };
it.each([
  [160_000, [], 'GRANT alice TO runner;'],
  [160_000, [{ ...direct, member: 'carol', via: 'carol' }], 'GRANT alice TO runner;'],
  [160_000, [direct], 'REVOKE runner FROM alice GRANTED BY postgres; GRANT alice TO runner;'],
  [150_000, [direct], 'REVOKE runner FROM alice; GRANT alice TO runner;'],
  [
    160_000,
    [direct, { ...direct, grantor: 'alice' }],
    'REVOKE runner FROM alice GRANTED BY postgres CASCADE; REVOKE runner FROM alice GRANTED BY alice CASCADE; GRANT alice TO runner;',
  ],
  [
    160_000,
    [direct, indirect, passedOn],
    'REVOKE runner FROM alice GRANTED BY postgres CASCADE; REVOKE runner FROM team GRANTED BY bob; GRANT alice TO runner;',
  ],
  [150_000, [direct, passedOn], 'REVOKE runner FROM alice; GRANT alice TO runner;'],
])('on %i, grants the role an owner, who may be its member: %j', (version, memberships, remedy) => {
  const privileges = { role: 'runner', memberships, version };
  expect(tablesOfOthers('primary', privileges, 'alice').remedy).toBe(
    `as a superuser on the primary: ${remedy}`,
  );
});

describe('a remedy that another input makes unnecessary', () => {
  const privileges = {
    ...{
      role: 'runner',
      database: 'shop',
      owner: 'alice',
      superuser: false,
      memberships: [],
      version: 150_000,
    },
    ...{ replication: true, ownsDatabase: true, createInDatabase: true, signalsOthers: true },
    ...{ seesOthers: true, createsSubscriptions: false },
  };
  const setting = { quoted: 'app', isSetInDatabase: true, isSetEverywhere: false };
  const blocks = [
    ...missingPrimaryPrivileges(privileges, 'read-only', true),
    roleCannotBeAltered(setting, 'shop'),
  ];
  it.each([
    [
      blocks[0],
      'if no way back is needed, start again with "failback": false in the input of the promotion (of a run: in its handoff.input); otherwise, as a superuser on the primary: ALTER ROLE runner SUPERUSER; then signal resynchronize',
    ],
    [
      blocks[1],
      'if the role never writes, start again with it in "except" of the fence in the input of the promotion (of a run: in its handoff.input); otherwise, as a superuser on the primary: ALTER ROLE app IN DATABASE shop RESET default_transaction_read_only; then signal resynchronize',
    ],
  ])('says where the input is, and at the gate of a run ends with the next step', (found, remedy) => {
    const memory = { findings: {} };
    const run = new RunFindings(memory, { gated: true, isNewWarning: () => false });
    run.replace('readiness', asHandoffBlocks(found === undefined ? [] : [found]));
    expect(run.all().map((one) => one.remedy)).toEqual([remedy]);
  });
});

describe('what the promotion would refuse, at the gate of a run that hands off to it', () => {
  const left = { workflowId: 'promote-shop', isUnderWay: true };
  const lift = ['ALTER DATABASE shop RESET default_transaction_read_only;'];
  it.each([
    [
      needsIdentity(['public.t']),
      /; otherwise, on the standby, .*: ALTER TABLE public\.t REPLICA IDENTITY FULL/u,
    ],
    [
      grantsByOthers([{ role: 'app', grantor: 'bob' }], 'shop'),
      /^on the primary, as the owner or a superuser: GRANT CONNECT ON DATABASE shop TO app; REVOKE GRANT OPTION .* CASCADE/u,
    ],
    [primarySubscribes('other'), /^on the primary: ALTER SUBSCRIPTION other DISABLE/u],
    [fenceLeft(left, 'shop', lift, false), /^undo it first, .*: ALTER DATABASE shop RESET \w+/u],
    [fenceLeft(left, 'shop', lift, true), /^if applications write to the standby, .*do not lift the fence/u],
    [fencedByRunning('promote-shop'), /^wait until it has ended; .*sequence-failover status promote-shop/u],
  ])('is a block with its remedy: $code', (found, remedy) => {
    const run = new RunFindings({ findings: {} }, { gated: true, isNewWarning: () => false });
    run.replace('readiness', asHandoffBlocks([found]));
    expect(run.all()).toEqual([
      {
        ...{ severity: 'block', code: found.code, sequence: null, count: 1 },
        message: `${found.message}: the promotion would refuse it`,
        remedy: expect.stringMatching(
          new RegExp(`${remedy.source}.*; then signal resynchronize$`, 'u'),
        ) as string,
      },
    ]);
  });

  it('does not include what passes while the run waits', () => {
    expect(asHandoffBlocks([preparedTransaction('gid')])).toEqual([]);
  });
});
