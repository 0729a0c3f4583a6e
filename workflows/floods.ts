/** Receives a signal: its name, and its arguments as they were sent. Never throws. */
type SignalHandler = (name: string, args: readonly unknown[]) => void;

/** The SDK keeps one instance of this module for each workflow. */
let take: SignalHandler | null = null;
const early: Parameters<SignalHandler>[] = [];

/**
 * The handler of this workflow for a signal that is one of very many, see `src/worker/workflow-interceptors.ts`. It has to be set before
 * any other handler, so that signals are handled in their order.
 */
export function handleFloods(work: SignalHandler): void {
  take = work;
  for (const signal of early.splice(0)) work(...signal);
}

/** Called for each of very many signals, in their order. Signals that come before the workflow has begun are kept until then. */
export function onFlood(...signal: Parameters<SignalHandler>): void {
  if (take === null) early.push(signal);
  else take(...signal);
}
