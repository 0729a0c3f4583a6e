import type { Classification } from './classify.js';

/** What happened and what to do, as sentences: every remedy of a classification begins with a capital letter. */
export function withRemedy({ reason, remedy }: Pick<Classification, 'reason' | 'remedy'>): string {
  return `${reason.replace(/\.$/u, '')}. ${remedy}`;
}
