import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { PromotionStatus } from '../../../../src/contract/promotion.js';
import {
  promotionNextSteps,
  promotionScreen,
  promotionSummaryLines,
} from '../../../../src/terminal/screens/promotion-screen.js';
import { before, NOW } from '../statuses.js';

const canvas = { colors: picocolors.createColors(false), width: 80, height: 24, now: NOW };

const status: PromotionStatus = {
  ...{ workflowId: 'promote-orders', runId: 'r', pair: 'orders', rehearsal: false, phase: 'outage' },
  ...{ startedAt: before(60), ticket: 'CHG-1', requestedBy: null, primary: null, standby: null },
  approvals: [{ by: 'bob', at: before(90), reason: null, accept: [] }],
  ...{ outageBudget: '30 seconds', deadline: before(-28), findings: [], refused: [] },
  ...{ certificate: null, leftovers: [], ending: null },
  steps: [
    { step: 'check', state: 'done', startedAt: before(60), ms: 812 },
    { step: 'wayBack', state: 'skipped', startedAt: null, ms: null },
    { step: 'fence', state: 'running', startedAt: before(2), ms: null },
    { step: 'confirm', state: 'pending', startedAt: null, ms: null },
  ],
};

it('shows a promotion in its outage: the steps, what is left of the budget, and how to call it off', () => {
  const view = { workflowId: 'promote-orders', status, retries: [], trouble: null };
  expect(promotionScreen(view, canvas)).toEqual([
    'orders  Switching; the primary takes no writes  2026-05-01T02:10:00Z',
    'promote-orders, promotion, CHG-1',
    '',
    'approved   by bob',
    'outage     28 seconds left of 30 seconds',
    '',
    '✓ check          done, 812 ms         check privileges and guardrails; read only',
    '- wayBack        skipped              publication, slot; a test connection',
    '▸ fence          running, 2 seconds   the primary takes no writes',
    '· confirm                             the standby has confirmed the last LSN',
    '',
    'Next: nothing; to call it off:',
    '        sequence-failover reject promote-orders --by "$USER" \\',
    `        --reason 'called off'`,
  ]);
});

it('names the order of its fleet for which it waits, until it has ended', () => {
  const inFleet = { ...status, fleet: { workflowId: 'eu', waitsFor: 'fence' as const } };
  const ending = { state: 'failed' as const, message: 'FleetStopped: it stops', at: before(1) };
  expect(promotionSummaryLines(inFleet, NOW)).toContain('fleet      eu, waits for its order: fence');
  expect(promotionSummaryLines({ ...inFleet, ending }, null)).toContain('fleet      eu');
});

it('keeps the outage and the step that is running on a low terminal', () => {
  const view = { workflowId: 'promote-orders', status, retries: [], trouble: null };
  expect(promotionScreen(view, { ...canvas, height: 9 })).toEqual([
    'orders  Switching; the primary takes no writes  2026-05-01T02:10:00Z',
    'promote-orders, promotion, CHG-1',
    'outage     28 seconds left of 30 seconds',
    '▸ fence          running, 2 seconds   the primary takes no writes',
    '… 4 more lines: the terminal is not high enough',
    'Next: nothing; to call it off:',
    '        sequence-failover reject promote-orders --by "$USER" \\',
    `        --reason 'called off'`,
  ]);
});

it('no longer offers to call it off once the standby is open, and shows what is left to tidy up', () => {
  const switched = { ...status, phase: 'switched' as const, leftovers: ['DROP PUBLICATION old'] };
  const view = { workflowId: 'promote-orders', status: switched, retries: [], trouble: null };
  expect(promotionScreen(view, { ...canvas, width: 120 }).slice(-2)).toEqual([
    '',
    'Next: tidy up: DROP PUBLICATION old',
  ]);
});

it.each([
  ['while its fence is up', 'primary', 'Undoing; the primary will take writes again', true],
  ["while an operator's fence is up", 'shell', 'Undoing; the primary will take writes again', true],
  ['when only the standby is left to undo', 'standby', 'Undoing; the primary takes writes', false],
  ['before any fence', null, 'Undoing; the primary takes writes', false],
] as const)('says %s whether the primary takes writes, and shows no budget', (_, where, doing, goesOn) => {
  const changes =
    where === null ? [] : [{ step: 'fence' as const, where, what: 'it', undo: [], failure: null }];
  const undoing = { ...status, phase: 'undoing' as const, changes };
  const view = { workflowId: 'promote-orders', status: undoing, retries: [], trouble: null };
  const lines = promotionScreen(view, canvas);
  expect(lines[0]).toContain(`  ${doing}  `);
  expect(lines.filter((line) => line.startsWith('outage'))).toEqual(
    goesOn ? ['outage     goes on until the fence is lifted'] : [],
  );
});

describe('the next steps while a step is tried again and again', () => {
  const retries = [{ step: 'liftFence', attempt: 7, message: 'no answer' }];
  const standby = { host: 'new', port: 5432, database: 'app', serverVersion: '18', systemIdentifier: '1' };
  const at = (phase: 'undoing' | 'switched', step: 'fence' | 'traffic') => ({
    ...{ phase, leftovers: [], rehearsal: false, standby },
    steps: [{ step, state: 'running' as const, startedAt: null, ms: null }],
  });

  it('name the way out if a server is gone for good during the undo', () => {
    expect(promotionNextSteps(at('undoing', 'fence'), 'promote-a')).toEqual([]);
    expect(promotionNextSteps(at('undoing', 'fence'), 'promote-a', retries)).toEqual([
      expect.stringMatching(
        /^fix what the failure above names, .* a login that is refused: .* gone for good: temporal workflow terminate --workflow-id promote-a, and undo by hand/u,
      ),
    ]);
  });

  it('say where the clients have to go if the step traffic fails', () => {
    expect(promotionNextSteps(at('switched', 'traffic'), 'promote-a')).toEqual([]);
    expect(promotionNextSteps(at('switched', 'traffic'), 'promote-a', retries)).toEqual([
      'fix why the step traffic fails, or let the applications connect to new:5432/app by hand: it takes writes',
    ]);
  });
});

it.each([
  [
    'terminated in its outage',
    { deadline: '2027-01-01T00:00:00.000Z', ending: null },
    'began; nobody has recorded its end',
  ],
  ['ended before its fence', { deadline: null, ending: null }, 'none'],
])('a closed promotion that was %s has no time left', (_, more, shown) => {
  const closed = { ...status, phase: 'outage' as const, certificate: null, ...more };
  const [line] = promotionSummaryLines(closed, null).filter((one) => one.startsWith('outage'));
  expect(line).toContain(shown);
});
