import { describeServer } from '../src/contract/describe-server.js';
import { markdownCode } from '../src/contract/markdown.js';
import type { Ending, Finding, Server } from '../src/contract/status.js';

/** What the details of a workflow say first. */
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
  return namedValues(lines);
}

/** A line for each value. Without a value, there is no line. */
export function namedValues(lines: readonly (readonly [title: string, text: string | null])[]): string {
  return lines
    .flatMap(([title, text]) => (text === null ? [] : [`- ${title}: ${markdownCode(text)}`]))
    .join('\n');
}

/** How a workflow ended; empty before. */
export function endingText(ending: Ending | null): string {
  return ending === null ? '' : `Ended **${ending.state}** (${ending.at}): ${markdownCode(ending.message)}`;
}

const LISTED = 20;

/** A list of the first lines of Markdown; empty without any. @param total how many there are, also those that are not in `lines` */
export function listLines(lines: readonly string[], total: number): string {
  const shown = lines.slice(0, LISTED);
  const more = total - shown.length;
  return [
    ...shown.map((line) => `- ${line}`),
    ...(more > 0 ? ['', `… and ${more} more, see the query status`] : []),
  ].join('\n');
}

/** The first findings with their remedies; empty without any. */
export function findingsList(
  findings: readonly (Pick<Finding, 'severity' | 'message' | 'remedy'> & { code: string })[],
): string {
  const lines = findings
    .slice(0, LISTED)
    .map(
      ({ severity, code, message, remedy }) =>
        `**${severity} ${code}**: ${markdownCode(message)} → ${markdownCode(remedy)}`,
    );
  return listLines(lines, findings.length);
}
