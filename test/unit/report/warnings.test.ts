import { expect, it } from 'vitest';
import type { Unsummarized } from '../../../src/report/report.js';
import { warningsOf } from '../../../src/report/warnings.js';

const approvedBy = (by: string, requestedBy: string) =>
  warningsOf({
    proof: { missing: [], recordDigest: null },
    decisions: [{ decision: 'approve', effect: 'accepted', by }],
    ...{ state: 'completed', kind: 'run', members: [], sequences: [{}] },
    configuration: { requestedBy },
  } as unknown as Unsummarized);

it.each([
  ['alice', 'alice'],
  [' Alice', 'alice'],
  ['JÖRG STRASSE', 'Jörg Straße'],
  ['ａｌｉｃｅ', 'alice'],
])(
  'the approval of %j alone, of what %j asked for, is warned of: the gate takes both for one person',
  (by, requestedBy) => {
    expect(approvedBy(by, requestedBy)).toEqual([`${requestedBy} asked for it and approved it alone.`]);
  },
);

it('an approval by another person is nothing to warn of', () => {
  expect(approvedBy('bob', 'alice')).toEqual([]);
});
