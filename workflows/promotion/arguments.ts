import { beginWithRecord } from '../../src/contract/promotion-arguments.js';
import { type PromotionInput, parsePromotionInput } from '../../src/contract/promotion-input.js';
import type { RunResult } from '../../src/contract/status.js';
import { selectionProblems } from '../../src/contract/selection.js';
import { isUndecodable } from '../../src/contract/parsing/undecodable.js';

type Arguments =
  { ok: true; input: PromotionInput; record: RunResult | null } | { ok: false; message: string };

/**
 * A handoff passes the record of the run, and then `handoff.input`. A person who starts a promotion passes its input alone.
 */
export function parseArguments(args: readonly unknown[]): Arguments {
  const [first, second, ...more] = args;
  const refuse = (message: string): Arguments => ({ ok: false, message });
  if (more.length > 0)
    return refuse(
      `Invalid input: found ${args.length} arguments; expected an input, or the record of a run and an input`,
    );
  if (!beginWithRecord(args)) {
    const parsed = parsePromotionInput(args);
    return parsed.ok ? { ...parsed, record: null } : parsed;
  }
  if (isUndecodable(first))
    return refuse('Invalid input: the record of the run cannot be decoded by this worker');
  const record = first as RunResult;
  if (!isObject(first) || record.mode !== 'failover' || record.outcome !== 'handed-off')
    return refuse('Invalid input: the first of two arguments is not the record of a run that has handed off');
  const problems = record.selection === undefined ? null : selectionProblems(record.selection);
  if (problems !== null) return refuse(`Invalid input: the record of the run: ${problems}`);
  const parsed = parsePromotionInput(second === undefined ? [] : [second]);
  if (!parsed.ok) return parsed;
  const { pair } = parsed.input;
  if (pair !== null && pair !== record.pair)
    return refuse(
      `Invalid input: pair: found ${JSON.stringify(pair)}; the run that handed off is of the pair ${JSON.stringify(record.pair)}; leave it out`,
    );
  return { ok: true, input: parsed.input, record };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
