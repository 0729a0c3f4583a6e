import { classify } from '../postgres/failures/classify.js';
import { SQLSTATE } from '../postgres/failures/sqlstate.js';
import type { RecordInput } from '../steps/page-steps.js';
import type { Definitions } from './ledger.js';
import { NotStoredError } from './not-stored.js';
import { isUpToDate, versionSql } from './schema-version.js';
import { abandonRuns, isRecordedSql, recordRun, recordSequences } from './statements.js';
import type { LedgerTransactions } from './transactions.js';

/**
 * Writes the rows of one round, all or none. Usually the ledger has the run already; if not, its row is written first.
 *
 * @returns the number of rows
 */
export async function recordRound(
  transactions: LedgerTransactions,
  input: RecordInput,
  definitions: Definitions,
): Promise<number> {
  try {
    return await recordRows(transactions, input, definitions);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await recordRunOf(transactions, input);
  try {
    return await recordRows(transactions, input, definitions);
  } catch (error) {
    throw error instanceof NotInLedgerError ? new NotStoredError('runs') : error;
  }
}

/** In its own transaction. Otherwise the pages of a run, which all write this row, would wait for each other's whole transactions. */
function recordRunOf(transactions: LedgerTransactions, input: RecordInput): Promise<number> {
  return transactions.write(input.identity.standby, async (query) => {
    await abandonRuns(query, input);
    await recordRun(query, input);
    return 0;
  });
}

/**
 * Three round trips.
 *
 * @param isRetry some of the rows may be there already
 * @throws NotInLedgerError if the ledger, or the run in it, has to be created first
 */
async function recordRows(
  transactions: LedgerTransactions,
  input: RecordInput,
  definitions: Definitions,
  isRetry = false,
): Promise<number> {
  const first = [versionSql, isRecordedSql(input)];
  try {
    return await transactions.writeAsItIs(
      input.identity.standby,
      first,
      async (query, [versions = [], runs = []]) => {
        if (!isUpToDate(versions) || runs.length === 0) throw new NotInLedgerError();
        await recordSequences(query, input, definitions, isRetry);
        return input.rows.length;
      },
    );
  } catch (error) {
    // An earlier attempt of the same step has written rows.
    if (isRetry || classify(error).sqlstate !== SQLSTATE.uniqueViolation) throw error;
    return recordRows(transactions, input, definitions, true);
  }
}

/** Whether the ledger, or the run in it, has to be created first. For a missing privilege, the attempt to create them gives the reason. */
function isMissing(error: unknown): boolean {
  if (error instanceof NotInLedgerError) return true;
  const { sqlstate } = classify(error);
  return (
    sqlstate === SQLSTATE.undefinedTable ||
    sqlstate === SQLSTATE.invalidSchemaName ||
    sqlstate === SQLSTATE.insufficientPrivilege
  );
}

class NotInLedgerError extends Error {
  override readonly name = 'NotInLedgerError';

  constructor() {
    super('The run is not in the ledger, or its tables are of an older version.');
  }
}
