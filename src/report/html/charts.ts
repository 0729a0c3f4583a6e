import { cut } from '../../contract/parsing/text.js';
import type { Observation, Report, ReportedRow } from '../report.js';
import { shortTime } from '../time.js';
import { printable } from '../../contract/printable.js';
import { html } from './escape.js';

const WIDTH = 760;
const BARS = 15;
/** The largest number of points on a curve: more could not be told apart on a screen. */
const POINTS = 400;
/** A larger share is shown as this one, in percent. */
const MOST_SHOWN = 10_000;
/** The end of the axis, in percent of the buffer. A sequence that is twice its buffer ahead has plenty. */
const MOST = 200;

/**
 * How far each sequence is ahead, in percent of its buffer, from the least to the most, with the names of the sequences that have the
 * least.
 */
export function headroomChart({ sequences }: Pick<Report, 'sequences'>): string {
  const shares = sequences.flatMap((row) => {
    const share = shareOf(row);
    return share === null ? [] : [{ row, share }];
  });
  if (shares.length === 0) return '<p>No sequence has a known headroom and a buffer.</p>';
  shares.sort((a, b) => a.share - b.share);
  return `${curve(shares.map(({ share }) => share))}\n${bars(shares.slice(0, BARS))}`;
}

/** Percent of the buffer, to a hundredth; null if a value is unknown, or the buffer is 0. */
function shareOf({ last, headroom, buffer }: ReportedRow): number | null {
  if (!last || headroom === null || buffer === null || BigInt(buffer) <= 0n) return null;
  const hundredths = (BigInt(headroom) * 10_000n) / BigInt(buffer);
  const most = BigInt(MOST_SHOWN) * 100n;
  return Number(hundredths > most ? most : hundredths < -most ? -most : hundredths) / 100;
}

const clipped = (share: number) => Math.max(0, Math.min(MOST, share));
const whole = (share: number) => Math.floor(share);
const fixed = (value: number) => value.toFixed(1);

function curve(shares: readonly number[]): string {
  const [left, top, height] = [60, 12, 150];
  const width = WIDTH - left - 10;
  const y = (share: number) => top + height - (clipped(share) / MOST) * height;
  const count = Math.min(POINTS, shares.length);
  const points = Array.from({ length: count }, (_, at) => {
    const index = count === 1 ? 0 : Math.round((at * (shares.length - 1)) / (count - 1));
    const x = left + (count === 1 ? width / 2 : (at * width) / (count - 1));
    return [x, y(shares[index] ?? 0)] as const;
  });
  const least = shares[0] ?? 0;
  const below = shares.filter((share) => share < 50).length;
  const label = `Headroom of ${shares.length} sequences in percent of their buffer, from the least to the most. The least is ${whole(least)} percent; ${below} are below 50 percent.`;
  const mark = (share: number, text: string, kind: string) =>
    `<line class="${kind}" x1="${left}" x2="${left + width}" y1="${fixed(y(share))}" y2="${fixed(y(share))}"/>` +
    `<text x="${left - 6}" y="${fixed(y(share) + 4)}" text-anchor="end">${text}</text>`;
  const [firstPoint] = points;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${top + height + 26}" role="img" aria-label="${html(label)}">
${[mark(0, '0 %', 'axis'), mark(50, '50 %', 'limit'), mark(100, '100 %', 'axis'), mark(MOST, '≥200 %', 'axis')].join('\n')}
<polyline class="curve" points="${points.map(([x, at]) => `${fixed(x)},${fixed(at)}`).join(' ')}"/>
${count === 1 && firstPoint !== undefined ? `<circle class="dot" cx="${fixed(firstPoint[0])}" cy="${fixed(firstPoint[1])}" r="3"/>` : ''}
<text x="${left}" y="${top + height + 20}">least headroom</text>
<text x="${left + width}" y="${top + height + 20}" text-anchor="end">most headroom</text>
</svg><figcaption>${html(label)} A sequence with less than 50 percent is topped up while the run waits.</figcaption></figure>`;
}

function bars(shares: readonly { row: ReportedRow; share: number }[]): string {
  const [left, step] = [330, 20];
  const width = WIDTH - left - 190;
  const lines = shares.map(({ row, share }, index) => {
    const y = index * step;
    const name = cut(printable(`${row.pair === null ? '' : `${row.pair}: `}${row.sequence}`), 46);
    const long = Math.max(1, (clipped(share) / MOST) * width);
    return (
      `<text class="name" x="${left - 8}" y="${y + 14}" text-anchor="end">${html(name)}</text>` +
      `<rect class="${share < 50 ? 'low' : 'bar'}" x="${left}" y="${y + 3}" width="${fixed(long)}" height="13"/>` +
      `<text x="${fixed(left + long + 6)}" y="${y + 14}">${share >= MOST_SHOWN ? '≥' : ''}${whole(share)} %, ${row.headroom ?? ''} calls</text>`
    );
  });
  const label = `The ${shares.length} sequences with the least headroom in percent of their buffer`;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${shares.length * step + 4}" role="img" aria-label="${html(label)}">
${lines.join('\n')}
</svg><figcaption>${html(label)}; the table below has all.</figcaption></figure>`;
}

/** The least headroom at each recheck. It falls as the primary consumes values, and rises with each top-up. */
export function waitingChart(waiting: readonly Observation[]): string {
  const known = waiting.flatMap(({ at, calls, behind }) =>
    calls === null ? [] : [{ at, ms: Date.parse(at), calls: Number(calls), text: calls, behind }],
  );
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || known.length < 2) return '';
  const [left, top, height] = [90, 12, 170];
  const width = WIDTH - left - 20;
  const most = Math.max(1, ...known.map(({ calls }) => calls));
  const least = Math.min(0, ...known.map(({ calls }) => calls));
  const span = Math.max(1, last.ms - first.ms);
  const x = (ms: number) => left + ((ms - first.ms) / span) * width;
  const y = (calls: number) => top + height - ((calls - least) / (most - least)) * height;
  const lowest = known.reduce((low, one) => (one.calls < low.calls ? one : low), first);
  // Two labels need some distance to be readable.
  const isApart = [0, most].every((calls) => Math.abs(y(lowest.calls) - y(calls)) >= 14);
  const step = Math.max(1, Math.ceil(known.length / POINTS));
  const drawn = known.filter((one, index) => index % step === 0 || one.behind > 0 || one === last);
  const label = `Least headroom of all sequences at ${known.length} rechecks, from ${shortTime(first.at)} to ${shortTime(last.at)}: first ${first.text}, least ${lowest.text}, last ${last.text} calls.`;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${top + height + 26}" role="img" aria-label="${html(label)}">
<line class="axis" x1="${left}" x2="${left + width}" y1="${fixed(y(0))}" y2="${fixed(y(0))}"/>
<text x="${left - 6}" y="${fixed(y(0) + 4)}" text-anchor="end">0</text>
<text x="${left - 6}" y="${fixed(y(most) + 4)}" text-anchor="end">${most}</text>
${isApart ? `<text x="${left - 6}" y="${fixed(y(lowest.calls) + 4)}" text-anchor="end">${lowest.text}</text>` : ''}
<polyline class="curve" points="${drawn.map(({ ms, calls }) => `${fixed(x(ms))},${fixed(y(calls))}`).join(' ')}"/>
${drawn
  .filter(({ behind }, index) => behind > 0 || drawn.length <= 60 || index === 0)
  .map(
    ({ ms, calls, behind }) =>
      `<circle class="${behind > 0 ? 'low' : 'dot'}" cx="${fixed(x(ms))}" cy="${fixed(y(calls))}" r="3"/>`,
  )
  .join('')}
<text x="${left}" y="${top + height + 20}">${html(shortTime(first.at))}</text>
<text x="${left + width}" y="${top + height + 20}" text-anchor="end">${html(shortTime(last.at))}</text>
</svg><figcaption>${html(label)} A red dot: sequences were topped up after this recheck.</figcaption></figure>`;
}
