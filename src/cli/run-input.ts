import { parseInput, type Mode } from '../contract/input.js';
import { PRESETS } from '../sequences/buffer.js';
import { UsageError } from './exit-codes.js';
import type { InputOptions } from './input-options.js';

/**
 * The input of a run in this mode.
 *
 * @throws UsageError if the workflow would refuse it
 */
export function toInput(mode: Mode, options: InputOptions): Record<string, unknown> {
  const { pair, buffer, include, exclude, ticket, requestedBy, bufferReason, approver, notBefore } = options;
  const given = readJson(options.input) as { approval?: object };
  const approval = {
    ...given.approval,
    ...(approver !== undefined && { from: approver }),
    ...(notBefore !== undefined && { notBefore }),
  };
  const input = {
    ...given,
    ...(Object.keys(approval).length > 0 && { approval }),
    mode,
    ...(pair !== undefined && { pair }),
    ...(buffer !== undefined && { buffer: toBuffer(buffer) }),
    ...(include !== undefined && { include }),
    ...(exclude !== undefined && { exclude }),
    ...(ticket !== undefined && { ticket }),
    ...(requestedBy !== undefined && { requestedBy }),
    ...(bufferReason !== undefined && { bufferReason }),
  };
  const parsed = parseInput([input], { now: Date.now() });
  if (!parsed.ok) throw new UsageError(parsed.message);
  return input;
}

function toBuffer(text: string): { calls: string } | { preset: string } {
  if (/^\d+$/u.test(text)) return { calls: text };
  if (Object.hasOwn(PRESETS, text)) return { preset: text };
  throw new UsageError(
    `--buffer: found ${JSON.stringify(text)}; expected ${Object.keys(PRESETS).join(', ')}, or a number of calls of nextval such as 10000`,
  );
}

/** The mode in `--input`, which {@link toInput} validates; null if it has none. */
export function modeOf({ input }: InputOptions): Mode | null {
  const { mode } = readJson(input) as { mode?: Mode };
  return mode ?? null;
}

/** The pair that an input names, or `default`. */
export function pairOf(input: Record<string, unknown>): string {
  return typeof input['pair'] === 'string' ? input['pair'] : 'default';
}

/** @throws UsageError if the text is no JSON object */
export function readJson(text: string | undefined): object {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`--input is not JSON: ${text}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('--input: expected a JSON object such as {"pair": "default"}');
  return value;
}
