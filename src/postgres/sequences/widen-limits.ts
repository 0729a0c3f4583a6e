import type { Widening } from '../../sequences/sequence.js';
import { partsOfName, qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import { type DefaultLimit, readDefault } from './default-expression.js';

/** A column of another table that a foreign key ties to a fed column. */
export interface ReferringColumn {
  schema: string;
  table: string;
  column: string;
  /** pg_type.oid, and the type modifier. */
  type: number;
  mod: number;
  isDomain: boolean;
}

/** Quoted where needed. */
export const nameOf = ({ schema, table, column }: ReferringColumn) => qualifiedName(schema, table, column);

/** The digits of the largest bigint, and with a sign. */
const DIGITS = 19;
const LENGTH = DIGITS + 1;

export const alterColumn = (column: string, change: string, of?: string) => {
  const [schema = '', table = '', name = ''] = partsOfName(column);
  return `ALTER TABLE ${of ?? qualifiedName(schema, table)} ALTER COLUMN ${quoteIdentifier(name)} ${change};`;
};

/**
 * Of a column with a declared length.
 *
 * @param inheritedFrom the table from which it inherits the column: PostgreSQL alters the type only there
 */
export function widenLength(column: string, inheritedFrom?: string): Widening {
  const change = `TYPE character varying(${LENGTH})`;
  return { statements: [alterColumn(column, change, inheritedFrom)], changesType: true };
}

/**
 * Of a default that cuts the values to a number of digits. Padded values keep their form, and get more digits only where they need them: a
 * format such as FM9990000 does that.
 *
 * @param expression as `pg_get_expr` prints it
 * @returns null if it cannot be written with more digits
 */
export function widenDefault(column: string, expression: string): Widening | null {
  const call = "nextval\\('(?:[^']|'')*'::regclass\\)";
  const padded = new RegExp(`lpad\\(\\((${call})\\)::text, (\\d+), '0'::text\\)`, 'gu');
  const formatted = new RegExp(`to_char\\((${call}), 'FM9*(0+)'::text\\)`, 'gu');
  const format = (value: string, zeros: number) =>
    `to_char(${value}, 'FM${'9'.repeat(Math.max(0, DIGITS - zeros))}${'0'.repeat(zeros)}'::text)`;
  const wider = expression
    .replaceAll(padded, (_, value: string, zeros: string) => format(value, Number(zeros)))
    .replaceAll(formatted, (_, value: string, zeros: string) => format(value, zeros.length))
    .replaceAll(/::(?:character varying|varchar|character|bpchar)\(\d+\)/gu, '::text')
    .replaceAll(
      /::numeric\(\d+,(\d+)\)/gu,
      (_, scale: string) => `::numeric(${DIGITS + Number(scale)},${scale})`,
    );
  const { digits, unknown }: DefaultLimit = readDefault(wider);
  if (unknown !== null || (digits !== null && digits < DIGITS)) return null;
  return { statements: [alterColumn(column, `SET DEFAULT ${wider}`)] };
}

/** @param table in which the constraint was made, with its schema, or `null` for the constraint of a domain */
export function widenCheck(
  on: { table: string } | { domain: string },
  name: string,
  { definition, referring = [] }: { definition: string; referring?: readonly ReferringColumn[] },
): Widening {
  const owner = 'table' in on ? `TABLE ${on.table}` : `DOMAIN ${on.domain}`;
  const again = `it was ${definition.replace(/\s+/gu, ' ')}: if it has to stay, add it again with a wider limit`;
  const domain = 'domain' in on ? 'It holds for every column of the domain' : null;
  const others =
    referring.length === 0
      ? null
      : `See whether the columns that refer to it have such a limit too: ${referring.map(nameOf).join(', ')}`;
  return {
    statements: [`ALTER ${owner} DROP CONSTRAINT ${quoteIdentifier(name)};`],
    note: [again, domain, others].filter((part) => part !== null).join('. '),
  };
}
