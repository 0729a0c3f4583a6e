import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest } from '../../../src/steps/digest.js';
import { foldFindings } from '../../../src/findings/fold-findings.js';
import { AND_SO_ON } from '../../../src/findings/remedy-text.js';
import type { Finding } from '../../../src/contract/status.js';

function finding(
  code: Finding['code'],
  severity: Finding['severity'],
  sequence: string | null,
  count = 1,
): Finding {
  return {
    code,
    severity,
    sequence,
    count,
    message: `${code} at ${sequence ?? 'the run'}`,
    remedy: `fix ${sequence ?? 'it'}`,
    // Folding does not ask whether the two belong together.
  } as Finding;
}

function many(code: Finding['code'], severity: Finding['severity'], length: number): Finding[] {
  return Array.from({ length }, (_, at) => finding(code, severity, `public.s${String(at).padStart(4, '0')}`));
}

const anyDigest = expect.stringMatching(/^[0-9a-f]{16}$/) as string;
const digestsOf = (...names: string[]) => names.map(digest).sort();
const names = (length: number) => many('EXHAUSTED', 'block', length).map(({ sequence }) => sequence ?? '');
const subjectsOf = (findings: Finding[]) => findings.map(({ code, subject }) => [code, subject]);

describe('foldFindings', () => {
  it('sorts by severity, code and sequence, and folds nothing that fits', () => {
    const sorted = [
      finding('EXHAUSTED', 'block', 'public.b'),
      finding('PATTERN_UNMATCHED', 'block', null),
      finding('PATTERN_UNMATCHED', 'block', null),
      finding('CYCLES', 'warn', null),
      finding('CYCLES', 'warn', 'public.B'),
      finding('CYCLES', 'warn', 'public.a'),
      finding('CONSUMPTION', 'info', 'public.a'),
    ];
    expect(foldFindings([...sorted].reverse())).toEqual(sorted);
    expect(foldFindings(sorted, 7)).toEqual(sorted);
  });

  it('folds information before warnings, warnings before blocks, and the most numerous code first', () => {
    const findings = [
      ...many('EXHAUSTED', 'block', 50),
      ...many('CACHED', 'warn', 30),
      ...many('CYCLES', 'warn', 40),
      ...many('CONSUMPTION', 'info', 5),
    ];
    const shape = (limit: number) =>
      foldFindings(findings, limit).reduce<Record<string, number>>(
        (counts, { code }) => ({ ...counts, [code]: (counts[code] ?? 0) + 1 }),
        {},
      );
    expect(shape(125)).toEqual({ EXHAUSTED: 50, CACHED: 30, CYCLES: 40, CONSUMPTION: 5 });
    expect(shape(124)).toEqual({ EXHAUSTED: 50, CACHED: 30, CYCLES: 40, CONSUMPTION: 1 });
    expect(shape(120)).toEqual({ EXHAUSTED: 50, CACHED: 30, CYCLES: 1, CONSUMPTION: 1 });
    expect(shape(60)).toEqual({ EXHAUSTED: 50, CACHED: 1, CYCLES: 1, CONSUMPTION: 1 });
    expect(shape(10)).toEqual({ EXHAUSTED: 1, CACHED: 1, CYCLES: 1, CONSUMPTION: 1 });
  });

  it('says how many it stands for, with three examples', () => {
    expect(foldFindings(many('EXHAUSTED', 'block', 250))).toEqual([
      {
        severity: 'block',
        code: 'EXHAUSTED',
        sequence: null,
        count: 250,
        message:
          '250 findings, for instance: EXHAUSTED at public.s0000 | EXHAUSTED at public.s0001 | EXHAUSTED at public.s0002',
        remedy: `fix public.s0000${AND_SO_ON}`,
        subject: anyDigest,
        things: digestsOf(...names(250)),
      },
    ]);
  });

  it('adds a folded finding of another page to the individual ones', () => {
    const page = foldFindings(many('EXHAUSTED', 'block', 250));
    expect(
      foldFindings([finding('EXHAUSTED', 'block', 'a.a'), ...page, finding('CYCLES', 'warn', 'a.a')]),
    ).toEqual([
      {
        severity: 'block',
        code: 'EXHAUSTED',
        sequence: null,
        count: 251,
        message:
          '251 findings, for instance: EXHAUSTED at a.a | EXHAUSTED at public.s0000 | EXHAUSTED at public.s0001',
        remedy: `fix public.s0000${AND_SO_ON}`,
        subject: anyDigest,
        things: digestsOf('a.a', ...names(250)),
      },
      finding('CYCLES', 'warn', 'a.a'),
    ]);
  });

  it('adds a finding that stands for many in its own words', () => {
    const own: Finding = { ...finding('CACHED', 'warn', null, 7), message: '7 sequences cache values' };
    expect(foldFindings([own, finding('CACHED', 'warn', 'a.a')])).toEqual([
      {
        severity: 'warn',
        code: 'CACHED',
        sequence: null,
        count: 8,
        message: '8 findings, for instance: 7 sequences cache values | CACHED at a.a',
        remedy: `fix it${AND_SO_ON}`,
        subject: anyDigest,
      },
    ]);
    expect(foldFindings([own])).toEqual([own]);
  });

  it('tells by its subject which ones it stands for', () => {
    const of = (...sequences: string[]) =>
      foldFindings(
        sequences.map((sequence) => finding('EXHAUSTED', 'block', sequence)),
        1,
      )[0]?.subject;
    expect(of('public.s4', 'public.s1')).toBe(of('public.s1', 'public.s4'));
    const pairs = ['1', '2', '3', '4'].flatMap((a) => ['5', '6', '7', '8'].map((b) => of(`s${a}`, `s${b}`)));
    expect(new Set(pairs).size).toBe(pairs.length);
    const slots = ['a', 'b'].map((slot) => ({
      ...finding('NOT_CAUGHT_UP', 'block', null),
      message: `the slot ${slot} has confirmed 0/1`,
      subject: slot,
    }));
    expect(foldFindings(slots, 1)[0]?.subject).toBe(of('a', 'b'));
  });

  it('says what it stands for as long as that is not too much to carry, however it was folded before', () => {
    const thingsOf = (findings: Finding[]) => foldFindings(findings, 1)[0]?.things;
    const [pages, more] = [many('EXHAUSTED', 'block', 500), finding('EXHAUSTED', 'block', 'a.a')];
    expect(thingsOf([...foldFindings(pages.slice(0, 300), 1), ...foldFindings(pages.slice(300), 1)])).toEqual(
      digestsOf(...names(500)),
    );
    expect(thingsOf([...pages, more])).toBeUndefined();
    // Nor where one of them does not say it.
    expect(thingsOf([finding('EXHAUSTED', 'block', null, 7), more])).toBeUndefined();
    const tables = { ...finding('EXHAUSTED', 'block', null, 2), things: digestsOf('t.a', 't.b') };
    expect(thingsOf([tables, more])).toEqual(digestsOf('a.a', 't.a', 't.b'));
    // The first of them says it alone: that is not everything.
    const silent = finding('EXHAUSTED', 'block', null, 7);
    for (const both of [
      [tables, silent],
      [silent, tables],
    ])
      expect(foldFindings(both, 1)[0]).not.toHaveProperty('things');
    expect(thingsOf([{ ...more, things: digestsOf('a.a') }, ...pages])).toBeUndefined();
  });

  it('keeps several findings about the run apart', () => {
    const findings = ['a', 'b', 'c'].map((name) => ({
      ...finding('PATTERN_UNMATCHED', 'block', null),
      message: `${name} matches nothing`,
    }));
    expect(foldFindings(findings)).toEqual(findings);
  });

  it('keeps the text of a hostile name from breaking the list of examples', () => {
    const findings = many('EXHAUSTED', 'block', 3).map((each, at) => ({
      ...each,
      sequence: `s."${at} | \n x"`,
    }));
    const once = foldFindings(findings, 1);
    expect(once[0]?.message.split(' | ')).toHaveLength(3);
    expect(foldFindings(once, 1)).toEqual(once);
  });
});

describe('for any findings', () => {
  const codes = [
    ['EXHAUSTED', 'block'],
    ['PATTERN_UNMATCHED', 'block'],
    ['CACHED', 'warn'],
    ['BUFFER_REDUCED', 'warn'],
    ['CONSUMPTION', 'info'],
  ] as const;
  const findings = fc.array(
    fc
      .tuple(
        fc.constantFrom(...codes),
        fc.option(fc.string({ maxLength: 3 })),
        fc.integer({ min: 1, max: 9 }),
      )
      .map(([[code, severity], sequence, count]) =>
        finding(code, severity, sequence, sequence === null ? count : 1),
      ),
    { maxLength: 60 },
  );
  const sum = (list: Finding[]) =>
    list.reduce<Record<string, number>>(
      (sums, { code, count }) => ({ ...sums, [code]: (sums[code] ?? 0) + count }),
      {},
    );

  it('loses no count, fits as far as codes allow, and depends on no order', () => {
    fc.assert(
      fc.property(findings, fc.integer({ min: 1, max: 60 }), (list, limit) => {
        const folded = foldFindings(list, limit);
        expect(sum(folded)).toEqual(sum(list));
        expect(folded.length).toBeLessThanOrEqual(
          Math.max(limit, new Set(list.map(({ code }) => code)).size),
        );
        expect(foldFindings([...list].reverse(), limit)).toEqual(folded);
        expect(foldFindings(folded, limit)).toEqual(folded);
      }),
    );
  });

  it('tells the same ones by the same subject when pages are folded first', () => {
    fc.assert(
      fc.property(fc.array(findings, { maxLength: 4 }), (pages) => {
        const folded = foldFindings(
          pages.flatMap((page) => foldFindings(page, 1)),
          1,
        );
        expect(subjectsOf(folded)).toEqual(subjectsOf(foldFindings(pages.flat(), 1)));
      }),
    );
  });

  it('loses no count when pages are folded first', () => {
    fc.assert(
      fc.property(fc.array(findings, { maxLength: 4 }), fc.integer({ min: 1, max: 20 }), (pages, limit) => {
        const folded = foldFindings(
          pages.flatMap((page) => foldFindings(page, limit)),
          limit,
        );
        expect(sum(folded)).toEqual(sum(pages.flat()));
        expect(folded.length).toBeLessThanOrEqual(Math.max(limit, codes.length));
      }),
    );
  });
});

describe('the remedy of a finding that stands for many', () => {
  const asRole = 'on the standby, as the owner or a superuser: ';
  const withRemedy = (remedy: (name: string) => string, count: number, schema = 'public') =>
    Array.from({ length: count }, (_, index) => {
      const name = `${schema}.s${String(index).padStart(4, '0')}`;
      return { ...finding('READ_FAILED', 'block', name), remedy: remedy(name) };
    });
  const folded = (findings: Finding[]) => foldFindings(findings, 1)[0]?.remedy;

  it('is one paste for all of them, as far as there is room', () => {
    const drop = (name: string) => `${asRole}ALTER SEQUENCE ${name} SET LOGGED;`;
    const pages = [withRemedy(drop, 2), withRemedy(drop, 2, '"My shop"')].flatMap((page) =>
      foldFindings(page, 1),
    );
    expect(folded(pages)).toBe(
      `${asRole}ALTER SEQUENCE "My shop".s0000 SET LOGGED; ALTER SEQUENCE "My shop".s0001 SET LOGGED; ALTER SEQUENCE public.s0000 SET LOGGED; ALTER SEQUENCE public.s0001 SET LOGGED;`,
    );
    const many = folded(withRemedy(drop, 1_000));
    expect(many?.length).toBeLessThan(9_000);
    expect(many?.endsWith(AND_SO_ON)).toBe(true);
    expect(many).toContain('ALTER SEQUENCE public.s0100 SET LOGGED;');
  });

  it('grants on all sequences of a schema, however many', () => {
    const grant = (name: string) =>
      `${asRole}GRANT USAGE ON SCHEMA ${name.split('.')[0] ?? ''} TO "a role"; GRANT SELECT, UPDATE ON SEQUENCE ${name} TO "a role";`;
    expect(folded([...withRemedy(grant, 3_000), ...withRemedy(grant, 2, '"a schema"')])).toBe(
      `${asRole}GRANT USAGE ON SCHEMA "a schema" TO "a role"; GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA "a schema" TO "a role"; GRANT USAGE ON SCHEMA public TO "a role"; GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO "a role";`,
    );
  });

  it('says how to hear of the others where they are not alike', () => {
    const findings = withRemedy((name) => (name.endsWith('1') ? `look at ${name}` : `${asRole}SELECT 1;`), 2);
    expect(folded(findings)).toBe(`${asRole}SELECT 1;${AND_SO_ON}`);
  });
});
