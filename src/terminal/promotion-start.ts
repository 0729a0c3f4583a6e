import { beginWithRecord, type HandedOffRecord } from '../contract/promotion-arguments.js';
import type { GivenSelection } from '../contract/selection.js';
import { decidedInput } from './decided-input.js';
import type { GivenStart } from './command-with-input.js';

/**
 * The start of a promotion, or of a fleet of promotions, by its arguments. If a run handed off to it, the input has what the run selected and
 * its approvals decided, so that it can be started again without the run.
 *
 * @param args null if they are not known
 * @returns null also if a fleet of runs handed off: the decisions of its runs are not among the arguments
 */
export function promotionStart(workflowId: string, args: readonly unknown[] | null): GivenStart | null {
  if (args === null) return null;
  const [first = {}, second = {}] = args;
  if (!isObject(first) || !isObject(second)) return null;
  if (!beginWithRecord(args)) return { workflowId, input: first };
  return isRecord(first) ? { workflowId, input: inputOf(first, second) } : null;
}

function inputOf({ pair, ticket, requestedBy, gate, selection }: HandedOffRecord, own: Input): Input {
  const { include, exclude, overrides, accept = [], ...others } = own as Input & OwnFields;
  const ownSelection = {
    ...(include !== undefined && { include }),
    ...(exclude !== undefined && { exclude }),
    ...(overrides !== undefined && { overrides }),
  };
  const selected = Object.keys(ownSelection).length > 0 ? ownSelection : selection;
  const decided = decidedInput({ gate, ...(selected !== undefined && { selection: selected }) });
  const accepted = [...new Set([...(decided.accept ?? []), ...accept])];
  return {
    ...(pair !== null && { pair }),
    ...(ticket !== null && { ticket }),
    ...(requestedBy !== null && { requestedBy }),
    ...others,
    ...decided,
    ...(accepted.length > 0 && { accept: accepted }),
  };
}

type Input = Record<string, unknown>;
type OwnFields = GivenSelection & { accept?: string[] };

const isObject = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRecord = (value: Input): value is Input & HandedOffRecord => 'gate' in value;
