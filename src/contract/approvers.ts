import { listFirst } from './list-first.js';
import { PatternList } from '../sequences/pattern-list.js';
import { check } from './parsing/check.js';
import { cut, folded, isSamePerson } from './parsing/text.js';
import { approvalSchema, isPattern, type ApprovalPolicy } from './approval-input.js';
import type { ApproversView } from './gate.js';

/** The most names that a reason lists. */
const LISTED = 10;

/** Why somebody may not approve. */
export interface Bar {
  reason: string;
  /** Whether the input said so; false for the default rule. */
  isStated: boolean;
}

/**
 * The people who may approve a run. A name is the field `by` of a message, which nobody has authenticated. Names are compared without
 * regard to case, and a comparison takes microseconds.
 */
export class Approvers {
  readonly #patterns: PatternList | null;
  readonly #requester: string | null;

  constructor(
    private readonly policy: Pick<ApprovalPolicy, 'from' | 'required' | 'requesterMayApprove'>,
    requestedBy: string | null,
  ) {
    this.#patterns = policy.from === undefined ? null : new PatternList(policy.from.map(folded));
    const name = requestedBy?.trim() ?? '';
    const mayApprove = policy.requesterMayApprove ?? policy.required === 1;
    this.#requester = mayApprove || name === '' ? null : name;
  }

  /** @returns null if this person may approve */
  barOf(by: string): Bar | null {
    const who = JSON.stringify(cut(by, 200));
    if (this.#patterns !== null && this.#patterns.matching(folded(by)).length === 0) {
      const reason = `${who} may not approve: approval.from names ${listed(this.policy.from ?? [])}; one of them has to decide`;
      return { reason, isStated: true };
    }
    if (this.#requester !== null && isSamePerson(by, this.#requester)) {
      const reason = `${who} asked for this failover and may not approve it: another person has to decide, or the run has to be started with approval.requesterMayApprove`;
      return { reason, isStated: this.policy.requesterMayApprove === false };
    }
    return null;
  }

  /** For the status; null if anybody may approve. */
  view(): ApproversView | null {
    const from = this.policy.from ?? null;
    return from === null && this.#requester === null ? null : { from, except: this.#requester };
  }
}

const compiled = new WeakMap<object, Approvers>();

/** Compiled once for each input. */
export function approversOfRun(input: { approval: ApprovalPolicy; requestedBy: string | null }): Approvers {
  const known = compiled.get(input) ?? new Approvers(input.approval, input.requestedBy);
  compiled.set(input, known);
  return known;
}

/** The approvers of an input that was not parsed as a whole. @returns null for an input that no run accepts */
export function approversOf(written: { approval?: unknown; requestedBy?: unknown }): Approvers | null {
  const policy = check(approvalSchema, written.approval ?? {}, 'approval');
  const { requestedBy } = written;
  return policy.ok ? new Approvers(policy.value, typeof requestedBy === 'string' ? requestedBy : null) : null;
}

/** The approvers that a status shows. */
export function approversOfView({ from, except }: ApproversView): Approvers {
  return new Approvers({ from: from ?? undefined, required: 1, requesterMayApprove: false }, except);
}

/** Why a list of approvers is invalid as a whole, although each field is valid; null if it is valid. */
export function approversProblem(
  { from, required, requesterMayApprove }: ApprovalPolicy,
  requestedBy: string | undefined,
): { path: string[]; input: unknown; message: string } | null {
  const requester = requestedBy?.trim() ?? '';
  if (requesterMayApprove === false && requester === '') {
    return {
      path: ['approval', 'requesterMayApprove'],
      input: false,
      message: 'a requestedBy besides it, so that the requester is known',
    };
  }
  if (from === undefined || from.some(isPattern)) return null;
  const people = from.filter((name, at) => from.findIndex((other) => isSamePerson(other, name)) === at);
  const isBarred = !(requesterMayApprove ?? required === 1);
  const able = people.filter((name) => !(isBarred && isSamePerson(name, requester)));
  if (able.length >= required) return null;
  return {
    path: ['approval', 'from'],
    input: from,
    message: `at least ${required} people who may approve, as approval.required says; ${able.length} of these may${able.length < people.length ? ', without the requester' : ''}`,
  };
}

/** Such as `"alice", "bob"`, for a person. */
export function describeApprovers({ from, except }: ApproversView): string {
  const who = from === null ? 'anybody' : listed(from);
  return except === null ? who : `${who}; not ${JSON.stringify(cut(except, 100))}, who asked for it`;
}

function listed(names: readonly string[]): string {
  return listFirst(
    names.map((name) => JSON.stringify(cut(name, 100))),
    LISTED,
  );
}
