import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeptPlans } from '../../../src/postgres/session/kept-plans.js';

describe('plans that a session keeps', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are prepared the first time, and executed by name from then on', () => {
    const plans = new KeptPlans();
    plans.checkSession(7, 7);
    const [[prepare, execute] = []] = plans.toSend(['SELECT 1']);
    const name = /^PREPARE (sequence_failover_[0-9a-f]{16}_\d+) AS SELECT 1$/.exec(prepare ?? '')?.[1] ?? '';
    expect(name).not.toBe('');
    expect(execute).toBe(`EXECUTE ${name}`);
    expect(plans.toSend(['SELECT 1'])).toEqual([[`EXECUTE ${name}`]]);
  });

  it('are not made behind a pooler, nor after they were lost', () => {
    const pooled = new KeptPlans();
    pooled.checkSession(7, 8);
    expect(pooled.toSend(['SELECT 1'])).toEqual([['SELECT 1']]);
    const lost = new KeptPlans();
    lost.toSend(['SELECT 1']);
    lost.lost();
    expect(lost.toSend(['SELECT 1'])).toEqual([['SELECT 1']]);
  });

  it('are prepared under another name after a failure', () => {
    const plans = new KeptPlans();
    const [first] = plans.toSend(['SELECT 1']);
    plans.forget(['SELECT 1']);
    const [second] = plans.toSend(['SELECT 1']);
    expect(second).toHaveLength(2);
    expect(second).not.toEqual(first);
  });

  it('are limited in number, and dropped after a minute without use', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const plans = new KeptPlans();
    const texts = Array.from({ length: 300 }, (_, i) => `SELECT ${i}`);
    expect(plans.toSend(texts).filter(({ length }) => length === 2)).toHaveLength(250);
    clock.mockReturnValue(59_000);
    expect(plans.dropStale()).toBe(false);
    clock.mockReturnValue(60_000);
    expect(plans.dropStale()).toBe(true);
    expect(plans.dropStale()).toBe(false);
    expect(plans.toSend(['SELECT 0'])[0]).toHaveLength(2);
  });
});
