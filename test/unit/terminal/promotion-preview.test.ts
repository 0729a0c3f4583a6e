import { expect, it } from 'vitest';
import { parsePromotionInput } from '../../../src/contract/promotion-input.js';
import { promotionPreview } from '../../../src/terminal/promotion-preview.js';
import { atGate } from './statuses.js';

const { primary, standby } = atGate();
const orders = { pair: 'orders', primary, standby };

function inputOf(written: object) {
  const parsed = parsePromotionInput([written]);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.input;
}

it('shows before a promotion which server is fenced, how, for how long, and what follows', () => {
  expect(promotionPreview([orders], inputOf({}))).toEqual([
    'primary    primary.example:5432/shop, PostgreSQL 17.4; will be fenced',
    'standby    standby.example:5432/shop, PostgreSQL 17.4; will take the writes',
    'fence      read-only: sessions are ended, and new ones cannot write',
    'outage     at most 30 seconds, or everything is undone',
    'traffic    you move the clients yourself, as soon as the standby is open',
    'way back   the old primary receives from the new one',
  ]);
  const operator = (workflowType: string) => ({ workflowType, taskQueue: 'operations' });
  const input = inputOf({
    ...{ outageBudget: '1 minute', failback: false, beforeSwitch: operator('mayWeGo') },
    fence: { kind: 'no-connections', except: ['monitoring', 'backup'] },
    traffic: { http: { url: 'https://proxy/switch' } },
  });
  expect(promotionPreview([orders], input).slice(2)).toEqual([
    'fence      no-connections: sessions are ended, and applications cannot connect, except for monitoring, backup',
    'outage     at most 1 minute, or everything is undone',
    'veto       mayWeGo',
    'traffic    POST https://proxy/switch',
    'way back   none',
  ]);
  const own = inputOf({
    fence: { kind: 'workflow', workflow: operator('fenceIt') },
    traffic: operator('moveIt'),
  });
  expect(promotionPreview([], own)).toEqual(
    expect.arrayContaining(['fence      the workflow fenceIt', 'traffic    the workflow moveIt']),
  );
});

it('names the pair of each server, and says which server is not known', () => {
  const users = { pair: 'users', primary: null, standby };
  expect(promotionPreview([orders, users], { outageBudget: '20 seconds' })).toEqual([
    'pair       orders',
    'primary    primary.example:5432/shop, PostgreSQL 17.4; will be fenced',
    'standby    standby.example:5432/shop, PostgreSQL 17.4; will take the writes',
    'pair       users',
    'primary    not known; will be fenced',
    'standby    standby.example:5432/shop, PostgreSQL 17.4; will take the writes',
    'outage     at most 20 seconds, or everything is undone',
  ]);
});
