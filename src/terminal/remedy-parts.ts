import stringWidth from 'string-width';
import { wrapCommand } from './wrap-command.js';
import { wrapWords } from './wrap-words.js';

/** A part of a remedy: prose, or a statement or a command, which is copied whole. */
export interface RemedyPart {
  kind: 'prose' | 'code';
  text: string;
}

const STATEMENT =
  'ALTER|ANALYZE|COMMIT|CREATE|DELETE|DO|DROP|GRANT|INSERT|LOCK|RESET|REVOKE|ROLLBACK|SELECT|SET|TRUNCATE|UPDATE|WITH';
const COMMAND = 'sequence-failover|temporal|psql|pg_dump|npm|npx';

/** Code begins a remedy, or stands after a colon, after a semicolon, or after "or" between two statements. */
const BEGIN = new RegExp(
  String.raw`(?<=^|[:;] |; or |^or )(?:(?<statement>(?:${STATEMENT})(?=[ ;]))|(?<command>(?:${COMMAND}) ))`,
  'gu',
);

/** Quoted text and the body of a DO, in which a semicolon ends nothing. */
const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$`;
/** Up to the semicolon, with it. */
const UNTIL_SEMICOLON = new RegExp(String.raw`^(?:${QUOTED}|[^;'"]|['"])*?(?:;|$)`, 'u');
/** Up to what goes on in words. */
const UNTIL_WORDS = new RegExp(
  String.raw`^(?:${QUOTED}|[^'"]|['"])*?(?=[;,.]? (?:and|or|then|if|to|shows) |[;,.] [A-Za-z]|$)`,
  'u',
);

/** Takes a remedy apart, so that its prose can be wrapped, and each statement and each command be copied. */
export function remedyParts(remedy: string): RemedyPart[] {
  const parts: RemedyPart[] = [];
  let rest = remedy;
  for (;;) {
    BEGIN.lastIndex = 0;
    const found = BEGIN.exec(rest);
    if (found === null) break;
    const prose = rest.slice(0, found.index).trim();
    if (prose !== '') parts.push({ kind: 'prose', text: prose });
    const from = rest.slice(found.index);
    const [code = from] =
      (found.groups?.['statement'] === undefined ? UNTIL_WORDS : UNTIL_SEMICOLON).exec(from) ?? [];
    parts.push({ kind: 'code', text: code.trim() });
    rest = from.slice(code.length).replace(/^[;,.]? +/u, '');
  }
  if (rest.trim() !== '') parts.push({ kind: 'prose', text: rest.trim() });
  return parts;
}

/** JSON and quoted texts in prose, such as `{"accept": ["a"]}`, are words that are not broken. */
const PROSE_WORD = /(?:\{(?=")(?:"(?:[^"\\]|\\.)*"|[^"])*?\}(?![\]},])|(?<=^|[\s(=])'[^']*'|\S)+/gu;

/** Wraps prose at its spaces, but not inside JSON or quotes, in which a line break would count. */
export const wrapProse = (text: string, width: number): string[] =>
  wrapWords(text, width, stringWidth, PROSE_WORD);

/** What a statement is made of: quoted texts, in which a line break would count, stay whole. */
const CODE_WORD = /(?:'(?:[^'\\]|\\.)*'|"[^"]*"|\S)+/gu;

const SHELL = new RegExp(`^(?:${COMMAND}) `, 'u');

/** Whether code is a command for a shell, and no statement. */
export const isCommand = (code: string): boolean => SHELL.test(code);

/** For a screen, which cuts long lines: a statement is broken where a line break does no harm, a command with backslashes. */
export function wrapCode(code: string, width: number): string[] {
  return isCommand(code) ? wrapCommand(code, width) : wrapWords(code, width, stringWidth, CODE_WORD);
}
