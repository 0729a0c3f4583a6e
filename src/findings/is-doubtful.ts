import type { PromotionFinding } from '../contract/promotion.js';

/** Whether the new primary was not seen to take writes at the end of a promotion. */
export const isDoubtful = (findings: readonly Pick<PromotionFinding, 'code'>[]): boolean =>
  findings.some(({ code }) => code === 'NEW_PRIMARY_NOT_OPEN');
