import { setCurrentDetails } from '@temporalio/workflow';
import { markdownCode } from '../../src/contract/markdown.js';
import { plural } from '../../src/contract/plural.js';
import type {
  PromotedPair,
  PromotedPairOutcome,
  PromotionFleetStatus,
} from '../../src/contract/promotion-fleet.js';
import { shellQuoted } from '../../src/contract/shell.js';
import { endingText, findingsList, listLines, namedValues } from '../details-text.js';

/** Markdown that the Temporal UI shows for the fleet of promotions. The history does not keep it. */
export function describePromotionFleet(status: PromotionFleetStatus): void {
  setCurrentDetails(toMarkdown(status));
}

const mark: Record<PromotedPairOutcome, string> = {
  ...{ pending: '▸', promoted: '☑', rehearsed: '☑', undone: '↶' },
  ...{ 'not-undone': '✗', unfinished: '✗', terminated: '✗' },
};

export function toMarkdown(status: PromotionFleetStatus): string {
  const { workflowId, rehearsal, phase, ticket, requestedBy, outageBudget, deadline } = status;
  const { decision, pairs, certificate, findings, ending } = status;
  const leftovers = pairs.flatMap((pair) => pair.leftovers);
  return [
    namedValues([
      ['Rehearsal', rehearsal ? 'sets no fence and opens nothing' : null],
      ['Ticket', ticket],
      ['Asked for by', requestedBy],
    ]),
    `**${phase}**, ${plural(pairs.length, 'pair')}`,
    phase !== 'outage' || deadline === null
      ? ''
      : `Every standby has to be open by **${deadline}** (${outageBudget ?? 'its budget'} after the first fence); otherwise everything is undone`,
    decision !== null || ending !== null
      ? ''
      : `To call it off: ${markdownCode(`sequence-failover reject ${shellQuoted(workflowId)} --by "$USER" --reason 'called off'`)}`,
    decision === null
      ? ''
      : `Decided: **${decision.order}** (${decision.at})${decision.reason === null ? '' : `: ${markdownCode(decision.reason)}`}`,
    certificate === null
      ? ''
      : `Outage: ${certificate.outageMs} ms from the first fence to the last open standby`,
    listLines(inOrder(pairs).map(pairText), pairs.length),
    endingText(ending),
    findingsList(findings),
    listLines(
      leftovers.map((one) => `Left to tidy up: ${markdownCode(one)}`),
      leftovers.length,
    ),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

/** Those that need a person come first, and those that only followed come last. */
function inOrder(pairs: readonly PromotedPair[]): PromotedPair[] {
  const rank = ({ failure }: PromotedPair) => (failure === null || failure === 'FleetStopped' ? 1 : 0);
  return [...pairs].sort((a, b) => rank(a) - rank(b));
}

function pairText({ pair, state, outcome, failure, message }: PromotedPair): string {
  const how = outcome === 'pending' ? state : outcome;
  const why =
    failure === null || failure === 'FleetStopped' ? '' : `, ${markdownCode(`${failure}: ${message ?? ''}`)}`;
  return `${mark[outcome]} ${markdownCode(pair)}: ${how}${why}`;
}
