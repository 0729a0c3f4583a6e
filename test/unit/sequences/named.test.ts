import { expect, it } from 'vitest';
import { compileNamed } from '../../../src/sequences/named.js';

it.each([
  ['cron.*', true],
  ['cron.jobid_seq', true],
  ['cron.job??_seq', true],
  ['\\cron.*', true],
  ['*', false],
  ['*.jobid_seq', false],
  ['c*n.jobid_seq', false],
  ['cro?.jobid_seq', false],
  ['cron\\.jobid_seq', true],
  ['cron.other', false],
  ['cron', false],
])('include %j names cron.jobid_seq: %s', (pattern, named) => {
  expect(compileNamed(['x.y', pattern])('cron', 'jobid_seq')).toBe(named);
});
