import { expect, it } from 'vitest';
import {
  promotionFleetNotificationText,
  promotionNotificationText,
} from '../../../../src/planning/notification/promotion-notification-text.js';

const told = {
  ...{ event: 'ended' as const, pair: 'orders', ticket: 'CHG-1', workflowId: 'promote orders' },
  ...{ rehearsal: false, outageBudget: '30 seconds', outageMs: null, leftovers: 0, doubtful: 0 },
  ending: null,
};
const ending = (state: 'completed' | 'failed', message: string) => ({
  ...{ state, message, at: '2027-01-31T01:12:09Z' },
});

it('says what becomes of the primary, and how to call it off', () => {
  expect(promotionNotificationText({ ...told, event: 'started' })).toBe(
    `Promotion of orders, CHG-1: the checks have passed, and the primary will be fenced as soon as the standby has caught up, for at most 30 seconds. To call it off before the switch: sequence-failover reject 'promote orders' --by "$USER" --reason "…"`,
  );
});

it('says how it ended, and what is left to do', () => {
  const promoted = { ...told, outageMs: 812, leftovers: 1, ending: ending('completed', 'promoted') };
  expect(promotionNotificationText(promoted)).toBe(
    "Promotion of orders, CHG-1: completed; the standby is open and takes writes; the outage was 812 ms. 1 command is left for a person to run: sequence-failover status 'promote orders'",
  );
  const rehearsed = { ...promoted, leftovers: 0, rehearsal: true, ticket: null };
  expect(promotionNotificationText(rehearsed)).toBe(
    'Rehearsal of the promotion of orders: completed, and everything was undone; the predicted outage is 812 ms',
  );
  const undone = { ...told, ending: ending('failed', 'Rejected: <!channel> said no; undone: fence') };
  expect(promotionNotificationText(undone)).toBe(
    'Promotion of orders, CHG-1: failed: Rejected: ‹!channel› said no; undone: fence',
  );
});

it('of a fleet counts its pairs', () => {
  const fleet = { ...told, outageMs: 1200, outcomes: { total: 3, promoted: 3 } };
  expect(promotionFleetNotificationText({ ...fleet, ending: ending('completed', 'promoted') })).toBe(
    'Promotion of the fleet promote orders, CHG-1: completed; the standbys of 3 pairs are open and take writes; the outage was 1200 ms',
  );
});

it('says no more of a new primary than was seen at the end', () => {
  const completed = { ...told, outageMs: 812, doubtful: 1, ending: ending('completed', 'promoted') };
  const whatToDo = "To see what to do: sequence-failover status 'promote orders'";
  expect(promotionNotificationText(completed)).toBe(
    `Promotion of orders, CHG-1: completed; the standby was opened, but could not be read at the end; the outage was 812 ms. ${whatToDo}`,
  );
  expect(promotionFleetNotificationText({ ...completed, outcomes: { total: 3, promoted: 3 } })).toBe(
    `Promotion of the fleet promote orders, CHG-1: completed; the standbys of 3 pairs were opened, but 1 of them could not be read at the end; the outage was 812 ms. ${whatToDo}`,
  );
});
