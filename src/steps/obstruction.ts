/** Something on a server that hinders a switch, or that a switch leaves behind. */
export interface Obstruction {
  /**
   * `unpublished`: a table that no publication has. `partly`: a table that is published only in part. `identity`: a table without a replica
   * identity. `closed`: a publication to which no table can be added. `gone`: a publication that the standby subscribes to, and that
   * the primary does not have. `hidden`: a default, a trigger or a rule that may call nextval, without a sequence and a column that the catalog names.
   * `assigned`: a column with a sequence to which a trigger assigns another value. `digest`: no obstruction, but a digest of all tables.
   */
  kind:
    | 'transaction'
    | 'prepared'
    | 'slot'
    | 'identity'
    | 'unpublished'
    | 'partly'
    | 'closed'
    | 'gone'
    | 'largeObjects'
    | 'writer'
    | 'table'
    | 'hidden'
    | 'assigned'
    | 'digest';
  /** A pid, a name, or a count. */
  what: string;
  /** The owner of a session or transaction, and its age in seconds. Of `assigned`: the trigger, quoted, as owner. */
  owner: string | null;
  seconds: number | null;
  /** The wal_status of a slot; the digest of a table's columns, or of a trigger that assigns. */
  state: string | null;
  /** Of a slot: why it is lost, or how many bytes of WAL it may lag until then. Of `hidden`: what calls nextval. Of `assigned`: the function of the trigger. */
  detail: string | null;
}
