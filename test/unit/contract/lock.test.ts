import { expect, it } from 'vitest';
import { databaseLockId } from '../../../src/contract/lock.js';

const orders = {
  systemIdentifier: '7713666926277191253',
  databaseOid: '16385',
  database: 'orders',
  acceptedAt: null,
};

it('the lock of a database has its server, oid and name, whatever characters the name has', () => {
  expect(databaseLockId(orders)).toBe('sequence-failover/promotion-lock/7713666926277191253/16385/orders');
  expect(databaseLockId({ ...orders, database: 'a/b "ö"\n' })).toBe(
    'sequence-failover/promotion-lock/7713666926277191253/16385/a%2Fb%20%22%C3%B6%22%0A',
  );
  // A copy of the server has another address.
  expect(databaseLockId({ ...orders, acceptedAt: '10.0.0.7 5432' })).toBe(
    'sequence-failover/promotion-lock/7713666926277191253/16385/orders/10.0.0.7%3A5432',
  );
});
