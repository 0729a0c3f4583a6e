import { expect, it } from 'vitest';
import { wayBackIsLate } from '../../../../src/planning/promotion/after-switch-findings.js';

it('says which settings of the old primary may be too low for its apply worker', () => {
  const names = { subscription: 'way_back', slot: 'way_back_5', publication: 'way_back' };
  const text = wayBackIsLate(names, null, '0/2');
  expect(text).toContain('has confirmed nothing of the way back, and not 0/2');
  for (const setting of ['max_logical_replication_workers', 'max_active_replication_origins'])
    expect(text).toContain(setting);
});

it('says how the old primary gets another login, since it keeps the one with which the way back was prepared', () => {
  const names = { subscription: 'way_back', slot: 'way_back_5', publication: 'way_back' };
  expect(wayBackIsLate(names, '0/1', '0/2')).toContain(
    "ALTER SUBSCRIPTION way_back CONNECTION 'host=<host> port=<port> dbname=<database> user=<role with REPLICATION> password=<its password>';",
  );
});
