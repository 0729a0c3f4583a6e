import {
  isPartial,
  parseRemedy,
  type RemedyPart,
  renderRemedy,
  withAndSoOn,
  withoutAndSoOn,
} from './remedy-text.js';

/** The largest size of the statements of a finding about many, in characters. */
const STATEMENTS_AT_MOST = 8_000;

/**
 * One remedy for all findings. Remedies that differ only in their statements become one list of statements, as long as it fits. Grants on
 * single sequences become grants on all sequences of the schema.
 */
export function foldRemedies(remedies: readonly string[]): string {
  const [first = '', ...others] = [...new Set(remedies.map(withoutAndSoOn))];
  let isWhole = !remedies.some(isPartial);
  if (others.length === 0) return isWhole || first === '' ? first : withAndSoOn(first);
  const frame = framed(first);
  if (frame === null) return withAndSoOn(first);
  const parts: string[] = [];
  const seen = new Set<string>();
  let size = 0;
  for (const remedy of [first, ...others]) {
    const one = framed(remedy);
    if (one?.before !== frame.before || one.after !== frame.after) {
      isWhole = false;
      continue;
    }
    for (const statement of one.statements) {
      if (seen.has(statement)) continue;
      seen.add(statement);
      size += statement.length;
      if (size <= STATEMENTS_AT_MOST || parts.length === 0) parts.push(statement);
      else isWhole = false;
    }
  }
  const folded = `${frame.before}${parts.join(' ')}${frame.after}`;
  return isWhole ? folded : withAndSoOn(folded);
}

/** A remedy, in which statements of other remedies can be added to its own. */
interface Framed {
  before: string;
  /** One text, unless all of them are grants. */
  statements: readonly string[];
  after: string;
}

/** The first words of the statements that can be listed. Others, such as SET, come before them once. */
const LISTED = /^(?:ALTER|CREATE|DO|GRANT|SELECT) /u;

/** @returns null if the remedy has no statements that can be listed */
function framed(remedy: string): Framed | null {
  const parts = parseRemedy(remedy);
  const from = parts.findIndex((part) => isComplete(part) && LISTED.test(part.text));
  if (from === -1) return null;
  const to = parts.findLastIndex(isComplete) + 1;
  const listed = parts.slice(from, to);
  const statements = listed.filter(({ text }) => text !== ' ').map(({ text }) => text);
  return {
    before: renderRemedy(parts.slice(0, from)),
    statements: statements.every(isGrant) ? statements.map(onAllOfSchema) : [renderRemedy(listed)],
    after: renderRemedy(parts.slice(to)),
  };
}

const isComplete = ({ kind, text }: RemedyPart) => kind === 'statement' && text.endsWith(';');
const isGrant = (statement: string) => statement.startsWith('GRANT ');

const NAME = '(?:"(?:[^"]|"")*"|[^\\s".]+)';
const ON_SEQUENCE = new RegExp(`^(GRANT [A-Z, ]+) ON SEQUENCE (${NAME})\\.${NAME} TO `, 'u');

function onAllOfSchema(grant: string): string {
  return grant.replace(ON_SEQUENCE, '$1 ON ALL SEQUENCES IN SCHEMA $2 TO ');
}
