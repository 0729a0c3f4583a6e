import { expect, it } from 'vitest';
import { guardrailsUnread } from '../../../../src/planning/pair/guardrail-findings.js';
import { asPromotionBlock } from '../../../../src/planning/promotion/promotion-blocks.js';

it('obstacles that could not be read have one next step: that of a warning, or that of a block', () => {
  const warning = guardrailsUnread('tables', 'on the primary: it timed out', 'end the session.');
  expect(warning).toMatchObject({
    severity: 'warn',
    remedy: 'end the session; then start a run in the mode check',
  });
  // The run adds "then signal resynchronize".
  expect(asPromotionBlock(warning)).toMatchObject({ severity: 'block', remedy: 'end the session' });
});
