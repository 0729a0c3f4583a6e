/**
 * A compact form for many records of one kind. Values that are the same in every record, and the field names, are stored once. Fields that
 * follow from other fields are left out. A page of sequences takes a third of the size that its records would, in the history and in
 * processing time. docs/reference/record-format.md documents the format.
 */
export interface Table<T> {
  count: number;
  /** The fields that are the same in every record. */
  same: Partial<T>;
  /** The names of the other fields. */
  columns: (keyof T & string)[];
  /** One row per record, one cell per column. `{}` means that the record has the implied value, or does not have the field. */
  rows: unknown[][];
  /** The rule for a field that a record does not have. With it the table can be read without the code that wrote it. */
  implied?: Implied<T>;
}

/**
 * Rules for fields that follow from other fields of the record:
 *
 * - `target`: the same as the field `target`
 * - `last if feeds`: the same as `last`, in records that have the field `feeds`
 * - `{schema}.{name}`: the text with the fields inserted
 * - `target - buffer * increment`: computed with whole numbers; the fields and the result are decimal strings
 *
 * If the record lacks one of these fields, or has null there, the rule implies nothing. The exception is that null equals null.
 */
export type Implied<T> = { [K in keyof T & string]?: string };

/** @param records records whose fields hold JSON values other than an empty object; undefined counts as absent */
export function packTable<T extends object>(records: readonly T[], implied?: Implied<T>): Table<T> {
  const names = new Set<keyof T & string>();
  for (const record of records) {
    for (const name in record) if (record[name] !== undefined) names.add(name);
  }
  const rules =
    implied === undefined
      ? []
      : compile(implied).filter(({ name, imply }) =>
          // Such a record lacks a value that the rule would imply, so the rule cannot be used.
          records.every((record) => record[name] !== undefined || imply(record) === undefined),
        );
  const imply = new Map(rules.map((rule) => [rule.name, rule.imply]));
  const same: Partial<T> = {};
  const columns: (keyof T & string)[] = [];
  const [first] = records;
  for (const name of names) {
    const rule = imply.get(name);
    if (rule !== undefined && records.every((record) => record[name] === rule(record))) continue;
    const value = first?.[name];
    const isScalar = value !== undefined && (value === null || typeof value !== 'object');
    if (isScalar && records.every((record) => record[name] === value)) same[name] = value;
    else columns.push(name);
  }
  const cell = (record: T, name: keyof T & string): unknown => {
    const value = record[name];
    return value === undefined || value === imply.get(name)?.(record) ? ABSENT : value;
  };
  const table: Table<T> = {
    count: records.length,
    same,
    columns,
    rows: columns.length === 0 ? [] : records.map((record) => columns.map((name) => cell(record, name))),
  };
  if (implied !== undefined)
    table.implied = Object.fromEntries(rules.map(({ name, text }) => [name, text])) as Implied<T>;
  return table;
}

/** The records that were given to `packTable`. A field that a record does not have is undefined in it. */
export function unpackTable<T extends object>({ count, same, columns, rows, implied }: Table<T>): T[] {
  const rules = compile(implied ?? {}).filter(({ name }) => !(name in same));
  // All records have the same shape, which is faster than a shape for each.
  const shape = { ...same } as Partial<Record<keyof T, unknown>>;
  for (const name of [...columns, ...rules.map((rule) => rule.name)]) {
    if (!(name in shape)) shape[name] = undefined;
  }
  return Array.from({ length: count }, (_, index) => {
    const record = { ...shape };
    const cells = rows[index] ?? [];
    columns.forEach((name, column) => {
      if (!isAbsent(cells[column])) record[name] = cells[column];
    });
    for (const { name, imply } of rules) {
      if (record[name] === undefined) record[name] = imply(record as T);
    }
    return record as T;
  });
}

interface Rule<T> {
  name: keyof T & string;
  text: string;
  imply: (record: T) => unknown;
}

function compile<T extends object>(implied: Implied<T>): Rule<T>[] {
  return Object.entries(implied).map(([name, text]) => ({
    name: name as keyof T & string,
    text: text as string,
    imply: compileRule(text as string),
  }));
}

/** @throws RangeError for a rule that this release does not know, since the record would be read wrongly */
function compileRule(text: string): (record: object) => unknown {
  const field = (record: object, name: string) => (record as Record<string, unknown>)[name];
  const same = /^\w+$/u.exec(text);
  if (same !== null) return (record) => field(record, text);
  const conditional = /^(\w+) if (\w+)$/u.exec(text);
  if (conditional !== null) {
    const [, from = '', condition = ''] = conditional;
    return (record) => (field(record, condition) === undefined ? undefined : field(record, from));
  }
  const difference = /^(\w+) - (\w+) \* (\w+)$/u.exec(text);
  if (difference !== null) {
    const names = difference.slice(1);
    return (record) => {
      const [whole, count, step] = names.map((name) => field(record, name));
      if (typeof whole !== 'string' || typeof count !== 'string' || typeof step !== 'string')
        return undefined;
      return String(BigInt(whole) - BigInt(count) * BigInt(step));
    };
  }
  if (!/^[^{}]*(?:\{\w+\}[^{}]*)+$/u.test(text))
    throw new RangeError(`unknown rule for an implied field: ${text}`);
  const parts = text.split(/[{}]/u);
  return (record) => {
    const values = parts.map((part, index) => (index % 2 === 0 ? part : field(record, part)));
    return values.every((value) => typeof value === 'string') ? values.join('') : undefined;
  };
}

/** An empty object is no value of any field, and is shorter than null. */
const ABSENT = {};

function isAbsent(cell: unknown): boolean {
  if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return false;
  for (const _ in cell) return false;
  return true;
}
