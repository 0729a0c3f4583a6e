import type { ConnectionOptions } from 'node:tls';
import { readTlsFiles, type Setting } from './tls-files.js';

/** One way to connect: without TLS, or with these options. */
export type TlsAttempt = false | ConnectionOptions;

/** From the weakest to the strongest. */
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];

/**
 * The ways to connect that `sslmode` and related settings allow, in the order to try. There are several if the mode lets the server choose. As in psql:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS. `sslrootcert=system` means Node's own
 * authorities and those of NODE_EXTRA_CA_CERTS.
 *
 * @throws what `invalid` makes of a reason
 */
export function tlsAttempts(setting: Setting, invalid: (reason: string) => Error): TlsAttempt[] {
  const mode = readMode(setting, invalid);
  if (mode === 'disable') return [false];

  const files = readTlsFiles(setting, invalid);
  const identity = { ...files.identity, ...readProtocols(setting, invalid) };
  const unverified: TlsAttempt = { ...identity, rejectUnauthorized: false };
  if (mode === 'allow') return [false, unverified];
  if (mode === 'prefer') return [unverified, false];

  const ca = files.authority();
  if (mode === 'require' && ca === undefined) return [unverified];
  if (ca === undefined) {
    throw invalid(`sslmode=${mode} needs sslrootcert: the file of the authority, or "system"`);
  }
  const verified: ConnectionOptions = {
    ...identity,
    rejectUnauthorized: true,
    ...(ca !== 'system' && { ca }),
  };
  // If there is a root certificate, `require` means `verify-ca`, which does not compare the host's name.
  return [mode === 'verify-full' ? verified : { ...verified, checkServerIdentity: () => undefined }];
}

function readMode(setting: Setting, invalid: (reason: string) => Error): Mode {
  const isSystem = setting('sslrootcert') === 'system';
  const mode = setting('sslmode') ?? usualMode(setting, isSystem);
  if (!isOneOf(modes, mode)) throw invalid(`its sslmode is none of ${modes.join(', ')}`);
  if (isSystem && mode !== 'verify-full') {
    throw invalid(`sslmode=${mode} is too weak for sslrootcert=system, which needs sslmode=verify-full`);
  }
  if (setting('sslnegotiation') === 'direct' && modes.indexOf(mode) < modes.indexOf('require')) {
    throw invalid('sslnegotiation=direct needs sslmode=require or stronger');
  }
  return mode;
}

function usualMode(setting: Setting, isSystem: boolean): Mode {
  if (setting('ssl') === 'true') return 'require';
  return isSystem ? 'verify-full' : 'prefer';
}

function readProtocols(
  setting: Setting,
  invalid: (reason: string) => Error,
): Pick<ConnectionOptions, 'minVersion' | 'maxVersion'> {
  const minVersion = readVersion(setting('ssl_min_protocol_version') ?? 'TLSv1.2', invalid);
  const maxVersion = readVersion(setting('ssl_max_protocol_version'), invalid);
  return {
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
  };
}

function readVersion(text: string | undefined, invalid: (reason: string) => Error): Version | undefined {
  if (text === undefined || text === '') return undefined;
  if (!isOneOf(versions, text)) throw invalid(`its TLS protocol version is none of ${versions.join(', ')}`);
  return text;
}

function isOneOf<T extends string>(words: readonly T[], text: string): text is T {
  return (words as readonly string[]).includes(text);
}
