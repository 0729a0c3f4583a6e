import { qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import type { RangeLimit, Restriction, ValueRange } from '../../sequences/sequence.js';
import { readCheck } from './check-expression.js';
import type { ConstraintText } from './constraint-texts.js';
import type { TreeTable } from './descendants.js';
import { defaultRanges, firstKeyRanges, isByValue, mayRefuse } from './partition-bounds.js';
import { everything, intersection, isEverything, limitOfRanges, union } from './value-ranges.js';

/** The limits of a column that follow from the tables below its own. */
export interface TreeLimits {
  limits: (Restriction | RangeLimit)[];
  notComputed: string[];
}

/**
 * The values that the tables of a tree take. A value within the range of a partition has to fit there and below. Of other partitions and of
 * inheriting tables it is not known which one gets a row: then the ranges of each count while the next value is in them.
 *
 * @param tree of one column; the first table without a parent is the table of the column
 * @param column the name of the column, as in the catalog
 * @param isPlain whether the column takes the values of the sequence unchanged
 */
export function treeLimits(
  tree: readonly TreeTable[],
  column: { name: string; isPlain: boolean },
  texts: ReadonlyMap<number, ConstraintText>,
): TreeLimits {
  const walk = new Walk(tree, column, texts);
  return walk.limits();
}

class Walk {
  readonly #children = new Map<number, TreeTable[]>();
  readonly #notComputed = new Set<string>();
  /** Ranges that count while the next value is in them. */
  readonly #ofSomeRows: RangeLimit['ranges'] = [];

  constructor(
    private readonly tree: readonly TreeTable[],
    private readonly column: { name: string; isPlain: boolean },
    private readonly texts: ReadonlyMap<number, ConstraintText>,
  ) {
    for (const table of tree) {
      if (table.parent === null) continue;
      const siblings = this.#children.get(table.parent) ?? [];
      this.#children.set(table.parent, siblings);
      siblings.push(table);
    }
  }

  limits(): TreeLimits {
    const root = this.tree.find(({ parent }) => parent === null);
    if (root === undefined) return { limits: [], notComputed: [] };
    const ranges = this.#taken(root, everything);
    const of = partitionsOf(root);
    const byHand = `${of}: create one for further values, or drop the check constraint of the one that refuses them`;
    const limit = limitOfRanges(ranges, { of, byHand });
    const limits: TreeLimits['limits'] = limit === null ? [] : [limit];
    if (this.#ofSomeRows.length > 0)
      limits.push({ type: 'ranges', ranges: this.#ofSomeRows, isComplete: false });
    return { limits, notComputed: [...this.#notComputed] };
  }

  /**
   * The values that the table or one below takes, its bounds left out.
   *
   * @param within the values that reach the table
   */
  #taken(table: TreeTable, within: readonly ValueRange[]): readonly ValueRange[] {
    const own = this.#ownRanges(table);
    const children = this.#children.get(table.oid) ?? [];
    if (children.length === 0) return own;
    const { partitioning } = table;
    const bounds = children.map(({ bound }) => bound);
    if (partitioning !== null && isByValue(partitioning) && this.column.isPlain) {
      const others = children.filter((child) => !isDefault(child)).map(({ bound }) => bound);
      if (others.every((bound) => firstKeyRanges(bound) !== null)) {
        const rangesOf = (child: TreeTable) =>
          isDefault(child) ? defaultRanges(others) : (firstKeyRanges(child.bound) ?? []);
        return intersection(own, this.#byValue(children, rangesOf, intersection(own, within)));
      }
    }
    if (partitioning !== null && !children.some(isDefault) && mayRefuse(partitioning, bounds))
      this.#notComputed.add(partitionsOf(table));
    return intersection(own, this.#byOther(table, children, intersection(own, within)));
  }

  #byValue(
    children: readonly TreeTable[],
    rangesOf: (child: TreeTable) => readonly ValueRange[],
    within: readonly ValueRange[],
  ): ValueRange[] {
    const taken = children.flatMap((child) => {
      const ranges = rangesOf(child);
      return intersection(ranges, this.#taken(child, intersection(ranges, within)));
    });
    return union(taken);
  }

  /** Of partitions by other columns, and of inheriting tables beside which the table itself can have rows. */
  #byOther(
    table: TreeTable,
    children: readonly TreeTable[],
    within: readonly ValueRange[],
  ): readonly ValueRange[] {
    const all = children.map((child) => ({ child, ranges: this.#taken(child, within) }));
    const only = table.partitioning === null ? undefined : all.length === 1 ? all[0] : undefined;
    if (only !== undefined) return only.ranges;
    for (const { child, ranges } of all) {
      // What never reaches the table is no limit of it.
      if (within.every((range) => isWithin(range, ranges))) continue;
      const of = this.#children.has(child.oid) ? partitionsOf(child) : checksOf(child);
      for (const range of intersection(ranges, within)) this.#ofSomeRows.push({ ...range, of });
    }
    return table.partitioning === null ? everything : union(all.flatMap(({ ranges }) => ranges));
  }

  /** The values that the check constraints of the table allow. Those of the table of the column itself are read elsewhere. */
  #ownRanges(table: TreeTable): readonly ValueRange[] {
    const name = qualifiedName(table.schema, table.table);
    for (const key of table.foreignKeys)
      this.#notComputed.add(`the foreign key ${quoteIdentifier(key)} of ${name}`);
    let ranges: readonly ValueRange[] = everything;
    for (const check of table.checks) {
      const of = `the check constraint ${quoteIdentifier(check.name)} of ${name}`;
      const text = this.texts.get(check.oid);
      if (text === undefined || 'problem' in text) {
        this.#notComputed.add(
          `${of}, which could not be read: ${text?.problem ?? 'it was dropped meanwhile'}`,
        );
        continue;
      }
      const { ranges: some, isWhole } = readCheck(text.definition, this.column.name);
      const isBounded = !isEverything(some);
      if (!isWhole || check.wholeRow || (isBounded && !this.column.isPlain))
        this.#notComputed.add(`${of}: ${text.definition}`);
      if (this.column.isPlain && isBounded) ranges = intersection(ranges, some);
    }
    return ranges;
  }
}

function isDefault({ bound }: TreeTable): boolean {
  return bound === 'DEFAULT';
}

function partitionsOf({ schema, table }: TreeTable): string {
  return `the partitions of ${qualifiedName(schema, table)}`;
}

function checksOf({ schema, table, checks }: TreeTable): string {
  const names = checks.map(({ name }) => quoteIdentifier(name)).join(', ');
  const constraints = checks.length === 1 ? 'the check constraint' : 'the check constraints';
  return `${constraints} ${names} of ${qualifiedName(schema, table)}`;
}

function isWithin(range: ValueRange, ranges: readonly ValueRange[]): boolean {
  return ranges.some(
    ({ low, high }) =>
      (low === null || (range.low !== null && low <= range.low)) &&
      (high === null || (range.high !== null && range.high <= high)),
  );
}
