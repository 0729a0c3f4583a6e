import type { Addressed } from '../client/fleet-run.js';
import { UsageError } from './exit-codes.js';
import type { findNamed } from './find-named.js';

/** The options that name the pairs of a fleet. */
export interface AddressingOptions {
  pair?: string[];
  partial?: true;
}

/** The fields of a message that these options stand for. */
export function addressed({ pair, partial }: AddressingOptions): Addressed {
  return { ...(pair !== undefined && { pairs: pair }), ...(partial !== undefined && { partial }) };
}

/** @throws UsageError if they are given for anything but a fleet */
export function requireFleet(
  { pair, partial }: AddressingOptions,
  workflowId: string,
  { kind }: Pick<Awaited<ReturnType<typeof findNamed>>, 'kind'>,
): void {
  if ((pair !== undefined || partial) && kind !== 'fleet')
    throw new UsageError(`${workflowId} is not a fleet: leave --pair and --partial out.`);
}
