/**
 * Where a sequence stands, as in "5 calls ahead of the primary", or "1 call behind" without `of`.
 *
 * @param headroom in calls of nextval; negative if it is behind
 */
export function distanceText(headroom: bigint, of?: string): string {
  const calls = headroom < 0n ? -headroom : headroom;
  const from = of === undefined ? '' : headroom < 0n ? ` ${of}` : ` of ${of}`;
  return `${String(calls)} ${calls === 1n ? 'call' : 'calls'} ${headroom < 0n ? 'behind' : 'ahead'}${from}`;
}
