import { escapeIdentifier } from 'pg';
import { routineOf } from './own-reason.js';

/** The first name in quotes of any language. Before a session has an encoding, » is sent as >>. */
const quoted = /(?:["«»„“「]|>>|<<)\s*(.+?)\s*(?:["»«“”」]|<<|>>)/u;

const endIdle = 'or end sessions that pg_stat_activity shows as idle.';

/**
 * The remedy if a server accepts no more connections, by the limit that was reached. The limit is recognised by the source function in the error, since messages are
 * translated: https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export function tooManyConnectionsRemedy(error: Error): string {
  const routine = routineOf(error);
  const [, name] = quoted.exec(error.message) ?? [];
  const named = (placeholder: string) => (name === undefined ? placeholder : escapeIdentifier(name));
  if (routine === 'InitializeSessionUserId')
    return `One connection is enough. If the error persists, on that server: ALTER ROLE ${named('<role>')} CONNECTION LIMIT 4; ${endIdle}`;
  if (routine === 'CheckMyDatabase')
    return `One connection is enough. If the error persists, on that server: ALTER DATABASE ${named('<database>')} CONNECTION LIMIT -1; ${endIdle}`;
  return `If the error persists: raise max_connections (needs a restart), ${endIdle}`;
}
