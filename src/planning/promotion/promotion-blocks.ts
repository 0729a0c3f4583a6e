import { blocksPromotion } from '../../contract/finding-properties.js';
import type { PromotionBlockingCode } from '../../contract/findings.js';
import { withoutEnd } from '../../contract/parsing/text.js';
import { splitNextStep } from '../../findings/remedy-text.js';
import type { Finding } from '../../contract/status.js';

/** In a promotion, and in a run that hands off to one, data that would stay behind on the primary is a block. */
export function asPromotionBlock(finding: Finding): Finding {
  if (!blocksPromotion(finding)) return finding;
  const { code, message, remedy } = finding;
  return {
    ...finding,
    severity: 'block',
    code: code as PromotionBlockingCode,
    message: `${withoutEnd(message)}; this blocks a promotion, unless ${code} is accepted by name`,
    // The run, or the promotion, adds the next step itself.
    remedy: splitNextStep(remedy).remedy,
  };
}
