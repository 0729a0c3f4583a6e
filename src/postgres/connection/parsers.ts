import pg, { type CustomTypesConfig } from 'pg';

const int8 = 20;
const int8Array = 1016;
const textArray = 1015;

const parserOf = pg.types.getTypeParser as (
  oid: number,
  format?: 'text' | 'binary',
) => (value: string) => unknown;

/**
 * The types in which columns arrive: pg's own, except that bigint arrives as exact decimal strings, even if other code has changed pg's
 * global parsers.
 */
export const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === int8) return (text: string) => text;
    return parserOf(oid === int8Array ? textArray : oid, format);
  }) as typeof pg.types.getTypeParser,
};
