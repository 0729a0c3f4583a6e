import { plural } from '../contract/plural.js';
import type { Known, KnownFinding } from '../record/known/known.js';
import { timeText } from '../sequences/time-text.js';

/** What the sender of a message could see: how far the sequences were, how fresh that was, and what stood in the way. */
export function knownText({ counts, minimumHeadroom, proofAgeSeconds, findings }: Known): string {
  const parts = [
    counts === null
      ? null
      : `${plural(counts.total, 'sequence')}: ${counts.applied} set, ${counts.kept} ahead already, ${counts.skipped} skipped, ${counts.failed} failed`,
    minimumHeadroom &&
      `least headroom ${minimumHeadroom.calls} calls, on ${minimumHeadroom.sequence}${minimumHeadroom.pair === undefined ? '' : ` of the pair ${minimumHeadroom.pair}`}`,
    proofAgeSeconds === null
      ? 'nothing was verified yet'
      : `verified ${timeText(BigInt(proofAgeSeconds))} before`,
    findings.length === 0 ? 'no findings' : findings.map(findingText).join(', '),
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function findingText({ severity, code, sequence, count }: KnownFinding): string {
  const what = sequence ?? (count > 1 ? `${count}` : '');
  return `${severity} ${code}${what === '' ? '' : ` (${what})`}`;
}
