import { secondsBetween, timeText } from '../sequences/time-text.js';

/**
 * What is left of the outage budget of a promotion or a fleet.
 *
 * @param outageBudget as the input has it; null if it is not known yet
 */
export function budgetLeft(deadline: string, outageBudget: string | null, now: number): string {
  return `${timeText(secondsBetween(now, Date.parse(deadline)))} left of ${outageBudget ?? 'its budget'}`;
}
