import { expect, it } from 'vitest';
import { certify } from '../../../workflows/promotion-fleet/fleet-certificate.js';

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const one = (pair: string, fenced: number, opened: number, predictedOutageMs: number | null) => ({
  pair,
  certificate: {
    ...{ fenceLsn: `0/${fenced}`, confirmedLsn: `0/${fenced}`, verificationLsn: `0/${fenced}` },
    ...{ sequences: 1, minimumHeadroom: null, fencedAt: at(fenced), openedAt: at(opened) },
    ...{ outageMs: (opened - fenced) * 1000, predictedOutageMs },
  },
});

it('the outage of a fleet is from the first fence to the last open standby', () => {
  expect(certify([one('a', 2, 6, 100), one('b', 1, 5, 300)], at(4))).toMatchObject({
    ...{ fencedAt: at(1), decidedAt: at(4), openedAt: at(6), outageMs: 5000, predictedOutageMs: 300 },
    pairs: [
      { pair: 'a', fenceLsn: '0/2', outageMs: 4000 },
      { pair: 'b', fenceLsn: '0/1', outageMs: 4000 },
    ],
  });
});

it('a fleet has no prediction if a pair has none, and no certificate if no pair has one', () => {
  expect(certify([one('a', 1, 2, 100), one('b', 1, 2, null)], at(1))?.predictedOutageMs).toBeNull();
  expect(certify([{ pair: 'a', certificate: null }], at(1))).toBeNull();
});
