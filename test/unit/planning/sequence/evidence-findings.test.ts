import { expect, it } from 'vitest';
import {
  ledgerUnreadable,
  primaryBack,
  withoutRepeated,
} from '../../../../src/planning/sequence/evidence-findings.js';

it('keeps one finding about the ledger, that of the readiness check if it has one', () => {
  const unread = (reason: string) => ledgerUnreadable({ reason, remedy: 'mend it' });
  const [one, two, other] = [unread('one'), unread('two'), primaryBack('it accepts connections')];
  expect(withoutRepeated([one, other, two], [])).toEqual([one, other]);
  expect(withoutRepeated([one, other, two], [unread('before')])).toEqual([other]);
});
