/**
 * JSON and quoted texts in prose, such as `{"accept": ["a"]}` or `--table='"It'\''s"."a b"'`, are words that are not broken: a line break
 * inside of them would count.
 */
export const PROSE_WORD =
  /(?:\{(?=")(?:"(?:[^"\\]|\\.)*"|[^"])*?\}(?![\]},])|(?<=^|[\s(=])'[^']*'(?:\\''[^']*')*|\S)+/gu;
