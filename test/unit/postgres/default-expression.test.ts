import { expect, it } from 'vitest';
import { readDefault } from '../../../src/postgres/sequences/default-expression.js';

const NEXTVAL = "nextval('s'::regclass)";

it.each([
  [NEXTVAL, null, false],
  [`(${NEXTVAL})::text`, null, false],
  [`('ORD-'::text || ${NEXTVAL})`, null, false],
  [`('ORD-'::text || (${NEXTVAL})::text)`, null, false],
  [`lpad((${NEXTVAL})::text, 4, '0'::text)`, 4, false],
  [`lpad((${NEXTVAL})::text, 4)`, 4, false],
  [`('ORD-'::text || lpad((nextval('"Odd ''s"'::regclass))::text, 6, '0'::text))`, 6, false],
  [`to_char(${NEXTVAL}, 'FM0000'::text)`, 4, false],
  [`to_char((${NEXTVAL})::numeric, '000'::text)`, 3, false],
  [`(${NEXTVAL})::character(4)`, 4, false],
  [`((${NEXTVAL})::text)::character varying(5)`, 5, false],
  [`(((${NEXTVAL})::text)::character varying(4))::bigint`, 4, false],
  [`('A'::text || ((${NEXTVAL})::text || '-B'::text))`, null, false],
  [`((('A'::text || (${NEXTVAL})::text) || '-B'::text))::character varying`, null, false],
  [`(${NEXTVAL})::integer`, null, false],
  [`('A'::text || ((${NEXTVAL})::integer)::text)`, null, true],
  [`((${NEXTVAL})::numeric(4,0))::bigint`, 4, false],
  [`(${NEXTVAL})::numeric(4,0)`, 4, false],
  [`(${NEXTVAL})::numeric(10,4)`, 6, false],
  [`(${NEXTVAL})::numeric(4,-2)`, null, true],
  [`(('O'::text || (${NEXTVAL})::text))::character varying(5)`, null, true],
  [`(('ORDER-'::text || ${NEXTVAL}))::character(10)`, null, true],
  [`(((${NEXTVAL})::text || '0'::text))::smallint`, null, true],
  [`(lpad((${NEXTVAL})::text, 4, '0'::text))::character(3)`, 4, true],
  [`((${NEXTVAL})::real)::bigint`, null, true],
  [`((${NEXTVAL})::oid)::bigint`, null, true],
  [`(${NEXTVAL})::bit(4)`, null, true],
  [`COALESCE(${NEXTVAL}, (1)::bigint)`, null, false],
  [`COALESCE((${NEXTVAL})::text, 'none'::text, ''::text)`, null, false],
  [`COALESCE(lpad((${NEXTVAL})::text, 4, '0'::text), 'none'::text)`, 4, false],
  [`COALESCE(NULL::bigint, ${NEXTVAL})`, null, true],
  [`COALESCE((${NEXTVAL} * 10), (1)::bigint)`, null, true],
  [`(${NEXTVAL} * 10)`, null, true],
  [`make_number(${NEXTVAL})`, null, true],
  [`to_char(${NEXTVAL}, 'FM9,999'::text)`, null, true],
  [`rpad((${NEXTVAL})::text, 4)`, null, true],
])('the default %s', (expression, digits, isUnknown) => {
  expect(readDefault(expression)).toEqual({ digits, unknown: isUnknown ? expression : null });
});
