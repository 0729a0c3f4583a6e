import { describeServer } from '../src/contract/describe-server.js';
import { markdownCode } from '../src/contract/markdown.js';
import type { Finding, Server } from '../src/contract/status.js';

const FINDINGS_SHOWN = 20;

/** What the details of a workflow say first. Without a value, there is no line. */
export function aboutPair(
  status: {
    pair: string | null;
    ticket: string | null;
    requestedBy: string | null;
    primary: Server | null;
    standby: Server | null;
  },
  after: readonly (readonly [title: string, text: string | null])[],
): string {
  const { pair, ticket, requestedBy, primary, standby } = status;
  const lines: (readonly [string, string | null])[] = [
    ['Pair', pair],
    ...after,
    ['Ticket', ticket],
    ['Asked for by', requestedBy],
    ['Primary', primary && describeServer(primary)],
    ['Standby', standby && describeServer(standby)],
  ];
  return lines
    .flatMap(([title, text]) => (text === null ? [] : [`- ${title}: ${markdownCode(text)}`]))
    .join('\n');
}

/** The first findings with their remedies; empty without any. */
export function findingsList(
  findings: readonly (Pick<Finding, 'severity' | 'message' | 'remedy'> & { code: string })[],
): string {
  const shown = findings.slice(0, FINDINGS_SHOWN);
  const lines = shown.map(
    ({ severity, code, message, remedy }) =>
      `- **${severity} ${code}**: ${markdownCode(message)} → ${markdownCode(remedy)}`,
  );
  const more = findings.length - shown.length;
  return [...lines, ...(more > 0 ? ['', `… and ${more} more, see the query status`] : [])].join('\n');
}
