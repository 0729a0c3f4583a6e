import { UsageError } from './exit-codes.js';

/** @throws UsageError for anything but a number from 1 to 9999 */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,3}$/u.test(text)) return Number(text);
  throw new UsageError(`${option} is a number from 1 to 9999, not ${text}`);
}
