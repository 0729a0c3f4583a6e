import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Status } from '../../../../src/contract/status.js';
import { sequenceFailover } from '../../../../workflows/failover/sequence-failover.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';
import { failedAs, quiet } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(() => {
  reset();
  Object.assign(temporal.activities, {
    checkReadiness: () => ready,
    recheckHeadroom: () => quiet(),
    awaitReplication: () => ({ lsn: '0/1', findings: [] }),
    closeRecord: () => ({ recorded: 1, unavailable: null, digest: 'd' }),
  });
});

const start = (input: object) => asWorkflow(() => sequenceFailover({ pair: 'shop', ...input }));
const revoked = () => ({ recorded: 0, unavailable: 'permission denied', digest: 'd' });
const unavailable = (reason: string) => ({
  ...{ severity: 'warn', code: 'LEDGER_UNAVAILABLE' },
  message: `the ledger could not be written: ${reason}`,
});

describe('at its end, a run', () => {
  it('says nothing of a ledger that it has written', async () => {
    expect(await start({ mode: 'sync' })).toMatchObject({ findings: [], recordDigest: 'd' });
  });

  it('says that the ledger no longer takes its end', async () => {
    temporal.activities['closeRecord'] = revoked;
    const result = await start({ mode: 'sync' });
    expect(result).toMatchObject({ findings: [unavailable('permission denied')], recordDigest: 'd' });
    expect((temporal.handlers['status']?.() as Status).findings).toEqual(result.findings);
  });

  it('says so as well if no attempt to record the end came through', async () => {
    temporal.activities['closeRecord'] = () => {
      throw failedAs('closeRecord', 'LedgerUnreachable');
    };
    expect(await start({ mode: 'sync' })).toMatchObject({
      findings: [unavailable('it failed as LedgerUnreachable')],
    });
  });

  it('warns of it also after an approval: nothing is blocked any more', async () => {
    temporal.activities['closeRecord'] = revoked;
    temporal.whileWaiting.push(() => {
      temporal.handlers['approve']?.({ by: 'alice' });
    });
    const result = await start({ mode: 'failover' });
    expect(result).toMatchObject({
      outcome: 'handed-off',
      findings: [unavailable('permission denied')],
    });
    expect(JSON.stringify(result)).not.toContain('it was not so when the gate opened');
  });

  it('says so in the details of its failure', async () => {
    temporal.activities['closeRecord'] = revoked;
    temporal.whileWaiting.push(() => {
      temporal.handlers['reject']?.({ by: 'bob', reason: 'no' });
    });
    await expect(start({ mode: 'failover' })).rejects.toMatchObject({
      type: 'Rejected',
      details: [{ findings: [unavailable('permission denied')] }],
    });
  });
});
