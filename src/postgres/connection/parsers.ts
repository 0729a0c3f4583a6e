import pg, { type CustomTypesConfig } from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1015;

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
    if (oid === INT8) return (text: string) => text;
    return parserOf(oid === INT8_ARRAY ? TEXT_ARRAY : oid, format);
  }) as typeof pg.types.getTypeParser,
};
