import pg from 'pg';
import type { Scene } from './scene.js';
import { insertOrder } from './shop.js';
import { query } from './query.js';

/** SQLSTATE unique_violation, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const uniqueViolation = '23505';

/** Shows the problem: an insert on a standby whose sequences were not moved. */
export async function showProblem({ screen, stage: { shop } }: Scene): Promise<void> {
  const { red, dim } = screen.colors;
  screen.heading('The problem: an insert on a standby whose sequences nobody has moved');
  // Wait until the standby has the rows with which the ids collide.
  await shop.caughtUp();
  const { severity, message, detail } = await refusalOf(shop.standbyUrl, insertOrder);
  screen.lines([
    `${dim('standby>')} ${insertOrder};`,
    red(`${severity ?? 'ERROR'}:  ${message}`),
    ...(detail === undefined ? [] : [red(`DETAIL:  ${detail}`)]),
  ]);
  await shop.caughtUp();
  screen.prose(
    'Rows are replicated, sequences are not. After a promotion now, the inserts of the application would fail like this one. (The subscription continues.)',
  );
}

async function refusalOf(url: string, sql: string): Promise<pg.DatabaseError> {
  try {
    await query(url, sql);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === uniqueViolation) return error;
    throw error;
  }
  throw new Error(`The standby took ${sql}, although nobody has synchronized its sequences yet.`);
}
