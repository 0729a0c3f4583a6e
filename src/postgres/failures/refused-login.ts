import type { Side } from '../endpoint.js';
import { databaseOf, roleOf } from './login.js';
import { routineOf } from './own-reason.js';
import { SQLSTATE } from './sqlstate.js';

/**
 * The statements after which a server takes the login that it has refused. The cause is recognised by the source function in the error, since
 * messages are translated: https://www.postgresql.org/docs/current/protocol-error-fields.html
 *
 * @param side of the connection; null if it is not known
 * @returns null for an error of a pooler, which has no source function, and for any other error
 */
export function refusedLoginRemedy(error: Error, sqlstate: string | null, side: Side | null): string | null {
  const on = side === null ? 'on that server' : `on the ${side}`;
  const role = roleOf(error);
  switch (`${String(sqlstate)} ${String(routineOf(error))}`) {
    case `${SQLSTATE.invalidAuthorizationSpecification} InitializeSessionUserId`:
      return `If the role exists, let it log in, ${on}, as a superuser: ALTER ROLE ${role} LOGIN;`;
    case `${SQLSTATE.invalidAuthorizationSpecification} ClientAuthentication`:
      return `Let pg_hba.conf allow the connection by a line before the one that refuses it. Its path, ${on}, as a superuser: SHOW hba_file; and once it is changed: SELECT pg_reload_conf();`;
    case `${SQLSTATE.invalidPassword} auth_failed`:
      return `If the password is right, it may have expired; to let it be valid for ever, ${on}, as a superuser: ALTER ROLE ${role} VALID UNTIL 'infinity';`;
    case `${SQLSTATE.objectNotInPrerequisiteState} CheckMyDatabase`:
      return `To let it take connections, ${on}, in another database, as a superuser: ALTER DATABASE ${databaseOf(error)} ALLOW_CONNECTIONS true;`;
    default:
      return null;
  }
}
