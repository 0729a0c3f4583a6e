import { reversedName } from '../../contract/pair-name.js';
import { shellQuoted } from '../../contract/shell.js';
import type { PromotionStep } from '../../contract/promotion.js';
import { inQuotes, pasteable, quoteLiteral } from '../../sequences/identifier.js';
import { connectStatements } from '../../steps/fence-statements.js';
import type { FenceMemory, ForwardSubscription, WayBackNames } from '../../steps/promotion-steps.js';
import { WRITABLE } from '../remedies/writable-session.js';
import { syncCommand } from './after-switch-findings.js';

/** A promotion whose standby is open, and which has steps left. */
export interface Switched {
  pair: string;
  steps: readonly PromotionStep[];
  failback: boolean;
  names: WayBackNames;
  /** The subscriptions of the old direction, which are disabled. */
  subscriptions: readonly ForwardSubscription[];
  /** The old primary's database, and who could connect to it before the fence; null if the fence has not changed that. */
  database: string;
  connect: FenceMemory['connect'];
}

/** What a person has to do for the rest of a promotion that was terminated after the standby was opened, in this order. */
export function leftToFinish({
  pair,
  steps,
  failback,
  names,
  subscriptions,
  database,
  connect,
}: Switched): string[] {
  const grants = connectStatements(database, connect).map((one) => `${pasteable(one)};`);
  const isLeft = (name: PromotionStep['step']) =>
    steps.some(({ step, state }) => step === name && state !== 'done' && state !== 'skipped');
  return [
    ...(isLeft('traffic') ? ['move the clients to the new primary; it takes writes'] : []),
    ...(failback && isLeft('enableWayBack') ? enable(pair, names) : []),
    ...(isLeft('enableWayBack') || !failback ? subscriptions.flatMap(dropOldDirection) : []),
    // With a ledger, a promotion in the other direction reads there whom to let in again.
    ...(grants.length === 0
      ? []
      : [
          `only if the worker keeps no ledger, before the old primary takes over again, there: ${WRITABLE} ${grants.join(' ')}`,
        ]),
  ];
}

function enable(pair: string, { subscription, slot, publication }: WayBackNames): string[] {
  return [
    `on the old primary: ${WRITABLE} ALTER SUBSCRIPTION ${inQuotes(subscription)} ENABLE;`,
    `if the slot ${inQuotes(slot)} is lost or missing on the new primary, this shows how to create that subscription anew: sequence-failover check --pair ${shellQuoted(reversedName(pair))}`,
    `if the old primary is gone for good, instead, on the new primary: SELECT pg_drop_replication_slot(${quoteLiteral(slot)}); DROP PUBLICATION ${inQuotes(publication)};`,
    `so that the old primary can take over again: ${syncCommand(reversedName(pair))}`,
  ];
}

/** The slot of a disabled subscription keeps WAL until the disk is full. */
export function dropOldDirection({ name, slot }: ForwardSubscription): string[] {
  const identifier = inQuotes(name);
  return [
    pasteable(
      `on the new primary: ALTER SUBSCRIPTION ${identifier} SET (slot_name = NONE); DROP SUBSCRIPTION ${identifier};`,
    ),
    `on the old primary: SELECT pg_drop_replication_slot(${quoteLiteral(slot)});`,
  ];
}
