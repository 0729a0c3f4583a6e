import { MODES } from '../../src/contract/modes.js';
import { z } from 'zod';
import { OUTCOMES } from '../../src/contract/counts.js';
import type { RunInput } from '../../src/contract/input.js';
import { check } from '../../src/contract/parsing/check.js';
import { whenNeeded } from '../../src/contract/parsing/when-needed.js';
import type { GateMemory } from './gate-memory.js';
import { MEMORY_VERSION, type ReadinessMemory, type RunMemory } from './run-memory.js';

/**
 * This worker cannot read the state that the previous run of the chain passed on. The error is not caught, so that only the workflow task
 * fails: Temporal retries it until a worker that can read the state takes it, and the healthy run does not end.
 */
class UnreadableMemoryError extends Error {
  override readonly name = 'UnreadableMemoryError';
}

/**
 * Brings the state that a run passed on by continue-as-new to the present version.
 *
 * - Version 0 has no version field, as in release 0.1.0. Optional fields may be missing; {@link RunMemory} says what that means for each.
 * - Version 1 has the version field.
 * - A newer version may have fields that are unknown here. They are kept and passed on.
 *
 * @throws UnreadableMemoryError for a value that no version writes
 */
export function upgradeMemory(carried: unknown): RunMemory {
  const checked = check(memorySchema(), carried, 'the memory');
  if (!checked.ok)
    throw new UnreadableMemoryError(
      `the state that the previous run of the chain passed on cannot be read: ${checked.problems}`,
    );
  return { ...(checked.value as unknown as RunMemory), version: MEMORY_VERSION };
}

/** A schema with each field of `T`: a field that is added there and forgotten here does not compile. Unknown fields are kept. */
const fields = <T>(shape: { [K in keyof Required<T>]: z.ZodType }) => z.looseObject(shape);

/** Only a run that continues another one needs it. */
const memorySchema = whenNeeded(() => {
  const texts = z.array(z.string());
  const text = z.string().nullable().default(null);
  const count = z.number();
  const outcome = z.enum(OUTCOMES);
  const headroom = z.looseObject({ sequence: z.string(), calls: z.string() });
  const counts = z.looseObject({ total: count, applied: count, kept: count, skipped: count, failed: count });
  const pages = z.array(z.looseObject({ workflowId: z.string(), from: text, to: text }));
  const rawName = z.tuple([z.string(), z.string()]).nullable();

  const finding = z.looseObject({
    // A finding with an unknown severity counts as a block, to be safe.
    severity: z.enum(['block', 'warn', 'info']).catch('block'),
    code: z.string(),
    sequence: text,
    count: count.default(1),
    message: z.string().default(''),
    remedy: z.string().default(''),
    subject: z.string().optional(),
    things: texts.optional(),
  });
  const findings = z.array(finding);

  const input = fields<RunInput>({
    pair: z.string(),
    mode: z.enum(MODES),
    primary: z.literal('lost').optional(),
    ifLocked: z.literal('skip').optional(),
    buffer: z.looseObject({}).nullable().default(null),
    include: texts.default(() => []),
    exclude: texts.default(() => []),
    overrides: z.array(z.looseObject({ match: z.string() })).default(() => []),
    approval: z.looseObject({
      timeout: z.string(),
      required: count,
      recheckEvery: z.string(),
      timeoutMs: z.number(),
      recheckEveryMs: z.number(),
    }),
    handoff: z.looseObject({}).nullable().default(null),
    requestedBy: text,
    ticket: text,
    bufferReason: z.string().optional(),
    hooks: z.looseObject({}).optional(),
  });

  const identity = z.looseObject({
    systemIdentifier: z.string(),
    databaseOid: z.string(),
    database: z.string(),
    mark: z.string().optional(),
  });

  const readiness = fields<ReadinessMemory>({
    identity: z.looseObject({ pair: z.string(), primary: identity, standby: identity }),
    primary: z.looseObject({}),
    standby: z.looseObject({}),
    buffer: z.looseObject({}),
    calls: text,
    primaryMaxConnections: count,
    total: count,
    tables: z.looseObject({ published: z.string(), received: z.string(), publications: texts }).optional(),
  });

  const blocks = z.array(
    z.looseObject({
      code: z.string(),
      sequence: text,
      count: count.default(1),
      subject: z.string().optional(),
      things: texts.optional(),
    }),
  );

  const gate = fields<GateMemory>({
    state: z.enum(['closed', 'open', 'blocked', 'approved', 'rejected', 'timed-out']),
    required: count,
    approvals: z
      .array(
        z.looseObject({
          by: z.string(),
          at: z.string(),
          reason: text,
          accept: texts.default(() => []),
          ignoreRows: texts.optional(),
          raisePastRows: texts.optional(),
        }),
      )
      .default(() => []),
    refused: z
      .array(z.looseObject({ at: z.string(), kind: z.string(), by: text, reason: z.string() }))
      .default(() => []),
    refusedCount: count.default(0),
    deadline: z.number().nullable().default(null),
    blocks: blocks.default(() => []),
    accepted: blocks.default(() => []),
    known: blocks.optional(),
    limitsBlock: z.literal(true).optional(),
    decidedRows: z
      .array(z.looseObject({ sequence: z.string(), rows: z.enum(['ignore', 'raise']), by: z.string() }))
      .optional(),
    notBefore: z.number().optional(),
    held: z
      .looseObject({ accepted: blocks, decidedRows: z.array(z.looseObject({ sequence: z.string() })) })
      .optional(),
    rejection: z.looseObject({ by: z.string(), reason: z.string() }).nullable().default(null),
    resynchronizeBy: text,
    sealed: z.boolean().default(false),
  });

  return fields<RunMemory>({
    version: count.default(0),
    input: input.nullable(),
    phase: z.string(),
    enteredAt: z.string(),
    startedAt: z.string(),
    readiness: readiness.nullable(),
    counts,
    round: count,
    findings: z.record(z.string(), findings).default(() => ({})),
    minimumHeadroom: headroom.nullable().default(null),
    watched: z
      .array(
        headroom.omit({ calls: true }).extend({
          next: z.string(),
          at: z.string(),
          headroom: z.string(),
          buffer: z.string(),
          rate: z.looseObject({ calls: z.string(), elapsedMs: z.string() }).nullable().default(null),
        }),
      )
      .default(() => []),
    measured: z
      .looseObject({ byOid: z.array(z.tuple([count, z.string()])), others: z.string() })
      .nullable()
      .default(null),
    gate: gate.nullable(),
    checklist: z.array(z.looseObject({ step: z.string(), at: text })),
    verifiedAt: text,
    primaryReadAt: text,
    handoff: z
      .looseObject({ workflowType: z.string(), taskQueue: z.string(), workflowId: z.string() })
      .nullable()
      .default(null),
    promotionRunId: z.string().optional(),
    ending: z.looseObject({ state: z.string(), message: z.string(), at: z.string() }).optional(),
    rows: z
      .array(
        z.looseObject({
          sequence: z.string(),
          ...{ primaryNext: text, standbyBefore: text, target: text, standbyNext: text, buffer: text },
          outcome,
          reason: text,
          oid: count.optional(),
          primaryOid: count.optional(),
          standing: z.string().optional(),
          gone: z.literal(true).optional(),
          appeared: z.literal(true).optional(),
        }),
      )
      .default(() => []),
    pages: pages.default(() => []),
    earlierPages: pages.optional(),
    standings: z.string().nullable().optional(),
    outcomes: z
      .array(z.looseObject({ range: z.looseObject({ after: rawName, upTo: rawName }), packed: z.string() }))
      .optional(),
    digests: texts.optional(),
    recordDigest: z.string().optional(),
    toldFleet: z.string().optional(),
    // A newer worker may know other values.
    searchable: texts.optional(),
    notified: z
      .looseObject({
        ...{ count, gateCount: count, gateAt: count, toppedUp: count, toppedUpAt: count },
        gate: text,
        timingOut: z.boolean(),
        underWay: z.array(z.looseObject({ id: z.string(), event: z.string() })),
      })
      .optional(),
    readings: z.looseObject({ parts: z.array(z.looseObject({ digest: text, data: text })) }).optional(),
    subscriptions: texts.optional(),
    subscriptionDetails: z
      .array(z.looseObject({ name: z.string(), slot: text, publications: texts.default(() => []) }))
      .optional(),
  });
});
