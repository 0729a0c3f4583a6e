/** How runs, fleets and messages to them fail, by the type of the failure. docs/reference/failures.md says what each means. */

export const FAILURE_TYPES = [
  'InvalidInput',
  'NotReady',
  'NotAhead',
  'Rejected',
  'Vetoed',
  'ApprovalTimedOut',
  'HandoffFailed',
  'Internal',
] as const;

/** The type of the failure that a run ends with. */
export type FailureType = (typeof FAILURE_TYPES)[number];

/** The type of the failure that a fleet ends with; it can also be `InvalidInput`, `NotReady`, `HandoffFailed` or `Internal`. */
export type FleetFailureType = 'FleetIncomplete';

/** How the update `decide` fails: malformed, or without effect. */
export type DecideFailureType = 'InvalidInput' | 'Refused';
