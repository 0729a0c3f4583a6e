import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';

/** The server has no TLS, TLS could not be negotiated, or the server refuses this user with TLS or without it. */
export function mayTryNextTlsMode(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    code === SQLSTATE.invalidAuthorizationSpecification ||
    code === 'EPROTO' ||
    (typeof code === 'string' && /^ERR_(?:SSL|OSSL|TLS)_/.test(code)) ||
    error.message === 'The server does not support SSL connections'
  );
}

/** The failure that the server itself reported, among several. */
export function reportedByServer(failures: readonly unknown[]): unknown {
  return failures.find((failure) => classify(failure).sqlstate !== null) ?? failures.at(-1);
}
