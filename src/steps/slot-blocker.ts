/** A transaction of the standby's server for whose end the creation of a logical slot waits. */
export interface SlotBlocker {
  /** The process; null for a prepared transaction. */
  pid: number | null;
  /** The name of a prepared transaction; null for that of a process. */
  gid: string | null;
  role: string;
  application: string;
  /** It may be another one than that of the slot. */
  database: string;
  /** Since when, as a text of the server; `?` if the role may not see it. */
  since: string;
  /** Its age in whole seconds; 0 if the role may not see it. */
  seconds: number;
  /** Whether the process is no session of a client, for example the apply worker of a subscription. */
  background: boolean;
}
