/** Options for the beginning of a session. */
export interface SessionOptions {
  /** Use BEGIN's short timeout for every statement, so that a dead peer is noticed quickly. */
  isProbe?: boolean;
  /**
   * Send BEGIN and the settings in a message of their own: before PostgreSQL 13, the statement_timeout with which a message begins holds for
   * all of it (https://www.postgresql.org/docs/13/runtime-config-client.html#GUC-STATEMENT-TIMEOUT). A message of several statements then
   * gets the time of all of them.
   */
  beginsAlone?: boolean;
}
