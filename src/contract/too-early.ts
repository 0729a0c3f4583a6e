/**
 * How a worker refuses a query that it cannot answer yet. Clients know it by this text: the server passes on nothing else of a failed query.
 */
export const TOO_EARLY =
  'Ask again in a few seconds: this worker has just taken over the workflow, and has read events that may still wait for their workflow task.';
