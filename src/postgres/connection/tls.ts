import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

/** One way to try a connection: without TLS, or with these options. */
export type TlsAttempt = false | ConnectionOptions;

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

/**
 * What `sslmode` and its like make of a connection, in the order to try; more than one where the mode leaves it to the server. As in psql:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS. `sslrootcert=system` means Node's own
 * authorities and those of NODE_EXTRA_CA_CERTS.
 *
 * @param setting a libpq parameter by its name, from the URL or its environment variable
 * @throws what `invalid` makes of a reason
 */
export function tlsAttempts(
  setting: (name: string) => string | undefined,
  invalid: (reason: string) => Error,
): TlsAttempt[] {
  const rootSetting = setting('sslrootcert');
  const system = rootSetting === 'system';
  const mode =
    setting('sslmode') ?? (setting('ssl') === 'true' ? 'require' : system ? 'verify-full' : 'prefer');
  if (!isMode(mode)) throw invalid(`its sslmode is none of ${modes.join(', ')}`);
  if (system && mode !== 'verify-full') {
    throw invalid(`sslmode=${mode} is too weak for sslrootcert=system, which needs sslmode=verify-full`);
  }
  if (setting('sslnegotiation') === 'direct' && modes.indexOf(mode) < modes.indexOf('require')) {
    throw invalid('sslnegotiation=direct needs sslmode=require or stronger');
  }
  if (mode === 'disable') return [false];

  const file = (name: string, path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw invalid(
        `the file of its ${name}, ${path}, cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      );
    }
  };
  const optional = (name: string, fallback: string) => {
    const path = setting(name) ?? (existsSync(fallback) ? fallback : undefined);
    return path === undefined ? undefined : file(name, path);
  };
  const folder = join(homedir(), '.postgresql');
  const cert = optional('sslcert', join(folder, 'postgresql.crt'));
  const key = cert === undefined ? undefined : optional('sslkey', join(folder, 'postgresql.key'));
  const passphrase = setting('sslpassword');
  const minVersion = protocol(setting('ssl_min_protocol_version') ?? 'TLSv1.2', invalid);
  const maxVersion = protocol(setting('ssl_max_protocol_version'), invalid);
  const identity: ConnectionOptions = {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
  };
  const unverified: TlsAttempt = { ...identity, rejectUnauthorized: false };
  if (mode === 'allow') return [false, unverified];
  if (mode === 'prefer') return [unverified, false];

  const ca = system ? undefined : optional('sslrootcert', join(folder, 'root.crt'));
  if (mode === 'require' && ca === undefined) return [unverified];
  if (ca === undefined && !system) {
    throw invalid(`sslmode=${mode} needs sslrootcert: the file of the authority, or "system"`);
  }
  const verified: ConnectionOptions = {
    ...identity,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  };
  // With a root certificate at hand, `require` is `verify-ca`, which does not look at the host's name.
  return [mode === 'verify-full' ? verified : { ...verified, checkServerIdentity: () => undefined }];
}

function isMode(text: string): text is Mode {
  return (modes as readonly string[]).includes(text);
}

function protocol(
  version: string | undefined,
  invalid: (reason: string) => Error,
): 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined {
  if (version === undefined || version === '') return undefined;
  if (version === 'TLSv1' || version === 'TLSv1.1' || version === 'TLSv1.2' || version === 'TLSv1.3')
    return version;
  throw invalid('its TLS protocol version is none of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3');
}
