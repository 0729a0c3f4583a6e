import { describe, expect, it } from 'vitest';
import { startCommand } from '../../../src/planning/remedies/start-command.js';
import { withShortCommands, withShortRemedies } from '../../../src/terminal/short-commands.js';

const about = { workflowId: 'failover-orders' };

describe('texts of a run name the commands of sequence-failover', () => {
  it.each([
    [
      'on the standby: CREATE SEQUENCE a; then signal resynchronize',
      'on the standby: CREATE SEQUENCE a; then run sequence-failover resynchronize failover-orders --by "$USER"',
    ],
    [
      'blocked by X: fix the cause and signal resynchronize, or accept by name with {"accept": ["public.a", "it\'s \\"b\\""]}',
      `blocked by X: fix the cause and run sequence-failover resynchronize failover-orders --by "$USER", or accept by name with --accept public.a --accept 'it'\\''s "b"'`,
    ],
    [
      'approve with {"ignoreRows": ["public.a"]} to set it, or with {"raisePastRows": ["public.a"]}',
      'approve with --ignore-rows public.a to set it, or with --raise-past-rows public.a',
    ],
    [
      'start it again with {"overrides": [{"match": "public.it\'s]}", "rows": "ignore"}]} to set it; with {"exclude": ["public.a"]} to leave it',
      `start it again with --input '{"overrides": [{"match": "public.it'\\''s]}", "rows": "ignore"}]}' to set it; with --input '{"exclude": ["public.a"]}' to leave it`,
    ],
    ['{"accept": ["cut', '{"accept": ["cut'],
    ['start it again with {"exclude": ["cut', 'start it again with {"exclude": ["cut'],
    [
      'the pair a is blocked: a by X. Fix the cause and send resynchronize, accept the blocks by name with "accept", or decide on the other pairs alone with "partial": true',
      'the pair a is blocked: a by X. Fix the cause and run sequence-failover resynchronize failover-orders --by "$USER", accept the blocks by name with --accept <name>, or decide on the other pairs alone with --partial',
    ],
    [
      'a was rejected by bob; leave it out with "pairs", or send "partial": true',
      'a was rejected by bob; leave it out: name the others with --pair <name>, or add --partial',
    ],
    ['name the waiting pairs with "pairs"', 'name the waiting pairs with --pair <name>'],
    ['reject all of them, without "pairs"', 'reject all of them, without --pair'],
    ['nothing to translate', 'nothing to translate'],
  ])('%s', (text, short) => {
    expect(withShortCommands(text, about)).toBe(short);
  });

  it('in a fleet with the pair', () => {
    expect(withShortCommands('signal resynchronize', { workflowId: 'evacuate', pair: 'a b' })).toBe(
      `run sequence-failover resynchronize evacuate --by "$USER" --pair 'a b'`,
    );
    const overrides = 'start it again with {"overrides": [{"match": "public.a", "rows": "ignore"}]}';
    expect(withShortCommands(overrides, { workflowId: 'evacuate', pair: 'a' })).toBe(overrides);
  });

  it('and the start of a run, unless it is on another task queue', () => {
    const start = { workflowId: 'failover-orders', input: { pair: 'orders', primary: 'lost' } };
    expect(withShortCommands(startCommand({ ...start, taskQueue: 'sequence-failover' }), about)).toBe(
      `sequence-failover start --workflow-id failover-orders --input '{"pair":"orders","primary":"lost"}'`,
    );
    const other = startCommand({ ...start, taskQueue: 'other' });
    expect(withShortCommands(other, about)).toBe(other);
  });

  it.each(['signal resynchronize', 'wait for the next recheck'])(
    'but not of a gate that is gone: %s',
    (then) => {
      const remedy = `on the standby: CREATE SEQUENCE a; then ${then}`;
      const one = { severity: 'block' as const, code: 'MISSING_ON_STANDBY', message: 'missing', remedy };
      expect(withShortRemedies([one], { ...about, isOver: true })).toEqual([
        { ...one, remedy: 'on the standby: CREATE SEQUENCE a; then start the run again' },
      ]);
      expect(withShortRemedies([one], about)[0]?.remedy).not.toContain('start the run again');
    },
  );
});
