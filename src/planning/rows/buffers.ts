import { parseConsumption } from '../../sequences/consumption.js';
import { type BufferPolicy, isMeasured, type MeasuredPolicy } from '../../contract/buffer-policy.js';
import type { Policy } from '../../steps/identity.js';
import type { PrimarySequence } from '../../steps/rows.js';
import { bufferCalls } from '../../sequences/buffer.js';
import { measuredBuffer } from '../../sequences/measured-buffer.js';
import { compileOverrides } from '../../sequences/selection.js';

interface Subject {
  schema: string;
  name: string;
  /** The oid on the standby. */
  oid: number;
  rate?: PrimarySequence['rate'];
}

/** A buffer in calls of nextval, and whether a measurement raised it above the policy's minimum. */
interface Buffer {
  calls: bigint;
  measured: boolean;
}

/**
 * Prepares a policy for many sequences, and returns the function that gives the buffer of each. A measured buffer comes from the rate
 * of the sequence, or, at a recheck, from the measurement of the round.
 */
export function compileBuffers(policy: Policy): (sequence: Subject) => Buffer {
  const overrides = policy.overrides.flatMap(({ match, buffer }) =>
    buffer === undefined ? [] : [{ match, rule: toRule(buffer) }],
  );
  const override = compileOverrides(overrides);
  const defaultRule = toRule(policy.buffer);
  const kept = policy.measured && new Map(policy.measured.byOid);
  return ({ schema, name, oid, rate }) => {
    const rule = override(schema, name)?.rule ?? defaultRule;
    if ('calls' in rule) return rule;
    const minimum = BigInt(rule.minimum);
    const wanted =
      policy.measured === undefined
        ? measuredBuffer(rule, parseConsumption(rate))
        : BigInt(kept?.get(oid) ?? policy.measured.others);
    return wanted > minimum ? { calls: wanted, measured: true } : { calls: minimum, measured: false };
  };
}

/** Values that are the same for all sequences are computed once. */
function toRule(policy: BufferPolicy): Buffer | MeasuredPolicy {
  return isMeasured(policy) ? policy : { calls: bufferCalls(policy), measured: false };
}
