import type { PromotionFleetCertificate } from '../../src/contract/promotion-fleet.js';
import type { Member } from './promoted-pairs.js';

/** The certificate of all pairs together; null if no pair has one. */
export function certify(
  members: readonly Pick<Member, 'pair' | 'certificate'>[],
  decidedAt: string,
): PromotionFleetCertificate | null {
  const certified = members.flatMap(({ pair, certificate }) =>
    certificate === null ? [] : [{ pair, ...certificate }],
  );
  if (certified.length === 0) return null;
  const fencedAt = Math.min(...certified.map((one) => Date.parse(one.fencedAt)));
  const openedAt = Math.max(...certified.map((one) => Date.parse(one.openedAt)));
  const predicted = certified.flatMap(({ predictedOutageMs }) => predictedOutageMs ?? []);
  return {
    fencedAt: new Date(fencedAt).toISOString(),
    decidedAt,
    openedAt: new Date(openedAt).toISOString(),
    outageMs: openedAt - fencedAt,
    predictedOutageMs: predicted.length < certified.length ? null : Math.max(...predicted),
    pairs: certified.map(({ pair, fenceLsn, confirmedLsn, verificationLsn, sequences, outageMs }) => ({
      ...{ pair, fenceLsn, confirmedLsn, verificationLsn, sequences, outageMs },
    })),
  };
}
