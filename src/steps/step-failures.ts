/**
 * The type of a step's failure that no repetition cures, for want of a privilege, a role or the right server. It ends a run that is
 * beginning as `NotReady`; one that waits at its gate is blocked until a recheck finds it cured.
 */
export const UNWORKABLE = 'Unworkable';
