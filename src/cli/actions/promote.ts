import type { Client } from '@temporalio/client';
import { Promotion } from '../../client/promotion.js';
import { PromotionFleetRun } from '../../client/promotion-fleet.js';
import { WORKFLOW_TYPES } from '../../contract/names.js';
import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import { shellQuoted } from '../../contract/shell.js';
import { parsePromotionFleetInput, type PromotionFleetInput } from '../../contract/promotion-fleet-input.js';
import { parsePromotionInput } from '../../contract/promotion-input.js';
import { assertTerminal, confirm } from '../confirm.js';
import { UsageError } from '../exit-codes.js';
import { type Followed, followToEnd } from '../follow/follow.js';
import { inputAfterRun } from '../input-after-run.js';
import { followedPromotion, followedPromotionFleet } from '../follow/followed.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import { labelled } from '../../terminal/labelled.js';
import { promotionPreview, type PreviewedInput } from '../../terminal/promotion-preview.js';
import { promotionIdOf } from '../../terminal/promote-command.js';
import { printable } from '../../contract/printable.js';
import type { Output } from '../output.js';
import { readServers } from '../read-servers.js';
import { pairOf, readJson } from '../run-input.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { unlessOpen } from '../unless-open.js';

interface PromoteOptions {
  pair?: string[];
  after?: string;
  rehearse?: true;
  workflowId?: string;
  ticket?: string;
  requestedBy?: string;
  input?: string;
  yes?: true;
  timeout?: string;
  showTemporal?: true;
}

export async function promote(output: Output, options: PromoteOptions): Promise<number> {
  const { pair: pairs = [], after, ...others } = options;
  if (after !== undefined) {
    if (pairs.length > 0) throw new UsageError('--after takes the pair from the run: leave --pair out.');
    return promoteOne(output, options, { ...(await inputAfterRun(after, inputOf(others))) });
  }
  const given = inputOf(others);
  return pairs.length > 1 || 'pairs' in given
    ? promoteFleet(output, options, pairs.length === 0 ? given : { ...given, pairs })
    : promoteOne(output, options, pairs.length === 0 ? given : { ...given, pair: pairs[0] });
}

async function promoteOne(output: Output, options: PromoteOptions, input: Input): Promise<number> {
  const parsed = assertValid(parsePromotionInput([input]));
  const pair = pairOf(input);
  const workflowId = options.workflowId ?? promotionIdOf(input);
  const limit = new TimeLimit(options.timeout);
  showTemporal(output, options, { type: WORKFLOW_TYPES.promotion, workflowId, input });
  return startAndFollow(output, workflowId, {
    limit,
    confirmation: asks(input, options) && {
      ...{ what: 'the name of the pair', expected: pair },
      ...{ title: `The promotion of the pair ${pair}`, pairs: [pair], input: parsed },
    },
    start: async (client) => followedPromotion(await Promotion.start(client, workflowId, input)),
  });
}

async function promoteFleet(output: Output, options: PromoteOptions, input: Input): Promise<number> {
  const parsed = assertValid(parsePromotionFleetInput([input]));
  const { workflowId } = options;
  if (workflowId === undefined)
    throw new UsageError(
      'Several pairs are one workflow: give it an ID with --workflow-id, such as promote-eu.',
    );
  const limit = new TimeLimit(options.timeout);
  showTemporal(output, options, { type: WORKFLOW_TYPES.promotionFleet, workflowId, input });
  return startAndFollow(output, workflowId, {
    limit,
    confirmation: asks(input, options) && {
      ...{ what: 'the workflow ID', expected: workflowId },
      ...fleetPreview(workflowId, parsed),
    },
    start: async (client) => followedPromotionFleet(await PromotionFleetRun.start(client, workflowId, input)),
  });
}

type Input = Record<string, unknown>;

const isRehearsal = (input: Input) => input['rehearse'] === true;

/** Prints the equivalent `temporal` commands. */
function showTemporal(
  output: Output,
  options: PromoteOptions,
  { type, workflowId, input }: { type: string; workflowId: string; input: Input },
): void {
  if (!options.showTemporal) return;
  output.command(temporalCommand.startPromotion(type, workflowId, input));
  output.command(temporalCommand.query(workflowId, 'status'));
  output.command(temporalCommand.result(workflowId));
}

/** What a person sees and types before the start. */
interface Previewed {
  what: string;
  expected: string;
  title: string;
  /** The pairs whose servers are shown. */
  pairs: readonly string[];
  input: PreviewedInput;
  /** What the servers and the input do not show. */
  more?: readonly string[];
}

/** @returns whether a person has to confirm the start @throws UsageError if there is no terminal to ask on */
function asks(input: Input, { yes }: PromoteOptions): boolean {
  if (isRehearsal(input) || yes) return false;
  assertTerminal('promote');
  return true;
}

/** The most pairs of a fleet whose servers are read before the start. */
const SHOWN_AT_MOST = 10;

function fleetPreview(
  workflowId: string,
  { entries, defaults, outageBudget, traffic, beforeSwitch }: PromotionFleetInput,
): Pick<Previewed, 'title' | 'pairs' | 'input' | 'more'> {
  const names = entries.map(({ pair, databases }) => (databases === null ? pair : `databases of ${pair}`));
  const parsed = parsePromotionInput([defaults]);
  const shared = parsed.ok ? parsed.input : null;
  const alone = entries.filter(({ databases }) => databases === null).map(({ pair }) => pair);
  const notShown = entries.length - Math.min(alone.length, SHOWN_AT_MOST);
  const own = entries.filter(({ input }) => Object.keys(input).length > 0).map(({ pair }) => pair);
  return {
    title: `The promotion of ${names.join(', ')} together (workflow ${workflowId})`,
    pairs: alone.slice(0, SHOWN_AT_MOST),
    input: {
      ...shared,
      outageBudget,
      traffic: traffic ?? shared?.traffic ?? null,
      beforeSwitch: beforeSwitch ?? shared?.beforeSwitch ?? null,
    },
    more: [
      ...labelled(
        'not shown',
        notShown > 0 ? `the servers of ${plural(notShown, 'more entry', 'more entries')}` : null,
      ),
      ...labelled('own input', own.length > 0 ? `${listFirst(own, SHOWN_AT_MOST)}: see --input` : null),
    ],
  };
}

async function showAndConfirm(output: Output, client: Client, previewed: Previewed): Promise<void> {
  const { what, expected, title, pairs, input, more = [] } = previewed;
  // The connection stays open until each run has ended or was stopped.
  const read = await Promise.allSettled(pairs.map((pair) => readServers(output, client, pair)));
  const servers = read.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  output.note(output.colors.bold(printable(title)));
  for (const line of [...promotionPreview(servers, input), ...more]) output.note(line);
  await confirm({ what, expected, verb: 'promote' });
}

interface Starting<S> {
  limit: TimeLimit;
  /** False if nobody is asked. */
  confirmation: Previewed | false;
  start: (client: Client) => Promise<Followed<S>>;
}

async function startAndFollow<S>(
  output: Output,
  workflowId: string,
  { limit, confirmation, start }: Starting<S>,
): Promise<number> {
  return withClient(async (client, place) => {
    await noteMissingWorker(client, output);
    if (confirmation !== false) await showAndConfirm(output, client, confirmation);
    const followed = await unlessOpen('promotion', workflowId, start(client));
    output.note(
      `Started the workflow ${printable(workflowId)}. Until the standby is open it can be called off: ` +
        `sequence-failover reject ${shellQuoted(workflowId)} --by "$USER" --reason 'called off'`,
    );
    limit.restart();
    return followToEnd(output, followed, { client, place, limit });
  });
}

function inputOf({ rehearse, ticket, requestedBy, input }: Omit<PromoteOptions, 'pair' | 'after'>): Input {
  return {
    ...readJson(input),
    ...(rehearse && { rehearse }),
    ...(ticket !== undefined && { ticket }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
}

/** @throws UsageError for an input that the workflow would refuse */
function assertValid<T>(parsed: { ok: true; input: T } | { ok: false; message: string }): T {
  if (!parsed.ok) throw new UsageError(parsed.message);
  return parsed.input;
}
