import { expect, it } from 'vitest';
import { block, warning } from '../../../../src/planning/promotion/make-promotion-finding.js';
import { quoteIdentifier } from '../../../../src/sequences/identifier.js';

it('writes a remedy that can be pasted from a terminal, whatever the name of a role is', () => {
  const remedy = `on the primary: REVOKE app FROM ${quoteIdentifier('two\nlines')};`;
  const pasteable = 'on the primary: REVOKE app FROM U&"two\\+00000Alines";';
  expect(block('GRANT_BY_OTHERS', 'a grant', remedy).remedy).toBe(pasteable);
  expect(warning('TRAFFIC_NOT_MOVED', 'the call failed', remedy).remedy).toBe(pasteable);
});
