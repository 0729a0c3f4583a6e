import { withoutEnd } from '../../contract/parsing/text.js';
import type { Finding } from '../../contract/status.js';
import { makeFinding } from '../../findings/make-finding.js';
import { acceptedAtGate } from '../remedies/promotion-input.js';
import type { PromotionCheckReport } from '../../steps/promotion-steps.js';

/** These stay until a person does something, unlike an open session or a prepared transaction, which end by themselves. */
const AT_HANDOFF = [
  'PRIVILEGE_MISSING',
  'FENCE_LEFT',
  'GRANT_BY_OTHERS',
  'PRIMARY_SUBSCRIBES',
  'STANDBY_SYNCHRONOUS',
  'NO_SYNCHRONOUS_STANDBY',
  'WAY_BACK_NEEDS_IDENTITY',
  'WAY_BACK_NEEDS_ROOM',
  'LEDGER_UNREADABLE',
] as const;

/** The findings of the check of a promotion for which a run that hands off to it is blocked, so that nobody approves in vain. */
export function asHandoffBlocks(findings: PromotionCheckReport['findings']): Finding[] {
  return findings.flatMap(({ code, sequence, count, message, remedy, subject }) => {
    const known = AT_HANDOFF.find((one) => one === code);
    if (known === undefined) return [];
    const text = `${withoutEnd(message)}: the promotion would refuse it`;
    const made = makeFinding(known, { sequence, count, message: text, remedy: acceptedAtGate(code, remedy) });
    return [subject === undefined ? made : { ...made, subject }];
  });
}
