import { beginWithRecord, type HandedOffRecord } from '../contract/promotion-arguments.js';
import type { HandedOffFleet } from '../contract/promotion-fleet-input.js';
import type { GivenSelection } from '../contract/selection.js';
import { decidedInput } from './decided-input.js';
import type { GivenStart } from './command-with-input.js';

/**
 * The start of a promotion, or of a fleet of promotions, by its arguments. If a run handed off to it, the input has what the run selected and
 * its approvals decided, so that it can be started again without the run.
 *
 * @param args null if they are not known
 * @returns null also if a fleet of runs handed off, see {@link promotionFleetStart}: the decisions of its runs are not among the arguments
 */
export function promotionStart(workflowId: string, args: readonly unknown[] | null): GivenStart | null {
  if (args === null) return null;
  const [first = {}, second = {}] = args;
  if (!isObject(first) || !isObject(second)) return null;
  if (!beginWithRecord(args)) return { workflowId, input: first };
  return isRecord(first) ? { workflowId, input: inputOf(first, second) } : null;
}

/**
 * The start of a fleet of promotions that a fleet of runs handed off to. Each pair has its own input if its run selected, or its approvals
 * decided, anything.
 *
 * @param records of the pairs, in their order
 */
export function promotionFleetStart(
  workflowId: string,
  { handedOff, own, records }: { handedOff: HandedOffFleet; own: Input; records: readonly HandedOffRecord[] },
): GivenStart {
  const { ticket, requestedBy, pairs } = handedOff;
  const { include, exclude, overrides, ...others } = own;
  const { accept } = own;
  const shared = defined({ include, exclude, overrides, accept });
  const entries = pairs.map(({ pair }, at) => {
    const record = records[at];
    const input =
      record === undefined
        ? shared
        : inputOf({ ...record, pair: null, ticket: null, requestedBy: null }, shared);
    return Object.keys(input).length === 0 ? pair : { pair, input };
  });
  return {
    workflowId,
    input: { pairs: entries, ...defined({ ticket, requestedBy }), ...others },
  };
}

const defined = (fields: Input): Input =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

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

type Input = Readonly<Record<string, unknown>>;
type OwnFields = GivenSelection & { accept?: string[] };

const isObject = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRecord = (value: Input): value is Input & HandedOffRecord => 'gate' in value;
