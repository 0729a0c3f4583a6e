/** The privileges of the worker's role, as they were read from a server. Names are quoted where needed. */

/** The privileges of the worker's role in the connected database. */
export interface RolePrivileges {
  role: string;
  database: string;
  /** The owner of the database. */
  owner: string;
  superuser: boolean;
  /** Whether it may create, drop and advance replication slots. */
  replication: boolean;
  /** Whether it is a member of the database's owner, which ALTER DATABASE and GRANT … ON DATABASE need. */
  ownsDatabase: boolean;
  createInDatabase: boolean;
  signalsOthers: boolean;
  seesOthers: boolean;
  createsSubscriptions: boolean;
  /** The roles that are members of this one. */
  memberships: readonly Membership[];
  /** `server_version_num`, such as 180004. */
  version: number;
}

/** A role that is a member of the worker's role, directly or through others. */
export interface Membership {
  member: string;
  /** The role to which the worker's role was granted: the member itself, or one that it is a member of. */
  via: string;
  grantor: string;
}

/** A sequence on which the worker's role lacks privileges. */
export interface UnprivilegedSequence {
  schema: string;
  sequence: string;
  role: string;
  /** Whether the role may read it. */
  readable: boolean;
  /** The statements that grant what is missing. */
  grants: string;
}
