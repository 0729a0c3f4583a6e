import { isMeasured } from '../src/contract/buffer-policy.js';
import type { SideOfPair } from '../src/contract/side.js';
import { bufferCalls } from '../src/sequences/buffer.js';
import { pageRanges } from '../src/postgres/sequences/page-ranges.js';
import type { RawName } from '../src/steps/identity.js';
import type { ReadinessInput, ReadinessReport } from '../src/steps/readiness.js';
import { pairOfRound } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { pageLimitsIn } from './page-limits.js';
import { withUnreachableLimit } from './unreachable-limit.js';

/** The buffer of a run: that of its input, or else that of the worker. */
type Buffer = ReadinessReport['buffer'];

/**
 * A step that reads a pair before anything is done. It is retried until a side has been unreachable for too long.
 *
 * @param side that it reads first
 */
export function readinessCheck(
  { pairs, defaultBuffer }: Dependencies,
  side: SideOfPair,
  read: (pair: Pair, input: ReadinessInput, buffer: Buffer) => Promise<ReadinessReport>,
): (input: ReadinessInput) => Promise<ReadinessReport> {
  return (input) =>
    withHeartbeat(() =>
      withUnreachableLimit(async () =>
        read(pairOfRound(pairs, input, side), input, input.policy.buffer ?? defaultBuffer),
      ),
    );
}

/** The part of the report about what the run will work on. */
export function workOf(
  names: readonly RawName[],
  buffer: Buffer,
  mode: ReadinessInput['mode'],
): Pick<ReadinessReport, 'buffer' | 'calls' | 'total' | 'pages'> {
  return {
    buffer,
    calls: isMeasured(buffer) ? null : String(bufferCalls(buffer)),
    total: names.length,
    pages: pageRanges(names, pageLimitsIn(mode)),
  };
}
