import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Adds the pair to everything that an activity logs. The pair is `pair` or `identity.pair` of the activity's input. */
export const pairInActivityLogs: ActivityInterceptorsFactory = () => {
  let pair: string | null = null;
  return {
    inbound: {
      execute: (input, next) => {
        pair = pairOf(input.args[0]);
        return next(input);
      },
    },
    outbound: {
      getLogAttributes: (attributes, next) => next(pair === null ? attributes : { ...attributes, pair }),
    },
  };
};

function pairOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null;
  if ('pair' in input && typeof input.pair === 'string') return input.pair;
  return 'identity' in input ? pairOf(input.identity) : null;
}
