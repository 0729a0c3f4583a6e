import { classify } from '../failures/classify.js';

/** The server has no TLS, cannot agree on it, or refuses this user with it, or without it. */
export function anotherWayMayWork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    code === '28000' ||
    code === 'EPROTO' ||
    (typeof code === 'string' && /^ERR_(?:SSL|OSSL|TLS)_/.test(code)) ||
    error.message === 'The server does not support SSL connections'
  );
}

/** Of several failures, the one that the server itself has explained. */
export function mostTelling(failures: readonly unknown[]): unknown {
  return failures.find((failure) => classify(failure).sqlstate !== null) ?? failures.at(-1);
}
