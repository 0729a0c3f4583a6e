import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

/** A libpq parameter by its name, from the URL or its environment variable. */
export type Setting = (name: string) => string | undefined;

/** The certificates of a connection: its own, and the authority that it trusts. */
export interface TlsFiles {
  /** The client's certificate and its key. */
  identity: Pick<ConnectionOptions, 'cert' | 'key' | 'passphrase'>;
  /**
   * Reads the certificate of the authority. `system` means Node's own list. Undefined if there is none.
   *
   * @throws what `invalid` makes of a reason
   */
  authority: () => string | undefined;
}

/**
 * Reads the files that the settings name, or else libpq's default files in the home directory:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-FILE-USAGE
 *
 * @throws what `invalid` makes of a reason
 */
export function readTlsFiles(setting: Setting, invalid: (reason: string) => Error): TlsFiles {
  const read = (name: string, defaultName: string): string | undefined => {
    const fallback = join(homedir(), '.postgresql', defaultName);
    const path = setting(name) ?? (existsSync(fallback) ? fallback : undefined);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw invalid(`the file of its ${name}, ${path}, cannot be read (${code})`);
    }
  };
  const cert = read('sslcert', 'postgresql.crt');
  const key = cert === undefined ? undefined : read('sslkey', 'postgresql.key');
  const passphrase = setting('sslpassword');
  return {
    identity: {
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(passphrase !== undefined && { passphrase }),
    },
    authority: () => (setting('sslrootcert') === 'system' ? 'system' : read('sslrootcert', 'root.crt')),
  };
}
