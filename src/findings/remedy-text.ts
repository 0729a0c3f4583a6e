import { withoutEnd } from '../contract/parsing/text.js';
import type { SideOfPair } from '../contract/side.js';

/**
 * The grammar of a remedy. Histories, statuses and reports have each remedy as one text, which a person can follow without a program. Everything
 * that writes a special part of that text, or finds one in it, does so here.
 *
 *     remedy = { prose | statement | command } [ " (the same for the others: …)" ] [ "; then " next step ]
 *
 * - A statement or a command begins the remedy, or stands after ": ", after "; ", after "; or ", or after another one.
 * - A statement begins with a word of SQL in capitals, and ends with its semicolon.
 * - A command begins with the name of a program. It ends before ";", "," or "." and a word, before "and", "or", "then", "if", "to" or "shows",
 *   or at the end.
 * - The rest is prose. The prose before a statement names the side: "on the primary", "on the standby", "on both sides", "on the primary
 *   likewise". A statement after prose with a colon is the first of a paste; its side is the one that was named last.
 * - What stands in quotes, or is the body of a DO, is none of this.
 */
export interface RemedyPart {
  kind: 'prose' | 'statement' | 'command';
  /** Exactly as in the remedy, with the spaces and the punctuation around prose. */
  text: string;
}

/** The first words of statements that a read-only session refuses. */
export const WRITING = 'ALTER|CREATE|DELETE|DO|DROP|GRANT|INSERT|REVOKE|TRUNCATE|UPDATE';
const STATEMENT = `${WRITING}|ANALYZE|COMMIT|LOCK|RESET|ROLLBACK|SELECT|SET|SHOW|WITH`;
const COMMAND = 'sequence-failover|temporal|psql|pg_dump|npm|npx';

/** A name, a literal, a word of a shell, or the body of a DO. An apostrophe after a letter, as in "the standby's", opens nothing. */
const QUOTED = [
  String.raw`"(?:[^"]|"")*"`,
  // A word of a shell with an apostrophe in it: 'it'\''s'.
  String.raw`(?<=[\s=])'[^']*'(?:\\''[^']*')+`,
  String.raw`\$'(?:[^'\\]|\\.)*'`,
  String.raw`(?<![\p{L}\p{N}_$])E?'(?:[^'\\]|\\.)*'`,
  String.raw`\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$`,
].join('|');

const BEGIN = new RegExp(
  String.raw`${QUOTED}|(?<=^|[:;] |; or |^or )(?:(?<statement>(?:${STATEMENT})(?=[ ;]))|(?<command>(?:${COMMAND}) ))`,
  'gu',
);
/** Up to the semicolon, with it. */
const UNTIL_SEMICOLON = new RegExp(String.raw`^(?:${QUOTED}|[^;])*?(?:;|$)`, 'u');
/** https://www.gnu.org/software/bash/manual/html_node/Quoting.html */
const QUOTED_IN_SHELL = String.raw`\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.`;
/** Up to what goes on in words. */
const UNTIL_WORDS = new RegExp(
  String.raw`^(?:${QUOTED_IN_SHELL}|[\s\S])*?(?=[;,.]? (?:and|or|then|if|to|shows) |[;,.] [A-Za-z]|$)`,
  'u',
);
/** Between a statement or a command and what follows. */
const SEPARATOR = /^[;,.]? +/u;

/** Takes a remedy apart. {@link renderRemedy} puts the parts together again. */
export function parseRemedy(remedy: string): RemedyPart[] {
  const parts: RemedyPart[] = [];
  const add = (kind: RemedyPart['kind'], text: string) => {
    if (text !== '') parts.push({ kind, text });
  };
  let [separator, rest] = ['', remedy];
  for (;;) {
    const begin = beginOfCode(rest);
    if (begin === null) break;
    const { at, kind } = begin;
    add('prose', separator + rest.slice(0, at));
    const from = rest.slice(at);
    const [text = from] = (kind === 'command' ? UNTIL_WORDS : UNTIL_SEMICOLON).exec(from) ?? [];
    add(kind, text);
    [separator = ''] = SEPARATOR.exec(from.slice(text.length)) ?? [];
    rest = from.slice(text.length + separator.length);
  }
  add('prose', separator + rest);
  return parts;
}

function beginOfCode(text: string): { at: number; kind: 'statement' | 'command' } | null {
  for (const { index: at, groups } of text.matchAll(BEGIN)) {
    if (groups?.['statement'] !== undefined) return { at, kind: 'statement' };
    if (groups?.['command'] !== undefined) return { at, kind: 'command' };
  }
  return null;
}

export const renderRemedy = (parts: readonly RemedyPart[]): string => parts.map(({ text }) => text).join('');

/** The parts of a remedy for a reader, each in a place of its own: prose without the punctuation that separates it from code. */
export function shownParts(remedy: string): RemedyPart[] {
  return parseRemedy(remedy)
    .map(({ kind, text }) => ({ kind, text: (kind === 'prose' ? text.replace(SEPARATOR, '') : text).trim() }))
    .filter(({ text }) => text !== '');
}

const SIDE = new RegExp(
  String.raw`${QUOTED}|\bon (?:the (?<side>primary|standby)(?<too> likewise)?|(?<both>both sides))\b`,
  'gu',
);

/** The sides that a part of a remedy names for the statements after it. */
export function sidesNamed({ kind, text }: RemedyPart): SideOfPair[] {
  if (kind !== 'prose') return [];
  return [...text.matchAll(SIDE)].flatMap(({ groups: { side, too, both } = {} }): SideOfPair[] => {
    if (both !== undefined || too !== undefined) return ['primary', 'standby'];
    return side === undefined ? [] : [side as SideOfPair];
  });
}

/** Whether a part is the first statement of a paste. @param before the part before it */
export const beginsPaste = ({ kind }: RemedyPart, before: RemedyPart | undefined): boolean =>
  kind === 'statement' && before?.kind === 'prose' && before.text.endsWith(': ');

/** What a person does once the remedy is done. */
export const NEXT_STEP = {
  again: 'start the run again',
  check: 'start a run in the mode check',
  recheck: 'wait for the next recheck',
  resynchronize: 'signal resynchronize',
} as const;

export type NextStep = (typeof NEXT_STEP)[keyof typeof NEXT_STEP];

/** The remedy with the next step at its end. */
export const withNextStep = (remedy: string, step: NextStep): string => `${withoutEnd(remedy)}; then ${step}`;

/** On a terminal a command stands for `signal resynchronize`. */
const NEXT = new RegExp(
  `^(.*); then (${Object.values(NEXT_STEP).join('|')}|(?:run )?sequence-failover .*)$`,
  'su',
);

/**
 * Takes the next step from the end of a remedy. A statement at the end of what is left has its semicolon again: without it, psql would wait.
 *
 * @returns `next` is null if the remedy has none
 */
export function splitNextStep(remedy: string): { remedy: string; next: string | null } {
  const [, before, next] = NEXT.exec(remedy) ?? [];
  if (before === undefined || next === undefined) return { remedy, next: null };
  return { remedy: withLastSemicolon(before), next };
}

function withLastSemicolon(remedy: string): string {
  const last = parseRemedy(remedy).at(-1);
  return last?.kind === 'statement' && !last.text.endsWith(';') ? `${remedy};` : remedy;
}

/** The end of a remedy that does not cover all sequences. */
export const AND_SO_ON =
  ' (the same for the others: a run in the mode verify with at most 200 of them in "include" has the remedy of each)';

/** The remedy of a finding about many, of which it covers only a part. */
export const withAndSoOn = (remedy: string): string => `${withoutAndSoOn(remedy)}${AND_SO_ON}`;

export const isPartial = (remedy: string): boolean => remedy.endsWith(AND_SO_ON);

export const withoutAndSoOn = (remedy: string): string =>
  isPartial(remedy) ? remedy.slice(0, -AND_SO_ON.length) : remedy;
