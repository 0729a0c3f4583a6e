import type { PromotionChange } from '../../contract/promotion.js';
import type { OperatorWorkflow } from '../../contract/promotion-input.js';
import { shellQuoted } from '../../contract/shell.js';
import type { SideOfPair } from '../../contract/side.js';
import { inQuotes, pasteable, quoteLiteral } from '../../sequences/identifier.js';
import { closeStatements, liftStatements, writableStatement } from '../../steps/fence-statements.js';
import { WRITABLE } from './writable-session.js';
import type {
  FenceMemory,
  ForwardSubscription,
  OpeningMemory,
  WayBackNames,
} from '../../steps/promotion-steps.js';

/** A change that a step is about to make, and the statements by which a person undoes it. They do no harm if it was not made. */
export type Undoable = Omit<PromotionChange, 'step' | 'failure'>;

function undoable(where: SideOfPair, what: string, statements: readonly string[]): Undoable {
  return { where, what, undo: [WRITABLE, ...statements.map((one) => `${pasteable(one)};`)] };
}

export function wayBackChanges({ publication, subscription, slot }: WayBackNames): Undoable[] {
  const name = inQuotes(subscription);
  return [
    undoable('primary', 'the subscription of the way back', [
      `DO $$ BEGIN IF EXISTS (SELECT FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database() AND subname = ${quoteLiteral(subscription)}) THEN ALTER SUBSCRIPTION ${name} DISABLE; ALTER SUBSCRIPTION ${name} SET (slot_name = NONE); DROP SUBSCRIPTION ${name}; END IF; END $$`,
    ]),
    undoable('standby', 'the slot and the publication of the way back', [
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)} AND database = current_database()`,
      `DROP PUBLICATION IF EXISTS ${inQuotes(publication)}`,
    ]),
  ];
}

export function fenceChange(database: string, memory: FenceMemory): Undoable {
  const { since } = memory;
  return undoable('primary', 'the fence', [
    ...liftStatements(database, memory),
    // A session keeps the read-only default that it began with, also one of a connection pool.
    ...(since === undefined ? [] : [endSessionsStatement(since)]),
  ]);
}

/** The undo is the operator's own workflow. */
export function operatorsFenceChange(
  { workflowType, taskQueue }: OperatorWorkflow,
  workflowId: string,
  argument: object,
): Undoable {
  return {
    where: 'shell',
    what: `the fence of the workflow ${workflowType}`,
    undo: [
      `temporal workflow start --type ${shellQuoted(workflowType)} --task-queue ${shellQuoted(taskQueue)} --workflow-id ${shellQuoted(workflowId)} --input ${shellQuoted(JSON.stringify(argument))}`,
    ],
  };
}

/**
 * What is left of an opening: the server's configuration may still make sessions read-only, and so may the time before it.
 *
 * @param since since when new sessions were read-only
 */
export function finishOpening(database: string, since: string | undefined): string {
  const statements = [
    writableStatement(database),
    ...(since === undefined ? [] : [endSessionsStatement(since)]),
  ];
  return `on the new primary, if applications still find it read-only: ${WRITABLE} ${statements.map((one) => `${pasteable(one)};`).join(' ')}`;
}

const endSessionsStatement = (since: string) =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND backend_start >= ${quoteLiteral(since)}`;

export function readOnlyStandbyChange(database: string, memory: OpeningMemory): Undoable {
  return undoable('standby', 'the setting that keeps it read-only', closeStatements(database, memory));
}

/** If the opening was committed, applications may have written there before the promotion was terminated. */
const OPENING =
  'its settings and subscriptions (undo nothing if applications have written there: then it is the new primary)';

export function openingChange(
  database: string,
  subscriptions: readonly ForwardSubscription[],
  memory: OpeningMemory,
): Undoable {
  return undoable('standby', OPENING, [
    ...subscriptions.map(({ name }) => `ALTER SUBSCRIPTION ${inQuotes(name)} ENABLE`),
    ...closeStatements(database, memory),
  ]);
}
