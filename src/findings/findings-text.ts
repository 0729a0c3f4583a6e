/** All findings with their remedies, one per line, for the message of a failure. */
export function findingsText(findings: readonly { code: string; message: string; remedy: string }[]): string {
  return findings.map(({ code, message, remedy }) => `${code}: ${message}; ${remedy}`).join('\n');
}
