import type { Approval } from '../contract/gate.js';
import type { PromotionStatus } from '../contract/promotion.js';
import type { Status } from '../contract/status.js';
import { canonicalJson } from '../hash/canonical-json.js';
import type { Step } from './steps.js';

/** The fields of a status that stay the same while its record is written. */
const OF_RUN = [
  ...(['pair', 'mode', 'ticket', 'requestedBy', 'primary', 'standby', 'buffer', 'counts'] as const),
  ...(['round', 'minimumHeadroom', 'checklist', 'verifiedAt', 'primaryReadAt', 'handoff', 'ending'] as const),
] satisfies (keyof Status)[];
const OF_PROMOTION = [
  'ticket',
  'requestedBy',
  'approvals',
  'certificate',
] satisfies (keyof PromotionStatus)[];

/**
 * Compares what a run or a promotion says at its end with its record: the digest covers the record, and not the closing event.
 *
 * @param steps the steps of all histories
 * @param status the status in the closing event; null without one
 * @returns the contradictions; empty if there are none
 */
export function contradictsResult(steps: readonly Step[], status: Status | PromotionStatus | null): string[] {
  if (status === null) return [];
  const problems: string[] = [];
  const compare = (field: string, recorded: unknown, shown: unknown) => {
    const [one, other] = [canonicalJson(recorded ?? null), canonicalJson(shown ?? null)];
    if (one !== other)
      problems.push(`${field} is ${short(one)} in the record, and ${short(other)} at the end`);
  };
  const inputOf = <T>(activity: string) =>
    steps.findLast((step) => step.activity === activity)?.input as Partial<T> | null | undefined;
  if ('gate' in status) {
    const closed = inputOf<{ approvals: Approval[]; status: Status }>('closeRecord');
    const [recorded, shown] = [closed?.status, status.gate?.approvals ?? []];
    if (recorded === undefined) {
      // A run of a fleet shortens what it says at its end.
      if (closed?.approvals !== undefined)
        compare('approvals', closed.approvals.map(whoAndWhen), shown.map(whoAndWhen));
      return problems;
    }
    compare('approvals', recorded.gate?.approvals ?? [], shown);
    for (const field of OF_RUN) compare(field, recorded[field], status[field]);
    compare('findings', findingsOf(recorded), findingsOf(status));
    return problems;
  }
  const recorded = inputOf<PromotionStatus>('recordPromotion');
  if (recorded != null) for (const field of OF_PROMOTION) compare(field, recorded[field], status[field]);
  return problems;
}

/** Without the one that writing the record may add. */
const findingsOf = ({ findings }: Status) => findings.filter(({ code }) => code !== 'LEDGER_UNAVAILABLE');

const whoAndWhen = ({ by, at }: Approval) => ({ by, at });

/** The longest value that is shown, in characters. */
const SHOWN_AT_MOST = 200;

const short = (json: string) => (json.length <= SHOWN_AT_MOST ? json : `${json.slice(0, SHOWN_AT_MOST)}…`);
