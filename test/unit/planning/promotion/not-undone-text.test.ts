import { expect, it } from 'vitest';
import type { PromotionChange } from '../../../../src/contract/promotion.js';
import { notUndoneText } from '../../../../src/planning/promotion/not-undone-text.js';
import {
  fenceChange,
  openingChange,
  operatorsFenceChange,
  wayBackChanges,
} from '../../../../src/planning/remedies/undo-statements.js';

const names = { publication: 'back', subscription: 'back', slot: 'back_5' };
const left = (change: Omit<PromotionChange, 'step' | 'failure'>, failure: string | null) => ({
  ...{ step: 'fence' as const, ...change },
  failure,
});
const told = (changes: PromotionChange[]) =>
  notUndoneText({
    ...{ workflowId: 'promote orders', changes, cause: 'Vetoed: agree vetoed the switch' },
    databases: { primary: 'orders', standby: 'copy' },
  });

it('names each change once, its side and the reason, and gives the statements by side', () => {
  const memory = { readOnly: { database: 'false', roles: [{ role: 'Bob', value: null }] }, connect: null };
  const changes = [
    left(fenceChange('orders', memory), 'primary: must be owner of database orders;'),
    ...wayBackChanges(names).map((one) => left(one, 'standby: permission denied')),
  ];
  const text = told(changes);
  expect(text).toContain(
    'not undone: the fence on the primary (primary: must be owner of database orders); the subscription of the way back on the primary, the slot and the publication of the way back on the standby (standby: permission denied). ',
  );
  expect(text).toContain(
    `on the primary, in its database orders: SET default_transaction_read_only TO off; SET transaction_read_only TO off; ALTER DATABASE "orders" SET default_transaction_read_only TO 'false'; ALTER ROLE "Bob" IN DATABASE "orders" RESET default_transaction_read_only; DO $$`,
  );
  expect(text).toContain(
    `Then, on the standby, in its database copy: SET default_transaction_read_only TO off; SET transaction_read_only TO off; SELECT pg_drop_replication_slot(slot_name)`,
  );
  expect(text).toMatch(/ The promotion had failed as Vetoed: agree vetoed the switch$/u);
});

it('warns of undoing the opening of a standby that applications have written to', () => {
  const opening = openingChange('orders', [{ name: 'orders', slot: 'orders' }], {
    ...{ readOnly: { database: null, roles: [] }, before: null },
  });
  expect(told([left(opening, null)])).toContain(
    'not undone: its settings and subscriptions (undo nothing if applications have written there: then it is the new primary) on the standby (it was not tried). Undo it by hand',
  );
});

it('gives the command that lifts the fence of a workflow', () => {
  const workflow = { workflowType: 'pause it', taskQueue: 'ops' };
  const change = operatorsFenceChange(workflow, 'pause/lift/by-hand', { purpose: 'lift-fence' });
  expect(told([left(change, 'no worker')])).toContain(
    `in a shell: temporal workflow start --type 'pause it' --task-queue ops --workflow-id pause/lift/by-hand --input '{"purpose":"lift-fence"}'. The promotion had failed as`,
  );
});

it('says where the statements are if they do not fit', () => {
  const roles = Array.from({ length: 100 }, (_, at) => ({ role: `role_${at}`, value: 'off' }));
  const text = told([
    left(fenceChange('orders', { readOnly: { database: null, roles }, connect: null }), null),
  ]);
  expect(text).toContain(
    "temporal workflow query --workflow-id 'promote orders' --type status --output json | jq -r ",
  );
  expect(text.length).toBeLessThan(3_900);
});
