import { cutBytes } from '../contract/parsing/text.js';

/** The server's limits for the summary and the details of a workflow, in bytes. It refuses a start that exceeds them. */
const LONGEST_SUMMARY = 400;
const LONGEST_DETAILS = 20_000;

/** The texts of a workflow in Temporal's UI: the summary in a list, and the details at the head of its page. */
export interface Described {
  staticSummary: string;
  staticDetails: string;
}

/** @param input of a run */
export function describeRunStart(input: object): Described {
  const { mode, pair } = input as Record<string, unknown>;
  return describe(input, ['Pair', pair ?? 'default'], ['Mode', mode ?? 'failover']);
}

/** @param input of a promotion that somebody starts by hand */
export function describePromotionStart(input: object): Described {
  const { pair } = input as Record<string, unknown>;
  return describe(input, ['Pair', pair ?? 'default'], kindOf(input));
}

/** @param input of a fleet of promotions */
export function describePromotionFleetStart(input: object): Described {
  const { pairs } = input as Record<string, unknown>;
  const names = (Array.isArray(pairs) ? pairs : []).map((entry: unknown) =>
    typeof entry === 'string' ? entry : (entry as { pair?: unknown } | null)?.pair,
  );
  const named = names.filter((name) => typeof name === 'string');
  return describe(input, ['Pairs', named.join(', ')], kindOf(input));
}

type Field = [title: string, text: unknown];

const kindOf = (input: object): Field => [
  'Kind',
  'rehearse' in input && input.rehearse === true ? 'rehearsal' : 'promotion',
];

function describe(input: object, ...first: readonly Field[]): Described {
  const { ticket, requestedBy } = input as Record<string, unknown>;
  const fields: Field[] = [...first, ['Ticket', ticket], ['Asked for by', requestedBy]];
  const known = fields.filter((field): field is [string, string] => typeof field[1] === 'string');
  const details = known.map(([title, text]) => `- ${title}: \`${text.replaceAll('`', "'")}\``).join('\n');
  const summary = known.map(([, text]) => text).join(', ');
  return {
    staticSummary: cutBytes(summary, LONGEST_SUMMARY),
    staticDetails: cutBytes(details, LONGEST_DETAILS),
  };
}
