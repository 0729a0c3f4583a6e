/** The output of a command without what differs each time: lines of progress, which begin with their time, times, durations, IDs, ports, positions in the WAL and widths of columns. */
export function sameEveryTime(text: string): string {
  return text
    .replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*\n/gmu, '')
    .replaceAll(/^(?:Temporal at .* has not answered yet; still trying|Still waiting for .*)\n/gmu, '')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d)?/gu, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d+Z/gu, '<time>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, '<id>')
    .replaceAll(/\b[0-9a-f]{64}\b/gu, '<hash>')
    .replaceAll(/\b\d{19}\b/gu, '<system>')
    .replaceAll(/\b[0-9A-F]{1,8}\/[0-9A-F]{5,8}\b/gu, '<lsn>')
    .replaceAll(/\d+ (?:hours?|minutes?|seconds?)(?: \d+ (?:minutes?|seconds?))?|just now/gu, '<duration>')
    .replaceAll(/<duration> ago/gu, '<duration>')
    .replaceAll(/last poll \d+ s ago/gu, 'last poll <number> s ago')
    .replaceAll(/\d+(?:\.\d+)? (ms|bytes)\b/gu, '<number> $1')
    .replaceAll(/(localhost|127\.0\.0\.1):\d+/gu, '$1:<port>')
    .replaceAll(/\d+@\S+/gu, '<worker>')
    .replaceAll(/[ ─-]{2,}/gu, ' ')
    .replaceAll(/[ \t]+$/gmu, '')
    .trimEnd();
}
