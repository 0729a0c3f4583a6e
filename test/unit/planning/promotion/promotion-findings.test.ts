import { expect, it } from 'vitest';
import { needsIdentity } from '../../../../src/planning/promotion/promotion-findings.js';
import { tablesOfOthers } from '../../../../src/planning/promotion/promotion-privileges.js';

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
