import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTable, unpackTable, type Table } from '../../../src/contract/table.js';

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

  it('leaves out what a record’s other fields tell, where they do', () => {
    const usual = { target: ({ name }: Record_) => `of ${name}`, oid: () => undefined };
    fc.assert(
      fc.property(records, fc.boolean(), (some, all) => {
        const given = some.map((one) => (all || one.called ? { ...one, target: `of ${one.name}` } : one));
        const packed = packTable(given, usual);
        expect(unpackTable(JSON.parse(JSON.stringify(packed)) as Table<Record_>, usual)).toEqual(given);
        if (all) expect([...packed.columns, ...Object.keys(packed.same)]).not.toContain('target');
      }),
    );
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
