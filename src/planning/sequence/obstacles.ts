import { sequenceFinding } from '../../findings/make-finding.js';
import { BY_LEDGER } from '../../findings/by-ledger.js';
import type { Finding } from '../../contract/status.js';
import type { SideOfPair } from '../../contract/side.js';
import type { ReadProblem } from '../../steps/read-problem.js';
import type { PrimaryOrPresumed, PrimarySequence } from '../../steps/rows.js';
import type { Definition } from '../../sequences/sequence.js';
import { withSequenceName } from '../remedies/with-sequence-name.js';
import { asOwner, obstacleRemedy } from '../remedies/as-owner.js';
import { dataNotChecked } from './sequence-findings.js';
import type { StandbySequence } from '../standby-sequence.js';

/**
 * Everything on both sides that keeps a sequence from being set. All obstacles are reported together, so that a person can remove them in
 * one round.
 */
export function obstaclesOf(primary: PrimaryOrPresumed, standby: StandbySequence): Finding[] {
  const { sequence } = primary;
  const obstacles = [...readObstacles(primary, standby), ...definitionObstacles(primary, standby)];
  if (obstacles.length === 0) return [];
  return [
    ...obstacles,
    ...(primary.dataNotChecked === undefined
      ? []
      : [dataNotChecked(sequence, 'primary', primary.dataNotChecked)]),
    ...(standby.dataNotChecked === null ? [] : [dataNotChecked(sequence, 'standby', standby.dataNotChecked)]),
  ];
}

/** A sequence of the primary whose name is ambiguous: it cannot be matched with one on the standby. */
export function ambiguousName({ schema, name, sequence, problem }: PrimarySequence): Finding | null {
  if (problem === undefined || !`${schema}.${name}`.includes('\u{fffd}')) return null;
  const message = `${sequence} could not be read on the primary: ${problem.reason}`;
  return sequenceFinding(problem.code, sequence, message, obstacleRemedy('primary', problem));
}

/** A sequence of the standby that could not be read. Without SELECT the worker cannot set it either, so one finding has both grants. */
export function notReadOnStandby(
  sequence: string,
  problem: ReadProblem,
  grantsToSet: string | null,
): Finding {
  const { code, reason } = problem;
  const message = `${sequence} could not be read on the standby: ${reason}`;
  const remedy =
    code === 'NO_READ_PRIVILEGE' && grantsToSet !== null
      ? asOwner('standby', grantsToSet)
      : remedyNaming(sequence, 'standby', problem);
  return sequenceFinding(code, sequence, message, remedy);
}

function remedyNaming(sequence: string, side: SideOfPair, problem: ReadProblem): string {
  return obstacleRemedy(side, { ...problem, remedy: withSequenceName(problem.remedy, sequence) });
}

/**
 * The obstacles to reading, on the primary, a sequence that the standby lacks. They are reported too, so that a person can remove all in one round.
 */
export function obstaclesOnPrimary(primary: PrimarySequence): Finding[] {
  const { sequence, dataNotChecked: unchecked } = primary;
  const problems = readProblem(primary);
  if (problems.length === 0 || unchecked === undefined) return problems;
  return [...problems, dataNotChecked(sequence, 'primary', unchecked)];
}

function readProblem({ sequence, problem }: PrimaryOrPresumed): Finding[] {
  if (problem === undefined) return [];
  const message = `${sequence} could not be read on the primary: ${problem.reason}`;
  return [sequenceFinding(problem.code, sequence, message, remedyNaming(sequence, 'primary', problem))];
}

function readObstacles(primary: PrimaryOrPresumed, { reading, grantsToSet }: StandbySequence): Finding[] {
  const { sequence } = primary;
  const findings = readProblem(primary);
  if ('problem' in reading) {
    findings.push(notReadOnStandby(sequence, reading.problem, grantsToSet));
  } else if (grantsToSet !== null) {
    const message = `${sequence} may not be set on the standby by this role`;
    findings.push(sequenceFinding('NO_UPDATE_PRIVILEGE', sequence, message, asOwner('standby', grantsToSet)));
  }
  return findings;
}

const smallint = [-32_768n, 32_767n] as const;
const integer = [-2_147_483_648n, 2_147_483_647n] as const;

/**
 * The definition that the standby's sequence has once its obstacles are removed: that of the primary, if it differs. The bounds are wide
 * enough for both, since bounds for one direction leave no values in the other.
 */
export function remediedDefinition(
  { increment, min, max }: PrimaryOrPresumed,
  { definition }: StandbySequence,
): Definition {
  if (increment === String(definition.increment)) return definition;
  return {
    ...definition,
    increment: BigInt(increment),
    min: BigInt(min) < definition.min ? BigInt(min) : definition.min,
    max: BigInt(max) > definition.max ? BigInt(max) : definition.max,
  };
}

/** A sequence with another increment on the standby has no target. */
export function definitionObstacles(primary: PrimaryOrPresumed, standby: StandbySequence): Finding[] {
  const { sequence, increment } = primary;
  const { definition } = standby;
  const onStandby = String(definition.increment);
  if (increment === onStandby) return [];
  const { min: least, max: most } = remediedDefinition(primary, standby);
  const isWider = least < definition.min || most > definition.max;
  const fitsIn = ([from, to]: readonly [bigint, bigint], low: bigint, high: bigint) =>
    from <= low && high <= to;
  const isSameType = [smallint, integer].every(
    (type) => fitsIn(type, least, most) === fitsIn(type, definition.min, definition.max),
  );
  const where = primary.oid === undefined ? BY_LEDGER : '';
  const bounds = isWider ? ` MINVALUE ${String(least)} MAXVALUE ${String(most)}` : '';
  return [
    sequenceFinding(
      'DEFINITION_DIFFERS',
      sequence,
      `${sequence} increments by ${increment} on the primary${where} and by ${onStandby} on the standby, it was not set`,
      asOwner(
        'standby',
        `ALTER SEQUENCE ${sequence}${isSameType ? '' : ' AS bigint'} INCREMENT BY ${increment}${bounds};`,
      ),
    ),
  ];
}
