/** The synchronous standbys of a server for which its commits wait. */
export interface SynchronousNeed {
  /** The server's synchronous_standby_names. */
  setting: string;
  /** For how many a commit waits. */
  needed: number;
  /** How many of them are connected: fewer than needed. */
  present: number;
  /** The number of login roles of the database, and of those whose commits wait: by `synchronous_commit`, 1 or more. */
  roles: number;
  waiting: number;
  /** The names of the first of those whose commits wait, quoted where SQL needs it. */
  named: string[];
}
