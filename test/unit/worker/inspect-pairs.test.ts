import { expect, it } from 'vitest';
import { readConfiguration } from '../../../src/config/configuration.js';
import { inspectPairs } from '../../../src/worker/inspect-pairs.js';

// No server listens on these ports.
const unreachable = {
  PRIMARY_URL: 'postgresql://nobody@127.0.0.1:1/app',
  STANDBY_URL: 'postgresql://nobody@127.0.0.1:2/app',
};

const failuresOf = async (environment: NodeJS.ProcessEnv) => {
  const found = await inspectPairs(readConfiguration(environment), environment);
  return found.map(({ part, ok, text }) => ({ part, ok, port: /127\.0\.0\.1:(\d)\/app/u.exec(text)?.[1] }));
};

it('tells the failure of an unreachable standby once, although the ledger is there too', async () => {
  expect(await failuresOf(unreachable)).toEqual([
    { part: 'primary', ok: false, port: '1' },
    { part: 'standby', ok: false, port: '2' },
  ]);
});

it('tells the failure of an unreachable ledger elsewhere as its own', async () => {
  const LEDGER_URL = 'postgresql://nobody@127.0.0.1:3/app';
  expect(await failuresOf({ ...unreachable, LEDGER_URL })).toEqual([
    { part: 'primary', ok: false, port: '1' },
    { part: 'standby', ok: false, port: '2' },
    { part: 'ledger', ok: false, port: '3' },
  ]);
});
