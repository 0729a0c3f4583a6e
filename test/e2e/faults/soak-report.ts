import { appendFileSync } from 'node:fs';

/** Adds a line to the report of `npm run test:soak`; does nothing in `npm test`. */
export function report(round: object): void {
  const file = process.env['SOAK_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(round)}\n`);
}
