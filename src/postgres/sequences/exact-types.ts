/**
 * Types that are not in `ColumnType`, by their oids: up to these values they hold each integer exactly. PostgreSQL refuses values beyond
 * those of oid, and rounds values beyond the others, so that two calls give the same value.
 */
export const exactTypes: ReadonlyMap<number, { name: string; low: bigint; high: bigint; rounds: boolean }> =
  new Map([
    [26, { name: 'oid', low: 0n, high: 2n ** 32n - 1n, rounds: false }],
    [700, { name: 'real', low: -(2n ** 24n), high: 2n ** 24n, rounds: true }],
    [701, { name: 'double precision', low: -(2n ** 53n), high: 2n ** 53n, rounds: true }],
  ]);
