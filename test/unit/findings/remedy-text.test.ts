import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellQuoted } from '../../../src/contract/shell.js';
import {
  NEXT_STEP,
  parseRemedy,
  type RemedyPart,
  renderRemedy,
  shownParts,
  splitNextStep,
  withNextStep,
} from '../../../src/findings/remedy-text.js';
import { foldRemedies } from '../../../src/findings/fold-remedies.js';
import { quoteIdentifier, quoteLiteral } from '../../../src/sequences/identifier.js';
import { examples } from './examples.js';
import { earlierFence } from './promotion-examples.js';

const remedies = [
  ...new Set(
    [...Object.values(examples).flatMap((make) => make()), ...earlierFence()].flatMap(
      (finding) => finding?.remedy ?? [],
    ),
  ),
];

const statementsOf = (remedy: string) =>
  parseRemedy(remedy).flatMap(({ kind, text }) => (kind === 'statement' ? [text] : []));

const STATEMENT_IN_PROSE =
  /\b(?:ALTER|COMMIT|CREATE|DELETE|DO|DROP|GRANT|INSERT|REVOKE|ROLLBACK|SELECT|SET|TRUNCATE|UPDATE) [\w"'$][^;…]*;/u;

describe.each(remedies)('the remedy of the catalogue: %s', (remedy) => {
  it('is the same after it was taken apart and put together', () => {
    expect(renderRemedy(parseRemedy(remedy))).toBe(remedy);
  });

  it('follows the grammar: all its statements are found, and each ends with its semicolon', () => {
    for (const { kind, text } of parseRemedy(remedy)) {
      if (kind === 'statement') expect(text).toMatch(/;$/u);
      // An ellipsis is in statements that are only named.
      if (kind === 'prose') expect(text).not.toMatch(STATEMENT_IN_PROSE);
    }
  });

  it.each(Object.values(NEXT_STEP))('has the next step at its end: %s', (step) => {
    const split = splitNextStep(withNextStep(remedy, step));
    expect(split.next).toBe(step);
    expect(statementsOf(split.remedy)).toEqual(statementsOf(remedy));
  });
});

it('finds statements after a name with an apostrophe, in a command and in prose', () => {
  const grant = `GRANT USAGE ON SCHEMA "It's; new" TO app;`;
  for (const dump of [
    `this prints it: pg_dump --table=${shellQuoted(`"It's; new"."T x"`)}; then on the standby: ${grant}`,
    `from the output of pg_dump --table=${shellQuoted(`"It's; new"."T x"`)} on the primary; then on the standby: ${grant}`,
  ]) {
    expect(renderRemedy(parseRemedy(dump))).toBe(dump);
    expect(statementsOf(dump)).toEqual([grant]);
  }
});

const word = (...units: string[]) =>
  fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 12 });
const name = word('a', 'B', '"', "'", ';', ' ', '$', ':', '.', '\\');
const statement = fc.oneof(
  name.map((one) => `ALTER SEQUENCE ${quoteIdentifier(one)} RESTART;`),
  name.map((one) => `SELECT setval(${quoteLiteral(one)}, 1);`),
  name.map((one) => `DO $remedy$ BEGIN PERFORM ${quoteLiteral(one)}; END $remedy$;`),
);
const command = word('a', 'B', '"', "'", ';', ' ', '$', ':').map(
  (one) => `temporal workflow terminate --workflow-id ${shellQuoted(one)}`,
);
const beginning = fc.constantFrom(
  'on the standby: ',
  "see the standby's log; this shows it, on the primary: ",
  'approve with {"accept": ["a: DROP b;"]}, or: ',
);
const part = (kind: RemedyPart['kind']) => (text: string) => ({ kind, text });
const paste = fc
  .tuple(
    fc.oneof(
      fc.array(statement.map(part('statement')), { minLength: 1 }),
      fc.tuple(command.map(part('command'))),
    ),
    fc.constantFrom('; or wait', ' and see what it shows', ', then go on'),
  )
  .map(([code, after]) => ({ code, after }));

it('a remedy has the parts of which it was made, whatever names are in them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(beginning, paste), { minLength: 1, maxLength: 4 }), (pastes) => {
      const parts = pastes.flatMap(([before, { code, after }], at): RemedyPart[] => [
        part('prose')(`${at === 0 ? '' : '; '}${before}`),
        ...code.flatMap((one, nth) => (nth === 0 ? [one] : [part('prose')(' '), one])),
        part('prose')(after),
      ]);
      const text = renderRemedy(parts);
      expect(renderRemedy(parseRemedy(text))).toBe(text);
      const code = parts.filter(({ kind }) => kind !== 'prose');
      expect(parseRemedy(text).filter(({ kind }) => kind !== 'prose')).toEqual(code);
      expect(shownParts(text).filter(({ kind }) => kind !== 'prose')).toEqual(code);
    }),
  );
});

it('a statement that is folded with others stays whole, with the body of a DO', () => {
  const remedy = (table: string) =>
    `on the primary, as a superuser: DO $remedy$ BEGIN FOR t IN SELECT 1 LOOP PERFORM ${quoteLiteral(table)}; END LOOP; END $remedy$; a key is faster; wait`;
  const statements = statementsOf(`${remedy('a')} ${remedy('b')}`);
  expect(foldRemedies([remedy('a'), remedy('b')])).toBe(
    `on the primary, as a superuser: ${statements.join(' ')} a key is faster; wait`,
  );
});
