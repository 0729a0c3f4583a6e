import type { SubscriptionDetail, SubscriptionNames } from '../../steps/readiness.js';

/** The subscriptions to the primary that a run has seen. */
export interface KnownSubscriptions {
  names: readonly string[];
  /** The details of those whose slot is known. */
  details: readonly Detail[];
}

type Detail = Readonly<Omit<SubscriptionDetail, 'publications'>> & {
  readonly publications: readonly string[];
};

/** Subscriptions that were renamed: a known slot is used under another name. */
export function renamedSubscriptions(
  { names, details }: KnownSubscriptions,
  { present, details: now = [] }: SubscriptionNames,
): Map<string, string> {
  const here = new Set(present);
  const bySlot = new Map(
    now.flatMap(({ slot, name }): [string, string][] => (slot === null ? [] : [[slot, name]])),
  );
  return new Map(
    names.flatMap((name): [string, string][] => {
      const slot = details.find((one) => one.name === name)?.slot ?? null;
      const newName = slot === null || here.has(name) ? undefined : bySlot.get(slot);
      return newName === undefined ? [] : [[name, newName]];
    }),
  );
}

/** Adds the subscriptions that were just read. Renamed ones are kept under their new names. */
export function mergeSubscriptions(
  known: KnownSubscriptions,
  seen: SubscriptionNames,
  renamed: ReadonlyMap<string, string>,
): { names: string[]; details: SubscriptionDetail[] } {
  const names = new Set([...known.names.map((name) => renamed.get(name) ?? name), ...seen.toPrimary]);
  const before = new Map(known.details.map((detail) => [detail.name, detail]));
  const details = new Map(
    [...known.details, ...(seen.details ?? [])]
      .filter(({ name }) => names.has(name))
      .map((detail) => [detail.name, withFirst(detail, before.get(detail.name))]),
  );
  return { names: [...names].sort(), details: [...details.values()] };
}

/**
 * The oid and the slot of the first reading stay, so that a subscription that was created again is told from the one before. A slot that was created
 * again remains so, however much is decoded for it later.
 */
function withFirst(now: Detail, first: Detail | undefined): SubscriptionDetail {
  const { publications, slot, oid, decoded: read, ...detail } = now;
  const isSlotNew = first !== undefined && (first.isSlotNew === true || isCreatedAgain(now, first));
  const decoded = isSlotNew ? first.decoded : (read ?? first?.decoded);
  const firstSlot = first?.firstSlot ?? first?.slot ?? slot;
  const firstOid = first?.oid ?? oid;
  return {
    ...{ ...detail, slot, publications: [...publications] },
    ...(firstOid === undefined ? {} : { oid: firstOid }),
    ...(firstSlot === null ? {} : { firstSlot }),
    ...(decoded === undefined ? {} : { decoded }),
    ...(isSlotNew ? { isSlotNew } : {}),
  };
}

/** The slot of the same subscription has decoded less than before. */
function isCreatedAgain(now: Detail, { oid, slot, decoded }: Detail): boolean {
  if (now.oid !== oid || now.slot !== slot || decoded === undefined || now.decoded === undefined)
    return false;
  return (
    now.decoded.since === decoded.since && BigInt(now.decoded.transactions) < BigInt(decoded.transactions)
  );
}
