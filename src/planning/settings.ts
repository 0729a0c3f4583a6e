import { lastValueBefore } from '../sequences/sequence.js';
import { guardedSetval } from '../sequences/statement.js';
import type { PlannedSequence, Setting } from '../steps/rows.js';

/** A setting, and whose it is: a batch of them travels without the names, which history has already. */
export interface NamedSetting {
  sequence: string;
  setting: Setting;
}

/** @throws Error for a sequence without a target */
export function toSetting(row: PlannedSequence): NamedSetting {
  const { sequence, oid, increment, target, called } = row;
  if (oid === undefined || increment === undefined || target === null || called === undefined)
    throw new Error(`${sequence} is to be applied, but its target is incomplete`);
  return { sequence, setting: { oid, increment, target, called } };
}

/** The same setvals as statements for psql, each guarded so that it is right even if run hours later. */
export function statementsOf(rows: readonly PlannedSequence[]): string[] {
  return rows
    .filter(({ outcome }) => outcome === 'applied')
    .map((row) => {
      const { sequence, setting } = toSetting(row);
      const { called } = setting;
      const [increment, target] = [BigInt(setting.increment), BigInt(setting.target)];
      const value = lastValueBefore(target, increment, called);
      return guardedSetval({ sequence, increment, target, value, called });
    });
}
