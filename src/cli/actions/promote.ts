import type { Client } from '@temporalio/client';
import { Promotion } from '../../client/promotion.js';
import { PromotionFleetRun } from '../../client/promotion-fleet.js';
import { WORKFLOW_TYPES } from '../../contract/names.js';
import { shellQuoted } from '../../contract/shell.js';
import { parsePromotionFleetInput } from '../../contract/promotion-fleet-input.js';
import { parsePromotionInput } from '../../contract/promotion-input.js';
import { confirm } from '../confirm.js';
import { UsageError } from '../exit-codes.js';
import { follow, type Followed, showEndingOf } from '../follow/follow.js';
import { followedPromotion, followedPromotionFleet } from '../follow/followed.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import { optionsFor } from '../../terminal/next-step.js';
import { printable } from '../../terminal/printable.js';
import type { Output } from '../output.js';
import { pairOf, readJson } from '../run-input.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { unlessOpen } from '../unless-open.js';

interface PromoteOptions {
  pair?: string[];
  rehearse?: true;
  workflowId?: string;
  ticket?: string;
  requestedBy?: string;
  input?: string;
  yes?: true;
  showTemporal?: true;
}

export async function promote(output: Output, options: PromoteOptions): Promise<number> {
  const { pair: pairs = [], ...others } = options;
  const given = inputOf(others);
  return pairs.length > 1 || 'pairs' in given
    ? promoteFleet(output, options, pairs.length === 0 ? given : { ...given, pairs })
    : promoteOne(output, options, pairs.length === 0 ? given : { ...given, pair: pairs[0] });
}

async function promoteOne(output: Output, options: PromoteOptions, input: Input): Promise<number> {
  assertValid(parsePromotionInput([input]));
  const pair = pairOf(input);
  const workflowId = options.workflowId ?? `${isRehearsal(input) ? 'rehearse' : 'promote'}-${pair}`;
  await beforeTheStart(output, options, {
    ...{ type: WORKFLOW_TYPES.promotion, workflowId, input },
    ...{ what: 'the name of the pair', expected: pair },
  });
  return startAndFollow(output, workflowId, async (client) =>
    followedPromotion(await Promotion.start(client, workflowId, input), realCommand(input)),
  );
}

async function promoteFleet(output: Output, options: PromoteOptions, input: Input): Promise<number> {
  assertValid(parsePromotionFleetInput([input]));
  const { workflowId } = options;
  if (workflowId === undefined)
    throw new UsageError(
      'Several pairs are one workflow: give it an ID with --workflow-id, such as promote-eu.',
    );
  await beforeTheStart(output, options, {
    ...{ type: WORKFLOW_TYPES.promotionFleet, workflowId, input },
    ...{ what: 'the workflow ID', expected: workflowId },
  });
  return startAndFollow(output, workflowId, async (client) =>
    followedPromotionFleet(await PromotionFleetRun.start(client, workflowId, input), realCommand(input)),
  );
}

type Input = Record<string, unknown>;

const isRehearsal = (input: Input) => input['rehearse'] === true;

/** The command of the promotion that was rehearsed with this input. */
function realCommand(rehearsed: Input): string {
  const { pair, pairs, ...others } = rehearsed;
  delete others['rehearse'];
  const areNames = Array.isArray(pairs) && pairs.every((name) => typeof name === 'string');
  const names = areNames ? pairs : typeof pair === 'string' ? [pair] : [];
  const input = pairs === undefined || areNames ? others : { pairs, ...others };
  return [
    'sequence-failover promote',
    optionsFor('pair', names),
    pairs === undefined ? '' : ' --workflow-id <ID>',
    Object.keys(input).length === 0 ? '' : ` --input ${shellQuoted(JSON.stringify(input))}`,
  ].join('');
}

/** Prints the equivalent `temporal` commands, and asks for a confirmation. */
async function beforeTheStart(
  output: Output,
  { showTemporal, yes }: PromoteOptions,
  {
    type,
    workflowId,
    input,
    what,
    expected,
  }: { type: string; workflowId: string; input: Input; what: string; expected: string },
): Promise<void> {
  if (showTemporal) {
    output.note(temporalCommand.startPromotion(type, workflowId, input));
    output.note(temporalCommand.query(workflowId, 'status'));
    output.note(temporalCommand.result(workflowId));
  }
  if (!isRehearsal(input) && !yes) await confirm({ what, expected, verb: 'promote' });
}

async function startAndFollow<S>(
  output: Output,
  workflowId: string,
  start: (client: Client) => Promise<Followed<S>>,
): Promise<number> {
  return withClient(async (client, place) => {
    await noteMissingWorker(client, output);
    const followed = await unlessOpen('promotion', workflowId, start(client));
    output.note(
      `Started the workflow ${printable(workflowId)}. Until the standby is open it can be called off: ` +
        `sequence-failover reject ${shellQuoted(workflowId)} --by <your name> --reason <why>`,
    );
    await follow(output, followed, { client, place, live: true });
    return showEndingOf(output, followed, { client, place });
  });
}

function inputOf({ rehearse, ticket, requestedBy, input }: Omit<PromoteOptions, 'pair'>): Input {
  return {
    ...readJson(input),
    ...(rehearse && { rehearse }),
    ...(ticket !== undefined && { ticket }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
}

/** @throws UsageError for an input that the workflow would refuse */
function assertValid(parsed: { ok: true } | { ok: false; message: string }): void {
  if (!parsed.ok) throw new UsageError(parsed.message);
}
