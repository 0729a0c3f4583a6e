import { isSamePerson } from '../contract/parsing/text.js';
import { NOT_IN_HISTORY } from '../record/record-digest.js';
import type { Unsummarized } from './report.js';

/** Where the history contradicts itself, so that somebody may have changed it. */
export function contradictionsOf({ proof, members }: Unsummarized): string[] {
  return [
    ...(proof.recordDigest?.problems ?? [])
      .filter((problem) => !isExplained(problem, proof))
      .map((problem) => `The record was changed after it was written, or is not complete: ${problem}.`),
    ...members.flatMap(({ workflowId, contradictions }) =>
      contradictions.map((contradiction) => `${workflowId}: ${contradiction}`),
    ),
  ];
}

/** Whether a history that is missing, for example since it was too old for the server, may have what the record names. */
const isExplained = (problem: string, { missing }: Unsummarized['proof']) =>
  missing.length > 0 && problem.endsWith(NOT_IN_HISTORY);

/** Warnings that a reader must not overlook. */
export function warningsOf({
  proof,
  decisions,
  state,
  kind,
  members,
  configuration,
  sequences,
}: Unsummarized): string[] {
  const unknown = decisions.filter(({ effect }) => effect === 'unknown').length;
  const others = decisions.flatMap(({ by, principal, isByAnother, at, decision }) =>
    isByAnother === true && by !== null && principal !== null
      ? [
          `The message ${decision} of ${at} says that it is by ${by}, but the server authenticated its sender as ${principal.name}.`,
        ]
      : [],
  );
  const { requestedBy } = configuration;
  return [
    ...proof.missing.map(
      ({ workflowId, runId }) =>
        `The history of ${workflowId}, run ${runId}, is missing: this report lacks what it says.`,
    ),
    ...(proof.recordDigest?.problems ?? [])
      .filter((problem) => isExplained(problem, proof))
      .map((problem) => `The record is not complete: ${problem}.`),
    ...digestWarnings(proof.recordDigest),
    ...members.flatMap(({ workflowId, warnings }) => warnings.map((warning) => `${workflowId}: ${warning}`)),
    ...(state === 'open' ? ['The workflow was still open when its history was read.'] : []),
    ...(state === 'terminated' || state === 'timed-out'
      ? [
          'The workflow did not end by itself: there is no final status, and the findings are those of its steps.',
        ]
      : []),
    ...others,
    ...(unknown === 0 || kind === 'fleet'
      ? []
      : [`The history does not say whether ${unknown} of the messages had an effect.`]),
    ...(requestedBy !== null && state === 'completed' && approvedOnlyBy(decisions, requestedBy)
      ? [`${requestedBy} asked for it and approved it alone.`]
      : []),
    ...(sequences.length === 0 && state === 'completed'
      ? ['No sequence was selected, or none is in this history.']
      : []),
  ];
}

function digestWarnings(digest: Unsummarized['proof']['recordDigest']): string[] {
  if (digest === null) return [];
  const { sha256, records, covered } = digest;
  return sha256 === null || covered === records
    ? []
    : [
        `The digest of the record covers ${covered} of ${records} records of rows: a worker of an earlier release wrote the others, or their step did not complete.`,
      ];
}

function approvedOnlyBy(decisions: Unsummarized['decisions'], requester: string): boolean {
  const approvers = decisions.filter(
    ({ decision, effect }) => decision === 'approve' && effect === 'accepted',
  );
  return approvers.length > 0 && approvers.every(({ by }) => by !== null && isSamePerson(by, requester));
}
