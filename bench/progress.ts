/** Writes one line to stderr, after the seconds since the bench was started. stdout stays free for the results. */
export function tell(line: string): void {
  const seconds = String(Math.round(performance.now() / 1000));
  process.stderr.write(`${seconds.padStart(5)} s  ${line}\n`);
}
