import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { PromotedPair, PromotionFleetStatus } from '../../../../src/contract/promotion-fleet.js';
import {
  promotionFleetNextSteps,
  promotionFleetScreen,
} from '../../../../src/terminal/screens/promotion-fleet-screen.js';
import { before, NOW } from '../statuses.js';

const canvas = { colors: picocolors.createColors(false), width: 80, height: 24, now: NOW };

const pair = (name: string, changes: Partial<PromotedPair> = {}): PromotedPair => ({
  ...{ pair: name, workflowId: `eu/${name}`, state: 'verified', outcome: 'pending' },
  ...{ failure: null, message: null, certificate: null, leftovers: [] },
  ...changes,
});

const status: PromotionFleetStatus = {
  ...{ workflowId: 'eu', runId: 'r', rehearsal: false, phase: 'outage', startedAt: before(60) },
  ...{ ticket: 'CHG-1', requestedBy: 'alice', outageBudget: '30 seconds', deadline: before(-20) },
  ...{ decision: null, pairs: [pair('a'), pair('b', { state: 'ready' })] },
  ...{ findings: [], refused: [], certificate: null, ending: null },
};

it('shows the pairs of a fleet of promotions, what is left of the budget, and how to call it off', () => {
  const view = { workflowId: 'eu', status, retries: [], trouble: null };
  expect(promotionFleetScreen(view, canvas)).toEqual([
    'eu  Switching; the primaries take no writes  2026-05-01T02:10:00Z',
    'fleet of promotions, CHG-1, asked for by alice',
    '',
    'outage     20 seconds left of 30 seconds',
    '',
    'pair  state     outcome  outage in ms',
    '─────────────────────────────────────',
    'a     verified',
    'b     ready',
    '',
    'Next: nothing; to call it off:',
    `        sequence-failover reject eu --by "$USER" --reason 'called off'`,
  ]);
});

it('shows the pair that failed before those that were only stopped, and why the fleet undid them', () => {
  const stopped = { state: 'done', outcome: 'undone', failure: 'FleetStopped' } as const;
  const decision = { order: 'undo', at: before(5), failure: 'Vetoed', reason: 'b: no' } as const;
  const pairs = [pair('a', stopped), pair('b', { ...stopped, failure: 'Vetoed' })];
  const view = {
    workflowId: 'eu',
    status: { ...status, phase: 'undoing' as const, decision, pairs },
    ...{ retries: [], trouble: null },
  };
  const lines = promotionFleetScreen(view, canvas);
  expect(lines).toContain(`decision   undo at ${before(5)}: b: no`);
  expect(lines.slice(-2)).toEqual(['b     done   undone (Vetoed)', 'a     done   undone (FleetStopped)']);
});

it('says where to see what holds up the pairs of a fleet that has decided', () => {
  const decision = { order: 'undo', at: before(5), failure: 'Vetoed', reason: 'b: no' } as const;
  const pairs = [pair('a', { state: 'done', outcome: 'undone' }), pair('b')];
  expect(promotionFleetNextSteps({ phase: 'undoing', decision, pairs }, 'eu')).toEqual([
    'see how far b is, and what it waits for: sequence-failover status eu/b',
  ]);
});
