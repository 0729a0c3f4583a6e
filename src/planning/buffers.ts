import { type BufferPolicy, isMeasured, type MeasuredPolicy } from '../contract/buffer-policy.js';
import type { Policy } from '../steps/identity.js';
import type { PrimarySequence } from '../steps/rows.js';
import { bufferCalls } from '../sequences/buffer.js';
import { measuredBuffer } from '../sequences/measured-buffer.js';
import { compileOverrides } from '../sequences/selection.js';

interface Subject {
  schema: string;
  name: string;
  /** Of the standby. */
  oid: number;
  rate?: PrimarySequence['rate'];
}

/** Calls of nextval, and whether a measurement put them above their minimum. */
interface Buffer {
  calls: bigint;
  measured: boolean;
}

/**
 * The buffer that a policy asks for, for many sequences. A measured one comes from the sequence's rate, or, at a
 * later look, from what the round measured.
 */
export function compileBuffers(policy: Policy): (sequence: Subject) => Buffer {
  const overrides = policy.overrides.flatMap(({ match, buffer }) =>
    buffer === undefined ? [] : [{ match, rule: toRule(buffer) }],
  );
  const override = compileOverrides(overrides);
  const usual = toRule(policy.buffer);
  const kept = policy.measured && new Map(policy.measured.byOid);
  return ({ schema, name, oid, rate }) => {
    const rule = override(schema, name)?.rule ?? usual;
    if ('calls' in rule) return rule;
    const minimum = BigInt(rule.minimum);
    const wanted =
      policy.measured === undefined
        ? measuredBuffer(rule, toConsumption(rate))
        : BigInt(kept?.get(oid) ?? policy.measured.others);
    return wanted > minimum ? { calls: wanted, measured: true } : { calls: minimum, measured: false };
  };
}

/** What is the same for all is computed once. */
function toRule(policy: BufferPolicy): Buffer | MeasuredPolicy {
  return isMeasured(policy) ? policy : { calls: bufferCalls(policy), measured: false };
}

function toConsumption(rate: PrimarySequence['rate']) {
  return rate === undefined ? null : { calls: BigInt(rate.calls), elapsedMs: BigInt(rate.elapsedMs) };
}
