import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInput } from '../../src/contract/input.js';
import { parseMessage, type MessageKind } from '../../src/contract/messages.js';
import { completed } from './stage/workflow-run.js';
import { FaultStage } from './faults/fault-stage.js';

const RUNS = 50;
const SEED = 20_260_101;

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 1 });
});
afterAll(async () => {
  await stage.stop();
});

/** Any JSON in the place of what belongs there, or what belongs there. */
const orAnything = <T>(valid: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: valid }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

/** Mostly harmless. */
const words = (maxLength: number) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength }) },
  );
const pattern = words(20);
const policy = orAnything(
  fc.oneof(
    fc.record({ preset: fc.constantFrom('low', 'medium', 'high', 'time-critical', 'none') }),
    fc.record({ calls: fc.bigInt({ min: 0n, max: 2n ** 40n }).map(String) }),
    fc.record({ calls: fc.bigInt({ min: -5n, max: 2n ** 64n }).map(String) }),
    fc.record({
      peakInsertsPerSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
      maxFailoverSeconds: fc.integer({ min: 0, max: 9000 }),
      safetyFactor: fc.double(),
    }),
  ),
);

const input = orAnything(
  fc.record(
    {
      // No worker knows a pair of such a name: whatever passes the schema goes no further.
      pair: orAnything(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map((name) => `no ${name}`),
      ),
      mode: orAnything(fc.constantFrom('plan', 'verify', 'sync', 'failover')),
      buffer: policy,
      include: orAnything(fc.array(orAnything(pattern), { maxLength: 3 })),
      exclude: orAnything(fc.array(pattern, { maxLength: 3 })),
      overrides: orAnything(fc.array(fc.record({ match: pattern, buffer: policy }), { maxLength: 2 })),
      approval: orAnything(
        fc.record({
          timeout: orAnything(fc.constantFrom('24 hours', '90 seconds', '2 days', '-1 hour')),
          required: orAnything(fc.integer({ min: 0, max: 22 })),
        }),
      ),
      requestedBy: orAnything(words(60)),
      ticket: orAnything(words(60)),
    },
    { requiredKeys: [] },
  ),
);

/** As JSON carries it, which is what reaches the worker: no -0, no NaN. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe('the real server', () => {
  it('fails at once for any input that the schema refuses, with the words of the schema', async () => {
    const inputs = fc.sample(input, { numRuns: RUNS, seed: SEED }).map(asJson);
    const verdicts = { refused: 0, passed: 0 };
    // One after the other: some have the pair in common.
    for (const [index, argument] of inputs.entries()) {
      const verdict = parseInput([argument]);
      const error: unknown = await stage.client.workflow
        .execute('sequenceFailover', {
          taskQueue: 'sequence-failover',
          workflowId: `any-input-${index}`,
          args: [argument],
        })
        .catch((reason: unknown) => reason);
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) {
        throw new Error(`${JSON.stringify(argument)} ended otherwise`, { cause: error });
      }
      expect(error.cause.type).toBe('InvalidInput');
      if (verdict.ok) {
        verdicts.passed += 1;
        expect(error.cause.message).toMatch(/^pair: This worker knows no pair/);
      } else {
        verdicts.refused += 1;
        expect(error.cause.message).toBe(verdict.message);
      }
    }
    expect(verdicts.refused).toBeGreaterThan(5);
    expect(verdicts.passed).toBeGreaterThan(5);
  });

  it('records every message, and accepts only those that the schema accepts', async () => {
    const pair = await stage.pair('CREATE SEQUENCE invoices');
    const run = await stage.start({ pair: pair.name, approval: { required: 20 } });
    await run.atGate();
    const message = orAnything(
      fc.record(
        {
          by: orAnything(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 })),
          reason: orAnything(fc.string({ unit: 'binary' })),
          accept: orAnything(fc.array(fc.string({ unit: 'binary' }), { maxLength: 2 })),
        },
        { requiredKeys: [] },
      ),
    );
    const kinds = fc.constantFrom<MessageKind[]>('approve', 'reject', 'resynchronize');
    const messages = fc
      .sample(fc.tuple(kinds, message), { numRuns: 4 * RUNS, seed: SEED })
      .map(([kind, argument]) => [kind, asJson(argument)] as const)
      // What would end the run, or begin a new round.
      .filter(([kind, argument]) => kind === 'approve' || !parseMessage(kind, [argument]).ok);
    const approvers = new Set<string>();
    let refused = 0;
    for (const [kind, argument] of messages) {
      const verdict = parseMessage(kind, [argument]);
      const stands = verdict.ok && verdict.value.kind === 'approve' && verdict.value.accept.length === 0;
      // One fewer than would open the gate.
      if (stands && !approvers.has(verdict.value.by) && approvers.size === 19) continue;
      if (stands) approvers.add(verdict.value.by);
      else refused += 1;
      await stage.handle(run).signal(kind, argument);
    }
    const { gate } = await run.until('all are heard', (status) => status.gate?.refusedCount === refused);
    expect(gate?.state).toBe('open');
    expect(new Set(gate?.approvals.map(({ by }) => by))).toEqual(approvers);
    expect(refused).toBeGreaterThan(20);
    expect(approvers.size).toBeGreaterThan(3);
    for (let number = 0; approvers.size + number < 20; number += 1) {
      await stage.handle(run).signal('approve', { by: `the approver number ${number}` });
    }
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', gate: { refusedCount: refused } });
  });
});

it('a database without any schema of its own has nothing to move', async () => {
  const pair = await stage.pair('');
  for (const side of [pair.databases.primary, pair.databases.standby])
    await side.sql('DROP SCHEMA public CASCADE');
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  expect(await completed(run)).toMatchObject({ outcome: 'synchronized', counts: { total: 0 } });
});
