import { plural } from '../contract/plural.js';
import type { SequenceRow, Status } from '../contract/status.js';
import { quoteLiteral } from '../sequences/identifier.js';
import { remedyLines } from '../terminal/remedy-lines.js';
import { printable } from '../contract/printable.js';

/**
 * The statements of a plan as a file for psql that needs neither Temporal nor a worker. It says what each statement did, and which
 * sequences it leaves out and why, both as comments and when it is run. What would block a failover is a comment, with its remedy.
 *
 * @param rows of the plan, in the order of its statements
 */
export function planFile(
  workflowId: string,
  status: Pick<Status, 'pair' | 'primaryReadAt' | 'standby' | 'findings'>,
  { rows, statements }: { rows: readonly SequenceRow[]; statements: readonly string[] },
): string[] {
  const planned = rows.filter(({ outcome }) => outcome === 'applied');
  const left = sequencesLeftOut(rows);
  const { pair, primaryReadAt, standby, findings } = status;
  const blocks = findings.filter(({ severity }) => severity === 'block');
  const server = standby === null ? '' : `${standby.host}:${standby.port}/${standby.database}`;
  const [where, at] = standby === null ? ['', ''] : [`, for ${server}`, `, ${server}`];
  return [
    comment(`Plan of the pair ${pair ?? '?'}${where}; workflow ${workflowId}`),
    comment(`The primary was read at ${primaryReadAt ?? 'an unknown time'}.`),
    comment(
      `Run it on the standby${at}: psql "$STANDBY_URL" --no-psqlrc --file plan.sql (STANDBY_URL is the URL of its database)`,
    ),
    comment(
      'Each statement moves its sequence forward to the target of the plan, and never back, even if it runs hours later.',
    ),
    comment(
      `${plural(planned.length, 'sequence is moved', 'sequences are moved')}, ${plural(left.length, 'is left out', 'are left out')}${left.length === 0 ? '' : ` (${countsOf(left)}):`}`,
    ),
    ...left.map((row) => comment(`  ${describe(row)}`)),
    ...(blocks.length === 0 ? [] : [comment('Blocks when the plan was made, each with its remedy:')]),
    ...blocks.flatMap(({ code, message, remedy }) => [
      comment(`  ${code}: ${message}`),
      ...remedyLines(remedy, { width: Number.POSITIVE_INFINITY }).map((line) => comment(`  ${line}`)),
    ]),
    '\\set QUIET on',
    // The worker's transactions are read-write by name. Sessions of a standby may be read-only by default, such as after an earlier promotion.
    // The second statement is for psql --single-transaction, whose transaction has begun already.
    'SET default_transaction_read_only TO off;',
    'SET transaction_read_only TO off;',
    // A sequence that was dropped since then makes only its own statement fail.
    '\\set ON_ERROR_STOP off',
    '\\pset format unaligned',
    '\\pset tuples_only on',
    `\\pset fieldsep ': '`,
    ...statements.map((statement, at) => reportingStatement(statement, planned[at])),
    ...(left.length === 0 ? [] : [`SELECT 'left out', ${quoteLiteral(plural(left.length, 'sequence'))};`]),
    ...left.map((row) => `SELECT 'left out', ${quoteLiteral(describe(row))};`),
  ];
}

/** The outcomes of sequences without a statement, those that need a person first. */
const LEFT_OUT: readonly (readonly [outcome: string, words: string])[] = [
  ['failed', 'cannot be set'],
  ['skipped', 'skipped'],
  ['kept', 'ahead already'],
];

const wordsFor = (outcome: string) => LEFT_OUT.find(([one]) => one === outcome)?.[1] ?? outcome;

/** The sequences of a plan that it does not set: first those that cannot be set, last those that are ahead already. */
export function sequencesLeftOut(rows: readonly SequenceRow[]): SequenceRow[] {
  const rank = ({ outcome }: SequenceRow) => LEFT_OUT.findIndex(([one]) => one === outcome);
  return rows.filter(({ outcome }) => outcome !== 'applied').sort((a, b) => rank(a) - rank(b));
}

/** For example "1 cannot be set, 2 ahead already". */
function countsOf(left: readonly SequenceRow[]): string {
  return LEFT_OUT.map(
    ([one, words]) => [left.filter(({ outcome }) => outcome === one).length, words] as const,
  )
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(', ');
}

/**
 * The statement with an answer that tells what it did. It uses the result of setval, since the server need not call a function whose result
 * is not used.
 */
function reportingStatement(statement: string, row: SequenceRow | undefined): string {
  if (row?.target == null) return statement;
  const moved = quoteLiteral(`moved, its next value is ${row.target} (setval `);
  const not = quoteLiteral(
    `not moved: it is at or beyond ${row.target} already, or has another increment now`,
  );
  const guarded = statement.replace(/;$/u, '');
  return `SELECT ${quoteLiteral(printable(row.sequence))}, coalesce((SELECT ${moved} || done.setval || ')' FROM (${guarded}) AS done), ${not});`;
}

function describe({ sequence, outcome, reason, standbyBefore }: SequenceRow): string {
  const at = outcome === 'kept' && standbyBefore !== null ? ` with the next value ${standbyBefore}` : '';
  return printable(`${sequence}: ${wordsFor(outcome)}${at}${reason === null ? '' : `, ${reason}`}`);
}

function comment(text: string): string {
  return `-- ${printable(text)}`;
}
