import type { Command } from 'commander';
import { action, collect, commonOptions, waitOption } from '../action.js';
import { help } from '../help.js';

export function addPromote(program: Command): void {
  const command = program
    .command('promote')
    .description(
      'Make the standby the primary now: fence the old primary, verify, open the standby, reverse the replication',
    )
    .option(
      '-p, --pair <name>',
      'which pair of the worker (default: "default"); several are fenced and switched together',
      collect,
    )
    .option(
      '--after <workflow-id>',
      'of a completed failover: promote its pair, with what it selected, and what its approvals accepted and decided',
    )
    .option('--rehearse', 'do everything but fence, switch and traffic, and predict the outage')
    .option(
      '-w, --workflow-id <id>',
      'the workflow ID of the promotion (default: promote-<pair>, or rehearse-<pair>); required for several pairs',
    )
    .option('--ticket <text>', 'a ticket, for the record')
    .option('--requested-by <name>', 'who asks for it, for the record')
    .option(
      '-i, --input <json>',
      'the input as JSON (docs/reference/promotion.md); the options above take precedence',
    )
    .option('-y, --yes', 'do not ask');
  help(commonOptions(command.addOption(waitOption())), {
    about: [
      'With more than one --pair, or "pairs" in --input, it starts promoteFleet: all pairs are switched, or none. It asks you to type the name of the pair, except for a rehearsal; no other approval is needed. For a promotion that others approve, start a failover that hands off to promoteStandby. If it fails before the standby is open, its steps are undone, and the primary takes writes again.',
    ],
    endsWith: [
      '0  promoted: the standby is open; or the rehearsal is done',
      '1  failed, or a step after the opening failed; what was undone, and what is left to do, is shown',
      '2  the pair was not ready, or a sequence not ahead; undone',
      '3  rejected or vetoed; undone',
      '4  wrong usage: an invalid option or input, or no terminal to ask on and no --yes',
      '124  the time of --timeout is over; the workflow goes on',
    ],
    examples: [
      'sequence-failover promote --rehearse',
      'sequence-failover promote --pair orders --pair users --workflow-id promote-eu',
      'sequence-failover promote --pair orders --ticket CHG-123 --requested-by alice --yes',
      'sequence-failover promote --after failover-orders',
      `sequence-failover promote --input '{"outageBudget": "20 seconds", "fence": {"kind": "no-connections"}}'`,
    ],
  });
  command.action(action(async () => (await import('../actions/promote.js')).promote));
}
