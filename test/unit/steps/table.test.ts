import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTable, unpackTable, type Table } from '../../../src/steps/table.js';

interface Record_ {
  name: string;
  target: string | null;
  oid?: number;
  called?: boolean;
  feeds?: string[];
}

const records = fc.array(
  fc.record(
    {
      name: fc.string(),
      target: fc.oneof(fc.constant(null), fc.constantFrom('1', '9223372036854775807')),
      oid: fc.nat(2),
      called: fc.boolean(),
      feeds: fc.array(fc.string(), { maxLength: 2 }),
    },
    { requiredKeys: ['name', 'target'] },
  ),
  { maxLength: 5 },
) as fc.Arbitrary<Record_[]>;

describe('a table', () => {
  it('gives back the records that it was made of, also after a journey as JSON', () => {
    fc.assert(
      fc.property(records, (given) => {
        const travelled = JSON.parse(JSON.stringify(packTable(given))) as Table<Record_>;
        expect(unpackTable(travelled)).toEqual(given);
      }),
    );
  });

  const implied = { target: '{name}!', oid: 'count', called: 'count if name' };
  const counted = fc.array(
    fc.record(
      { name: fc.string(), target: fc.string(), count: fc.nat(2), oid: fc.nat(2), called: fc.nat(2) },
      { requiredKeys: ['name', 'target', 'count'] },
    ),
  );

  it('leaves out what the others imply, and says by which rules', () => {
    fc.assert(
      fc.property(counted, (some) => {
        const given = some.map((one) => ({ ...one, target: `${one.name}!` }));
        const packed = packTable<(typeof given)[number]>(given, implied);
        expect(unpackTable(JSON.parse(JSON.stringify(packed)) as typeof packed)).toEqual(given);
        expect([...packed.columns, ...Object.keys(packed.same)]).not.toContain('target');
        expect(packed.implied).toMatchObject({ target: '{name}!' });
      }),
    );
  });

  it('gives back the records whatever they have of what is implied', () => {
    fc.assert(
      fc.property(counted, (given) => {
        const packed = packTable<(typeof given)[number]>(given, implied);
        expect(unpackTable(JSON.parse(JSON.stringify(packed)) as typeof packed)).toEqual(given);
      }),
    );
  });

  it('computes with decimal strings of any size', () => {
    const record = {
      target: '-9223372036854775809',
      buffer: '3',
      increment: '-5',
      next: '-9223372036854775794',
    };
    const packed = packTable([record, { ...record, next: '7' }], { next: 'target - buffer * increment' });
    expect(packed).toMatchObject({ columns: ['next'], rows: [[{}], ['7']] });
    expect(unpackTable(packed)).toEqual([record, { ...record, next: '7' }]);
  });

  it('of a later release, with rules that this one does not know, is not read', () => {
    const table = {
      count: 1,
      same: { name: 'a' },
      columns: [],
      rows: [],
      implied: { target: 'name ?? oid' },
    };
    expect(() => unpackTable<Record_>(table)).toThrow('unknown rule for an implied field: name ?? oid');
  });

  it('says once what all records share, and once what the others are called', () => {
    const [one, two] = [
      { sequence: 'public.a', increment: '1', reason: null },
      { sequence: 'public.b', increment: '1', reason: null, oid: 7 },
    ];
    expect(packTable<typeof one & { oid?: number }>([one, two])).toEqual({
      count: 2,
      same: { increment: '1', reason: null },
      columns: ['sequence', 'oid'],
      rows: [
        ['public.a', {}],
        ['public.b', 7],
      ],
    });
  });
});
