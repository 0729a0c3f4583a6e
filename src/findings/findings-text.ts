type Told = { code: string; message: string; remedy: string };

const findingText = ({ code, message, remedy }: Told): string => `${code}: ${message}; ${remedy}`;

/** All findings with their remedies, one per line, for the message of a failure. */
export function findingsText(findings: readonly Told[]): string {
  return findings.map(findingText).join('\n');
}

/** The message of a failure without the findings that {@link findingsText} has put into it. */
export function withoutFindings(message: string, findings: readonly Told[]): string {
  return findings.reduce((text, one) => text.replace(findingText(one), () => ''), message);
}
