import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { outcomesText } from '../../src/contract/counts.js';
import { markdownCode } from '../../src/contract/markdown.js';
import { plural } from '../../src/contract/plural.js';
import { shellQuoted } from '../../src/contract/shell.js';
import type { FleetStatus, MemberPhase } from '../../src/contract/fleet-status.js';
import { endingText, findingsList, listLines, namedValues } from '../details-text.js';
import type { Fleet } from './fleet.js';

/** Markdown that the Temporal UI shows for the fleet. The history does not keep it. */
export function describeFleet(fleet: Fleet): void {
  setCurrentDetails(toMarkdown(fleet.status(), workflowInfo().workflowId));
}

const PHASES: readonly MemberPhase[] = ['queued', 'preparing', 'waiting', 'deciding', 'done'];

export function toMarkdown(status: FleetStatus, workflowId: string): string {
  const { phase, mode, ticket, requestedBy, counts, sequences, gate, failures, failuresCount } = status;
  const { minimumHeadroom, findings, ending } = status;
  const phases = PHASES.flatMap((one) => (counts[one] === 0 ? [] : [`${counts[one]} ${one}`]));
  return [
    namedValues([
      ['Mode', mode],
      ['Ticket', ticket],
      ['Asked for by', requestedBy],
    ]),
    nextCommand(status, workflowId),
    `**${phase}**, ${plural(counts.total, 'pair')}${phases.length === 0 ? '' : `: ${phases.join(', ')}`}`,
    sequences.total === 0 ? '' : `${plural(sequences.total, 'sequence')}: ${outcomesText(sequences, mode)}`,
    minimumHeadroom === null
      ? ''
      : `Least headroom: ${minimumHeadroom.calls} calls on ${markdownCode(`${minimumHeadroom.pair}: ${minimumHeadroom.sequence}`)}`,
    gate === null ? '' : `Gate: **${gate.state}**`,
    listLines(
      (gate?.attention ?? []).map(({ pair, blockedBy, refused }) => {
        const blocks = blockedBy.map(
          ({ code, sequence }) => `${code}${sequence === null ? '' : ` ${sequence}`}`,
        );
        return `${markdownCode(pair)}: ${markdownCode(blocks.length > 0 ? blocks.join(', ') : (refused?.reason ?? ''))}`;
      }),
      gate?.attentionCount ?? 0,
    ),
    listLines(
      failures.map(
        ({ pair, failure, message }) => `${markdownCode(pair)}: ${markdownCode(`${failure}: ${message}`)}`,
      ),
      failuresCount,
    ),
    endingText(ending),
    findingsList(findings),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

/** What a person does next at the gate of the fleet; empty while there is nothing to do. */
function nextCommand({ phase, gate }: FleetStatus, workflowId: string): string {
  if (phase !== 'awaiting-approval') return '';
  const command = (verb: string) =>
    markdownCode(`sequence-failover ${verb} ${shellQuoted(workflowId)} --by "$USER"`);
  if (gate?.state === 'open') return `Next: ${command('approve')}`;
  return gate?.state === 'blocked' ? `Next: fix what blocks, then ${command('resynchronize')}` : '';
}
