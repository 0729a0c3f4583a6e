import {
  defineQuery,
  setDefaultSignalHandler,
  setDefaultUpdateHandler,
  setHandler,
} from '@temporalio/workflow';
import { decideFailure } from '../ending.js';
import { parseMessage, senderOf } from '../../src/contract/messages.js';
import { QUERIES } from '../../src/contract/names.js';
import { cut } from '../../src/contract/parsing/text.js';
import type { PromotionStatus } from '../../src/contract/promotion.js';
import { takeFloods } from '../floods.js';
import { decideUpdate, rejectSignal } from '../messages.js';
import type { BeforeTheSwitch } from './before-the-switch.js';
import type { Promotion } from './promotion.js';

export const promotionStatusQuery = defineQuery<PromotionStatus>(QUERIES.status);

/** The record keeps this many characters of a refused message. */
const TEXT_KEPT = 500;

/** Until the standby is open, anybody may reject the promotion. There is nothing to approve, since that was done at the gate. */
export function listen(promotion: Promotion, before: BeforeTheSwitch): void {
  const refuse = (kind: string, by: string | null, reason: string): string => {
    promotion.refuse({
      at: new Date().toISOString(),
      kind: cut(kind, TEXT_KEPT),
      by: by === null ? null : cut(by, TEXT_KEPT),
      reason: cut(reason, TEXT_KEPT),
    });
    return reason;
  };
  const receive = (kind: 'reject' | 'decide', args: readonly unknown[]): string | null => {
    const message = parseMessage(kind, args);
    if (!message.ok) return refuse(kind, message.by, message.message);
    const { value } = message;
    if (value.kind !== 'reject') {
      return refuse(
        kind,
        value.by,
        'a promotion takes no approval: it goes on by itself, until somebody rejects it',
      );
    }
    if (!before.isOpen) {
      return refuse(kind, value.by, 'too late: the promotion has ended, or the standby is being opened');
    }
    before.abort('Rejected', `${value.by} rejected the promotion: ${value.reason}`);
    return null;
  };
  const unknown = (name: string, args: readonly unknown[]) =>
    void refuse(name, senderOf(args), 'unknown signal; a promotion takes reject');
  takeFloods((name, args) => {
    if (name === rejectSignal.name) receive('reject', args);
    else unknown(name, args);
  });
  setHandler(promotionStatusQuery, () => promotion.status());
  setHandler(rejectSignal, (...args) => void receive('reject', args));
  setDefaultSignalHandler((name, ...args) => {
    unknown(name, args);
  });
  setHandler(decideUpdate, (...args) => {
    const refusal = receive('decide', args);
    if (refusal !== null) throw decideFailure('Refused', refusal);
    return { state: 'rejected', approvals: promotion.approvals.length, required: 0 } as const;
  });
  setDefaultUpdateHandler((name, ...args) => {
    const reason = refuse(name, senderOf(args), 'unknown update; a promotion takes decide');
    throw decideFailure('InvalidInput', reason);
  });
}
