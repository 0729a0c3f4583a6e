import { expect, it } from 'vitest';
import { compileExplicitSchemas } from '../../../src/sequences/explicit-schemas.js';

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
  expect(compileExplicitSchemas(['x.y', pattern])('cron', 'jobid_seq')).toBe(named);
});
