/**
 * Many records of one kind, as they travel: what all of them share is said once, and so is the name of each field. A page of
 * sequences takes a third of the room that its records would, in the history and in everybody's time.
 */
export interface Table<T> {
  count: number;
  /** The fields that are the same in every record. */
  same: Partial<T>;
  /** The names of the others. */
  columns: (keyof T & string)[];
  /** One row a record, a cell a column; `{}` where the record has no such field, or the one that it can be told from the others. */
  rows: unknown[][];
}

/** What fields nearly always are, given the others of their record: where they are, they do not travel. */
export type Usual<T> = { [K in keyof T]?: (record: T) => T[K] | undefined };

/**
 * @param records whose fields hold JSON values other than an empty object; what is undefined counts as absent
 * @param usual the same as for `unpackTable`; a field that a record may lack is told as undefined for such a record
 */
export function packTable<T extends object>(records: readonly T[], usual: Usual<T> = {}): Table<T> {
  const names = new Set<keyof T & string>();
  for (const record of records) {
    for (const name in record) if (record[name] !== undefined) names.add(name);
  }
  const same: Partial<T> = {};
  const columns: (keyof T & string)[] = [];
  const [first] = records;
  for (const name of names) {
    const tell = usual[name];
    if (tell !== undefined && records.every((record) => record[name] === tell(record))) continue;
    const value = first?.[name];
    const isScalar = value !== undefined && (value === null || typeof value !== 'object');
    if (isScalar && records.every((record) => record[name] === value)) same[name] = value;
    else columns.push(name);
  }
  const cell = (record: T, name: keyof T & string): unknown => {
    const value = record[name];
    return value === undefined || value === usual[name]?.(record) ? ABSENT : value;
  };
  return {
    count: records.length,
    same,
    columns,
    rows: columns.length === 0 ? [] : records.map((record) => columns.map((name) => cell(record, name))),
  };
}

/** The records, those that `packTable` was given; a field that one has not is undefined in it. */
export function unpackTable<T extends object>(
  { count, same, columns, rows }: Table<T>,
  usual: Usual<T> = {},
): T[] {
  const told = Object.keys(usual) as (keyof T & string)[];
  // All of one shape, which is quicker than a shape for each.
  const shape = { ...same } as Partial<Record<keyof T, unknown>>;
  for (const name of [...columns, ...told]) if (!(name in shape)) shape[name] = undefined;
  return Array.from({ length: count }, (_, index) => {
    const record = { ...shape };
    const cells = rows[index] ?? [];
    columns.forEach((name, column) => {
      if (!isAbsent(cells[column])) record[name] = cells[column];
    });
    for (const name of told) {
      if (record[name] === undefined) record[name] = usual[name]?.(record as T);
    }
    return record as T;
  });
}

/** An empty object is no value of any field, and shorter than null. */
const ABSENT = {};

function isAbsent(cell: unknown): boolean {
  if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return false;
  for (const _ in cell) return false;
  return true;
}
