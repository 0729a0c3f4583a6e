import type { Identity } from '../../steps/identity.js';
import type { Endpoint, Side } from '../endpoint.js';
import { ownReason } from './own-reason.js';

/** A connection URL, or what it refers to, cannot be used. The message never shows the URL or a part that may be secret. */
export class InvalidConnectionError extends Error {
  override readonly name = 'InvalidConnectionError';
  constructor(side: Side, reason: string) {
    super(`The connection URL of the ${side} cannot be used: ${reason}.`);
  }
}

/** The server asks for a password, and none is configured. */
export class NoPasswordError extends Error {
  override readonly name = 'NoPasswordError';
  constructor(side: Side, reason: string) {
    super(
      `The ${side} asks for a password and there is none in its URL or PGPASSWORD, and ${reason}. ` +
        'Add it to the URL, or a line host:port:database:user:password to the password file.',
    );
  }
}

/** The session does not lead to the database that the run began with. */
export class WrongServerError extends Error {
  override readonly name = 'WrongServerError';
  constructor(
    readonly side: Side,
    address: Endpoint['address'],
    readonly expected: Identity,
    readonly found: Identity,
  ) {
    super(
      `The ${side}'s address ${address.host}:${address.port}/${address.database} leads to another database than the run began with: ` +
        `expected ${describe(expected)}, found ${describe(found)}. Nothing was done there. ` +
        'Let the address lead to the first one again, or start a new run.',
    );
  }
}

function describe({ database, databaseOid, systemIdentifier, mark }: Identity): string {
  const server = mark === undefined ? '' : `, ${mark}`;
  return `${JSON.stringify(database)} (oid ${databaseOid}) of the system ${systemIdentifier}${server}`;
}

/** A connection could not be made or was lost; see `cause`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  constructor(
    readonly side: Side,
    readonly address: Endpoint['address'],
    what: 'cannot be made' | 'was lost',
    override readonly cause: unknown,
  ) {
    const { host, port, database } = address;
    super(`The connection to the ${side} at ${host}:${port}/${database} ${what}: ${ownReason(cause)}`);
  }
}

/** The server answered a COMMIT with a rollback: a statement had failed, and the work had continued. */
export class NotCommittedError extends Error {
  override readonly name = 'NotCommittedError';
  constructor(side: Side) {
    super(
      `The ${side} rolled the transaction back instead of committing it, since a statement in it had failed.`,
    );
  }
}

/** A COMMIT waited for synchronous replication until it was cancelled. It is durable on this server, but maybe on no standby. */
export class NotReplicatedError extends Error {
  override readonly name = 'NotReplicatedError';
  constructor(
    side: Side,
    override readonly cause: unknown,
  ) {
    super(
      `A COMMIT on the ${side} waited for synchronous replication until it was cancelled: none of the standbys that ` +
        `synchronous_standby_names of the ${side}'s server asks for has confirmed it.`,
    );
  }
}
