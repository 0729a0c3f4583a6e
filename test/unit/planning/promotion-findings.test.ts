import { expect, it } from 'vitest';
import { needsIdentity, tablesOfOthers } from '../../../src/planning/promotion-findings.js';

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

it.each([
  [[], 'as a superuser on the primary: GRANT alice TO runner;'],
  [['alice'], 'as a superuser on the primary: REVOKE runner FROM alice; GRANT alice TO runner;'],
])('grants the role an owner, who may be its member: %j', (members, remedy) => {
  expect(tablesOfOthers('primary', { role: 'runner', members }, 'alice').remedy).toBe(remedy);
});
