import type { Status } from '../contract/status.js';
import { secondsBetween, timeText } from '../sequences/time-text.js';
import { labelled } from './labelled.js';

/**
 * The least headroom, and the headroom that ends first at the measured rate. These may be two sequences: one with few calls left that
 * nobody uses, and a busy one.
 *
 * @param now milliseconds since the epoch; the consumption since the last reading of the primary is subtracted
 */
export function headroomLines(status: Status, now: number): string[] {
  const { minimumHeadroom: least, consumption } = status;
  if (least === null) return [];
  const { failed } = status.counts;
  // A sequence that could not be set may be behind, and a round does not count it.
  const others =
    failed > 0 && !least.calls.startsWith('-') ? `; without the ${failed} that could not be set` : '';
  const leastText = `least: ${least.calls} calls, on ${least.sequence}${others}`;
  if (consumption === undefined) return labelled('headroom', leastText);
  const { sequence, headroom, callsPerSecond } = consumption;
  const lasts = `${lastsText(status, now)}, at ${callsPerSecond} calls a second`;
  return [
    ...labelled('headroom', leastText),
    ...(sequence === least.sequence ? [] : labelled('', `used up first: ${headroom} calls, on ${sequence}`)),
    ...labelled('', lasts),
  ];
}

function lastsText({ consumption, primaryReadAt, phase }: Status, now: number): string {
  if (consumption === undefined) return '';
  // A run that has ended is not read again, so its last value is shown.
  const passed =
    primaryReadAt === null || phase === 'done' ? 0n : secondsBetween(Date.parse(primaryReadAt), now);
  const left = BigInt(consumption.lastsSeconds) - passed;
  return left > 0n ? `lasts ${timeText(left)}` : 'used up by now';
}
