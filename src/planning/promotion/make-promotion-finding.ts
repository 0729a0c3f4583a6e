import type { PromotionCode, PromotionFinding } from '../../contract/promotion.js';
import { pasteable } from '../../sequences/identifier.js';

/** A block of a promotion. */
export function block(code: PromotionFinding['code'], message: string, remedy: string): PromotionFinding {
  return { severity: 'block', code, sequence: null, count: 1, message, remedy: pasteable(remedy) };
}

/** A step after the switch that failed. The promotion continues, and the finding says what is left to do. */
export function warning(code: PromotionCode, message: string, remedy: string): PromotionFinding {
  return { severity: 'warn', code, sequence: null, count: 1, message, remedy: pasteable(remedy) };
}
