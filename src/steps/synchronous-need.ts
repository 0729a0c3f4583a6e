/** The synchronous standbys of a server for which its commits wait. */
export interface SynchronousNeed {
  /** The server's synchronous_standby_names. */
  setting: string;
  /** For how many a commit waits. */
  needed: number;
  /** How many of them are connected: fewer than needed. */
  present: number;
}
