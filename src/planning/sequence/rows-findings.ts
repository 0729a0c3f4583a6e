import { sequenceFinding } from '../../findings/make-finding.js';
import type { Mode } from '../../contract/input.js';
import type { Finding } from '../../contract/status.js';
import type { RowsProblem } from '../../sequences/rows.js';
import { escapePattern } from '../../sequences/pattern.js';
import { atOrBeyond } from '../../sequences/sequence.js';
import type { Target, TargetNote } from '../../sequences/target.js';
import { boundText } from '../remedies/bound-text.js';
import type { StandbySequence } from '../standby-sequence.js';
import { decidedText, type DecisionOnRows } from './decided-rows.js';

type Outlier = Extract<Target, { outcome: 'outlier' }>;
type RowsNote = Extract<TargetNote, { kind: 'behindData' | 'rowsIgnored' | 'rowsBeforeWrap' }>;

/** The block for rows about which a person has to decide, with the possible decisions. */
export function rowsBlock(standby: StandbySequence, target: Outlier, mode: Mode): Finding {
  const { sequence } = standby;
  return sequenceFinding(
    'OUTLIER_DATA',
    sequence,
    rowsBlockText(sequence, target),
    waysOut(standby, target, mode),
  );
}

export function rowsBlockText(sequence: string, target: Outlier): string {
  return `${problemText(sequence, target)}; it was not set`;
}

function problemText(sequence: string, { furthest, target, problem }: Outlier): string {
  switch (problem.why) {
    case 'noRoom':
      return `a row of ${String(furthest)} lies beyond the target ${String(target)} of ${sequence}, and past it only ${String(problem.remaining)} ${problem.remaining === 1n ? 'call is' : 'calls are'} left up to ${boundText(problem.bound)}`;
    case 'farJump':
      return `a row of ${String(furthest)} lies beyond the target ${String(target)} of ${sequence}, and to pass it takes a jump of ${String(problem.calls)} calls: perhaps the ids are not the values of the sequence, but computed from them, such as each value times 50`;
    case 'nearItsEnd':
      return `${sequence} has CYCLE: on the standby it begins again at ${String(problem.first)} after ${String(problem.calls)} calls, where its columns may have rows; its column is in a unique index`;
    case 'inTheWay':
      return `${sequence} would reach the row ${String(problem.first)} after ${String(problem.calls)} calls, from its target ${String(target)} on; its column is in a unique index. Rows lie up to ${String(furthest)}`;
  }
}

function waysOut(
  { schema, name, sequence, definition }: StandbySequence,
  target: Outlier,
  mode: Mode,
): string {
  const { pastData, problem, restart, standbyNext } = target;
  const quoted = JSON.stringify(sequence);
  const isGated = mode === 'failover';
  const match = JSON.stringify(escapePattern(`${schema}.${name}`));
  const input = (rows: string) => `{"overrides": [{"match": ${match}, "rows": "${rows}"}]}`;
  const again = isGated ? 'signal resynchronize' : 'start the run again';
  const ignore = isGated
    ? `approve with {"ignoreRows": [${quoted}]}`
    : `start it again with ${input('ignore')}`;
  const raise = isGated ? `with {"raisePastRows": [${quoted}]}` : `with ${input('raise')}`;
  const leave = isGated ? `with {"accept": [${quoted}]}` : `with {"exclude": [${match}]}`;
  const wanted = String(target.target);
  const inTheWay = problem.why === 'inTheWay' ? problem : null;
  // Somebody has decided so already, and the rows are in the way nevertheless.
  const isIgnored = inTheWay?.isIgnored === true;
  return [
    // With `restart`, the standby is beyond the target already. A run never lowers it, so a person has to.
    ...(restart === null
      ? inTheWay === null
        ? [
            `${ignore} to set it to ${wanted}, the target from the primary, if the rows will not be in its way`,
          ]
        : [
            `delete or renumber the rows from ${String(inTheWay.first)} on, if they are no longer needed, and ${again}`,
            ...(isIgnored ? [] : [`or, if other columns of the unique index keep them apart, ${ignore}`]),
          ]
      : [
          `on the standby: ALTER SEQUENCE ${sequence} ${restart}; and ${again}, if the values from ${wanted} on are free`,
          ...(isIgnored ? [] : [`or ${ignore} to go on from ${String(standbyNext)}`]),
        ]),
    ...(isPossible(problem, pastData, definition)
      ? [`${raise} to move it past them, to ${String(pastData)}`]
      : []),
    `${leave} to leave it where it stands${isBehind(target, definition.increment) ? `, at ${String(standbyNext)}, which is behind the primary's ${String(target.primaryNext)}: then inserts on the standby repeat values` : ''}`,
    `or delete or renumber the rows, if they are sentinels, and ${again}`,
  ].join('; ');
}

/** Whether the standby stands behind the primary. */
function isBehind({ primaryNext, standbyNext }: Outlier, increment: bigint): boolean {
  return !atOrBeyond(standbyNext, primaryNext, increment);
}

/** Whether there is room past all rows. A column may still have less; then the decision is answered by another block. */
function isPossible(
  problem: RowsProblem,
  pastData: bigint,
  { min, max }: StandbySequence['definition'],
): boolean {
  if (pastData < min || pastData > max) return false;
  return (
    problem.why === 'farJump' ||
    problem.why === 'inTheWay' ||
    (problem.why === 'noRoom' && problem.remaining > 0n)
  );
}

/** @param decided a person's decision about the rows; null if there is none */
export function rowsNote(sequence: string, note: RowsNote, decided: DecisionOnRows | null): Finding {
  switch (note.kind) {
    case 'rowsIgnored':
      return sequenceFinding(
        'ROWS_DECIDED',
        sequence,
        `the target of ${sequence} comes from the primary alone, ${decided === null ? 'as was decided' : decidedText(decided)}: rows up to ${String(note.furthest)} are ignored`,
        'no action is needed',
      );
    case 'rowsBeforeWrap':
      return sequenceFinding(
        'ROWS_AHEAD',
        sequence,
        note.first === null
          ? `${sequence} wrapped around, and only the primary has rows ahead of it; its target comes from the primary alone`
          : `${sequence} wrapped around: on the standby it will reach the old row ${String(note.first)} after ${String(note.calls)} calls; its target comes from the primary alone`,
        'archive the old rows before the sequence reaches them, or widen the column and the sequence',
      );
    case 'behindData':
      return decided?.choice === 'raise'
        ? sequenceFinding(
            'ROWS_DECIDED',
            sequence,
            `${sequence} is moved past a row of ${String(note.furthest)}, from ${String(note.from)} to ${String(note.to)}, ${decidedText(decided)}`,
            'no action is needed',
          )
        : sequenceFinding(
            'BEHIND_DATA',
            sequence,
            `a row of ${String(note.furthest)} lies at or beyond the target ${String(note.from)} of ${sequence}, which was raised to ${String(note.to)}`,
            'find out who inserts values that do not come from the sequence',
          );
  }
}
