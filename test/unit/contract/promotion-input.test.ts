import { describe, expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import { lockWorkflowId } from '../../../src/contract/lock.js';
import { promotionAheadOfFleet } from '../../../src/contract/promotion-fleet-input.js';
import { parsePromotionInput, promotionAheadOf } from '../../../src/contract/promotion-input.js';

const refusal = (input: unknown) => {
  const parsed = parsePromotionInput([input]);
  return parsed.ok ? 'taken' : parsed.message;
};

describe('the input of a promotion', () => {
  it('has a default for everything', () => {
    expect(parsePromotionInput([])).toEqual({
      ok: true,
      input: {
        pair: null,
        outageBudget: '30 seconds',
        outageBudgetMs: 30_000,
        fence: { kind: 'read-only', except: [] },
        beforeSwitch: null,
        traffic: null,
        failback: true,
        rehearse: false,
        buffer: null,
        include: [],
        exclude: [],
        overrides: [],
        accept: [],
        requestedBy: null,
        ticket: null,
      },
    });
  });

  const workflow = { workflowType: 'pause', taskQueue: 'operations' };

  it.each([
    [{ fence: { kind: 'workflow', workflow } }],
    [{ fence: { kind: 'no-connections', except: ['a"b'] } }],
    [{ traffic: workflow, beforeSwitch: { ...workflow, input: [null] } }],
    [{ traffic: { http: { url: 'https://proxy/switch', body: { to: 'standby' } } } }],
  ])('is taken: %j', (input) => {
    expect(refusal(input)).toBe('taken');
  });

  it.each([
    [{ fence: { kind: 'workflow' } }, /fence\.workflow is missing/],
    [
      { fence: { kind: 'open' } },
      /fence\.kind: found "open"; expected "read-only", "no-connections" or "workflow"/,
    ],
    [{ outageBudget: '2 hours' }, /outageBudget: .* from 1 second to 1 hour/],
    [{ outageBudget: 30 }, /say which unit the number is in/],
    [{ traffic: { http: { url: 'https://u:p@proxy/switch' } } }, /without a user or password/],
    [{ traffic: { http: { url: 'file:///etc/passwd' } } }, /an http or https URL/],
    [{ failbak: true }, /did you mean failback/],
    [{ beforeSwitch: { ...workflow, input: 'x'.repeat(100_001) } }, /at most 100000 bytes/],
  ])('is refused: %j', (input, message) => {
    expect(refusal(input)).toMatch(message);
  });
});

describe("a handoff's input", () => {
  const handoff = (taskQueue: string, input: unknown) =>
    parseInput([{ handoff: { workflowType: 'promoteStandby', taskQueue, input } }]);

  it("is any JSON for somebody else's workflow", () => {
    expect(handoff('theirs', ['whatever', null])).toMatchObject({
      ok: true,
      input: { handoff: { input: ['whatever', null] } },
    });
    expect(handoff('theirs', null)).toMatchObject({ ok: true });
  });

  it('is bounded', () => {
    expect(handoff('theirs', 'x'.repeat(100_000))).toMatchObject({
      ok: false,
      message: expect.stringContaining('handoff.input') as string,
    });
  });

  it("is judged at once for the project's own", () => {
    expect(handoff('sequence-failover', { outageBudget: '10 seconds' })).toMatchObject({ ok: true });
    expect(handoff('sequence-failover', { fnce: {} })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/handoff\.input: .*did you mean fence/s) as string,
    });
  });
});

it('a pair has one lock, whichever way round it is named', () => {
  expect(lockWorkflowId('reversed:orders')).toBe(lockWorkflowId('orders'));
});

describe('what the check of a promotion depends on', () => {
  it('is the fence, the way back, and the patterns of its own input', () => {
    const fence = { kind: 'no-connections', except: ['metrics'] };
    expect(promotionAheadOf({ fence, failback: false, exclude: ['scratch.*'] })).toEqual({
      ...{ fence, failback: false },
      selection: { include: [], exclude: ['scratch.*'] },
    });
  });

  it('leaves the patterns to the run if the input has none', () => {
    expect(promotionAheadOf(undefined)).toEqual({
      ...{ fence: { kind: 'read-only', except: [] }, failback: true },
    });
  });

  it('has the task queues of the workflows of operators, also of those that a fleet runs once', () => {
    const on = (queue: string) => ({ workflowType: 'w', taskQueue: queue });
    const input = {
      ...{ fence: { kind: 'workflow', workflow: on('proxy') }, beforeSwitch: on('checks') },
      traffic: { http: { url: 'https://proxy.internal/switch' } },
    };
    expect(promotionAheadOf(input)?.operators).toEqual([
      { taskQueue: 'proxy', operators: ['fence'] },
      { taskQueue: 'checks', operators: ['beforeSwitch'] },
    ]);
    expect(promotionAheadOfFleet({ ...input, together: { traffic: on('proxy') } })?.operators).toEqual([
      { taskQueue: 'proxy', operators: ['fence', 'together.traffic'] },
      { taskQueue: 'checks', operators: ['beforeSwitch'] },
    ]);
  });

  it('is not known of an invalid input', () => {
    expect(promotionAheadOf({ fence: 'none' })).toBeNull();
  });
});
