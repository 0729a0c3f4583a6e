import pc from 'picocolors';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import type { PromotionStep, PromotionStepName } from '../../../src/contract/promotion.js';
import { PROMOTION_STEPS, stepLines } from '../../../src/terminal/promotion-steps.js';

it('shows each step in one line of at most 80 columns, also in a rehearsal', () => {
  const steps = (Object.keys(PROMOTION_STEPS) as PromotionStepName[]).map((step): PromotionStep => ({
    step,
    state: 'done',
    startedAt: '2026-11-20T01:00:00.000Z',
    ms: 12_345,
  }));
  const lines = stepLines({ steps, rehearsal: true }, { colors: pc.createColors(false), now: 0 });
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
  expect(lines).toHaveLength(steps.length);
});
