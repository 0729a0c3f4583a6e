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
  const details = new Map(
    [...known.details, ...(seen.details ?? [])]
      .filter(({ name }) => names.has(name))
      .map((detail) => [detail.name, { ...detail, publications: [...detail.publications] }]),
  );
  return { names: [...names].sort(), details: [...details.values()] };
}
