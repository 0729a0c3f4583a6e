/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const supported = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'dbname',
  'host',
  'options',
  'passfile',
  'password',
  'port',
  'ssl',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslnegotiation',
  'sslpassword',
  'sslrootcert',
  'user',
]);

/** These have no effect here, or belong to other tools. Hosting services put them into their URLs. */
const ignored = new Set([
  'client_encoding',
  'fallback_application_name',
  'gssdelegation',
  'gsslib',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'load_balance_hosts',
  'max_protocol_version',
  'min_protocol_version',
  'pgbouncer',
  'sslcompression',
  'sslsni',
  'supa',
  'target_session_attrs',
  'tcp_user_timeout',
  'uselibpqcompat',
]);

/** These would change which server is reached, or how well the connection is protected, and are not supported. */
const refused = new Set([
  'gssencmode',
  'hostaddr',
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_issuer',
  'oauth_scope',
  'replication',
  'require_auth',
  'requirepeer',
  'requiressl',
  'service',
  'servicefile',
  'sslcertmode',
  'sslcrl',
  'sslcrldir',
]);

/**
 * The parameters of a URL, by libpq's names; without those that change nothing.
 *
 * @param search what follows the question mark
 * @param decode undoes the percent-encoding
 * @throws what `invalid` makes of a reason
 */
export function readUrlParameters(
  search: string,
  decode: (encoded: string) => string,
  invalid: (reason: string) => Error,
): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [index, pair] of search.split('&').entries()) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (refused.has(name)) throw invalid(`its parameter ${name} is not supported; leave it out`);
    if (ignored.has(name)) continue;
    // The message does not name it: it may be the second half of a password with an unencoded question mark.
    if (!supported.has(name) || equals < 0) {
      throw invalid(`the parameter number ${index + 1} after the question mark is none of libpq's`);
    }
    parameters.set(name, decode(pair.slice(equals + 1)));
  }
  return parameters;
}
