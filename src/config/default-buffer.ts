import { bufferPolicySchema } from '../contract/buffer-policy.js';
import type { BufferPolicy } from '../contract/buffer-policy.js';
import { PRESETS } from '../sequences/buffer.js';
import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

/** SEQUENCE_BUFFER, the buffer of runs that name none: decimal calls of nextval, or the name of a preset. */
export function readDefaultBuffer(environment: Environment, problems: Problems): BufferPolicy {
  const text = environment.text('SEQUENCE_BUFFER');
  if (text === null) return { preset: 'low' };
  const policy = bufferPolicySchema.safeParse(/^\d+$/.test(text) ? { calls: text } : { preset: text });
  if (policy.success) return policy.data;
  const presets = Object.keys(PRESETS).join(', ');
  problems.add(
    'SEQUENCE_BUFFER',
    `expected calls of nextval, such as 10000, up to 9223372036854775807, or ${presets}`,
  );
  return { preset: 'low' };
}
