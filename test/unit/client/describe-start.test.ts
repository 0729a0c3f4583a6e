import { expect, it } from 'vitest';
import {
  describePromotionFleetStart,
  describePromotionStart,
  describeRunStart,
} from '../../../src/client/describe-start.js';

it('says the pair, the mode or the kind, the ticket and the requester', () => {
  expect(describeRunStart({ ticket: 'CHG-`1`' })).toEqual({
    staticSummary: 'default, failover, CHG-`1`',
    staticDetails: "- Pair: `default`\n- Mode: `failover`\n- Ticket: `CHG-'1'`",
  });
  expect(describePromotionStart({ pair: 'orders', rehearse: true, requestedBy: 'alice' })).toEqual({
    staticSummary: 'orders, rehearsal, alice',
    staticDetails: '- Pair: `orders`\n- Kind: `rehearsal`\n- Asked for by: `alice`',
  });
  expect(describePromotionFleetStart({ pairs: ['orders', { pair: 'users' }, 7], ticket: 'CHG-1' })).toEqual({
    staticSummary: 'orders, users, promotion, CHG-1',
    staticDetails: '- Pairs: `orders, users`\n- Kind: `promotion`\n- Ticket: `CHG-1`',
  });
});

it('fits into what the server takes', () => {
  const pairs = Array.from({ length: 5_000 }, (_, at) => `pair_ü_${at}`);
  const { staticSummary, staticDetails } = describePromotionFleetStart({ pairs });
  expect(Buffer.byteLength(staticSummary)).toBeLessThanOrEqual(400);
  expect(Buffer.byteLength(staticDetails)).toBeLessThanOrEqual(20_000);
});
