import { text, wholeNumber } from './fields.js';

/**
 * The fields of a query that is answered page by page.
 *
 * @param longest characters of `after`, at most
 * @param most rows of one answer, at most
 * @param defaultLimit rows of one answer, if the query does not say
 */
export function paging({
  longest,
  most,
  defaultLimit,
}: {
  longest: number;
  most: number;
  defaultLimit: number;
}) {
  return {
    after: text({ what: 'the "next" of the previous answer', max: longest, control: 'all' })
      // A client's loop over the pages may begin with null, and `next` is null at the end.
      .nullable()
      .optional()
      .transform((value) => value ?? undefined),
    limit: wholeNumber(`a whole number of rows, 1 to ${most}`, { min: 1, max: most }).default(defaultLimit),
  };
}
