import type { Bound } from '../../sequences/bounds.js';

/** A bound and its origin, for a message. */
export function boundText(bound: Bound): string {
  const { value, by } = bound;
  if (by === 'sequence') return `${String(value)}, the limit of the standby's sequence`;
  if (by.type === 'restriction') return `${String(value)}, the limit of ${by.of}`;
  const type =
    by.type === 'numeric'
      ? `numeric(${by.precision},${by.scale})`
      : { int2: 'smallint', int4: 'integer', int8: 'bigint' }[by.type];
  return `${String(value)}, the limit of its ${type} column`;
}
