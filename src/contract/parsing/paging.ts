import { z } from 'zod';
import { text } from './fields.js';

/**
 * The fields of a query that is answered page by page.
 *
 * @param longest characters of `after`, at most
 * @param most rows of one answer, at most
 * @param usual rows of one answer, if the query does not say
 */
export function paging({ longest, most, usual }: { longest: number; most: number; usual: number }) {
  const expected = `a whole number of rows, 1 to ${most}`;
  return {
    after: text({ what: 'the "next" of the previous answer', max: longest, control: 'all' })
      // A client's loop over the pages may begin with null, and `next` is null at the end.
      .nullable()
      .optional()
      .transform((value) => value ?? undefined),
    limit: z
      .number({ error: expected })
      .refine((value) => Number.isInteger(value) && value >= 1 && value <= most, { error: expected })
      .default(usual),
  };
}
