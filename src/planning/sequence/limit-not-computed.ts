import { sequenceFinding } from '../../findings/make-finding.js';
import type { Mode } from '../../contract/input.js';
import type { Finding } from '../../contract/status.js';
import type { SequenceNames } from '../../steps/rows.js';
import { listFirst } from '../../contract/list-first.js';
import { setsSequences } from '../../contract/modes.js';
import { cut } from '../../contract/parsing/text.js';
import { escapePattern } from '../../sequences/pattern.js';
import { atOrBeyond } from '../../sequences/sequence.js';
import type { Target } from '../../sequences/target.js';
import { asOwner } from '../remedies/as-owner.js';
import { aboutPlaces } from './sequence-findings.js';

/** A message names at most this many limits. */
const NAMED_LIMITS = 3;
const LIMIT_LENGTH = 300;
/** The smaller buffer that a remedy suggests, in calls. */
const SMALL_BUFFER = 100n;

/** The values that have to fit into a limit, and lower ones that might. */
export interface ValuesToCome {
  /** The next value that the standby hands out. */
  next: bigint;
  /** Where the sequence is lowered only by a person: `set` if the run sets it to `next`, `stands` if it is there already. */
  state: 'planned' | 'set' | 'stands';
  /** A smaller buffer, in calls, and the next value that it leads to; null if it would not lower `next`. */
  lower: { calls: bigint; next: bigint } | null;
}

/**
 * @param furthest the furthest row of the columns that the sequence feeds; null for none
 * @param least the calls that every buffer has because of caches
 * @returns null if the sequence has no target
 */
export function valuesToCome(
  target: Target,
  { mode, ...given }: { mode: Mode; increment: bigint; furthest: bigint | null; least: bigint },
): ValuesToCome | null {
  if (target.target === null) return null;
  const { standbyNext } = target;
  const { increment } = given;
  const stands = atOrBeyond(standbyNext, target.target, increment);
  const next = stands ? standbyNext : target.target;
  const isSet = target.outcome === 'apply' && setsSequences(mode);
  const lower = withSmallerBuffer(target, given);
  return {
    next,
    state: stands ? 'stands' : isSet ? 'set' : 'planned',
    lower: atOrBeyond(lower.next, next, increment) ? null : lower,
  };
}

function withSmallerBuffer(
  { primaryNext, buffer, notes, outcome }: Target,
  { increment, furthest, least }: { increment: bigint; furthest: bigint | null; least: bigint },
) {
  const small = buffer > SMALL_BUFFER ? SMALL_BUFFER : buffer / 10n;
  const calls = [least, 1n].reduce((most, one) => (one > most ? one : most), small);
  const own = notes.find((note) => note.kind === 'ownPhase');
  const next = (own?.standby ?? primaryNext) + calls * increment;
  // Rows that do not count for the target do not count for a lower one either.
  const ignoresRows =
    outcome === 'outlier' || notes.some(({ kind }) => kind === 'rowsIgnored' || kind === 'rowsBeforeWrap');
  if (ignoresRows || furthest === null || !atOrBeyond(furthest, next, increment)) return { calls, next };
  return { calls, next: next + ((furthest - next) / increment + 1n) * increment };
}

/** @param values null if there is no target */
export function limitNotComputed(
  names: SequenceNames,
  limits: readonly string[],
  values: ValuesToCome | null,
): Finding {
  const { sequence } = names;
  const bounded = limits.map((limit) => cut(limit.replace(/\s+/gu, ' '), LIMIT_LENGTH));
  const wanted =
    values === null ? 'the values to come fit' : `${String(values.next)} and the values after it fit`;
  const finding = sequenceFinding(
    'LIMIT_NOT_COMPUTED',
    sequence,
    `the values of ${sequence} may be limited by ${listFirst(bounded, NAMED_LIMITS)}; ${limits.length === 1 ? 'this limit was' : 'these limits were'} not computed`,
    `check whether ${wanted} there; ${otherwise(names, values)}`,
  );
  return aboutPlaces(limits, finding);
}

function otherwise({ schema, name, sequence }: SequenceNames, values: ValuesToCome | null): string {
  const lower = values?.lower ?? null;
  if (values === null || lower === null)
    return 'if not, a smaller buffer does not help: on the standby, widen what limits them';
  const match = JSON.stringify(escapePattern(`${schema}.${name}`));
  const again = `start again with a smaller buffer, such as {"overrides": [{"match": ${match}, "buffer": {"calls": "${String(lower.calls)}"}}]}`;
  if (values.state === 'planned') return `if not, ${again}`;
  const why = values.state === 'set' ? `this round sets it to ${String(values.next)}` : 'it stands there';
  const restart = asOwner('standby', `ALTER SEQUENCE ${sequence} RESTART WITH ${String(lower.next)};`);
  return `if not: ${why}, and no run lowers a sequence. Reject this run if it is still open, then ${restart} and ${again}`;
}
