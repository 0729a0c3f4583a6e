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
  [`(${NEXTVAL})::character(4)`, 4, false],
  [`((${NEXTVAL})::text)::character varying(5)`, 5, false],
  [`(${NEXTVAL} * 10)`, null, true],
  [`make_number(${NEXTVAL})`, null, true],
  [`to_char(${NEXTVAL}, 'FM9,999'::text)`, null, true],
  [`rpad((${NEXTVAL})::text, 4)`, null, true],
])('the default %s', (expression, digits, isUnknown) => {
  expect(readDefault(expression)).toEqual({ digits, unknown: isUnknown ? expression : null });
});
