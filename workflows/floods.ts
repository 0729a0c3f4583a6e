/** Takes a signal: its name and its arguments as they were sent. Never throws. */
type Take = (name: string, args: readonly unknown[]) => void;

/** The SDK keeps one instance of this module for each workflow. */
let take: Take | null = null;
const early: Parameters<Take>[] = [];

/**
 * What this workflow makes of a signal that comes as one of very many, see `src/worker/workflow-interceptors.ts`. To be called
 * before any handler is set, so that signals are taken in the order in which they came.
 */
export function takeFloods(work: Take): void {
  take = work;
  for (const signal of early.splice(0)) work(...signal);
}

/** Called for each of very many signals, in order; those that come before the workflow has begun wait for it. */
export function onFlood(...signal: Parameters<Take>): void {
  if (take === null) early.push(signal);
  else take(...signal);
}
