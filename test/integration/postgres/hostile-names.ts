const raws = [
  'MixedCase',
  'two words',
  'a"quote"',
  "an'apostrophe",
  'dot.ted',
  'semi;colon; DROP TABLE x; --',
  'new\nline\r\n\ttab',
  '%s %1$I %% %',
  'back\\slash\\',
  '\u{1f600}'.repeat(15) + 'abc',
  'größe_数列_Ω',
  'select',
  '$1',
  '{a,b}',
  ' ',
  '/* comment */',
  'e\u0301',
  '\u00e9',
];

/** Names of sequences that break what builds SQL by hand; the longest has PostgreSQL's limit of 63 bytes. */
export const hostileNames = raws.map((raw) => ({ raw, quoted: `"${raw.replaceAll('"', '""')}"` }));
