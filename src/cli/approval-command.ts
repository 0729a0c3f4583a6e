import { shellQuoted } from '../contract/shell.js';
import { optionsFor } from '../terminal/options-for.js';
import type { ApproveOptions } from './actions/approve-options.js';

/** Such as `sequence-failover resynchronize failover-orders --by alice`. */
export const decisionCommand = (
  verb: string,
  workflowId: string,
  { by }: Pick<ApproveOptions, 'by'>,
): string => `sequence-failover ${verb} ${shellQuoted(workflowId)} --by ${shellQuoted(by)}`;

/** The command of an approval, with all of its options. */
export function approvalCommand(workflowId: string, given: ApproveOptions): string {
  const { reason, signal, yes, wait, timeout, pair, partial, accept, ignoreRows, raisePastRows } = given;
  return [
    decisionCommand('approve', workflowId, given),
    reason === undefined ? '' : optionsFor('reason', [reason]),
    ...[signal ? ' --signal' : '', yes ? ' --yes' : '', wait ? '' : ' --no-wait'],
    timeout === undefined ? '' : optionsFor('timeout', [timeout]),
    ...[optionsFor('pair', pair), partial ? ' --partial' : ''],
    ...[optionsFor('accept', accept), optionsFor('ignore-rows', ignoreRows)],
    optionsFor('raise-past-rows', raisePastRows),
  ].join('');
}
