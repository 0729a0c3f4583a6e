import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresUser } from '../../../src/local/os-user.js';
import { takeLease } from '../../../src/local/reaper.js';

/** Whether the `openssl` program is here, which makes the certificates. */
export function hasOpenssl(): boolean {
  try {
    return openssl('version').startsWith('OpenSSL');
  } catch {
    return false;
  }
}

export interface Certificate {
  certificate: string;
  key: string;
}

/** An authority of the test's own, with its files in a folder that the server's user may enter. */
export class Authority {
  /** Path of the authority's own certificate, for `sslrootcert`. */
  readonly certificate: string;
  readonly #lease = takeLease('authority', () => this.remove());
  readonly #owner: { uid: number; gid: number } | undefined;

  static async create(name: string): Promise<Authority> {
    return new Authority(name, process.getuid?.() === 0 ? await postgresUser() : undefined);
  }

  private constructor(name: string, owner: { uid: number; gid: number } | undefined) {
    this.#owner = owner;
    chmodSync(this.#lease.folder, 0o755);
    this.certificate = this.#path('authority.crt');
    openssl(
      ...['req', '-x509', ...newKey, '-keyout', this.#path('authority.key'), '-out', this.certificate],
      ...['-days', '2', '-subj', `/CN=${name}`, '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
  }

  /** @param alternativeNames such as `IP:127.0.0.1,DNS:localhost`; none for a client */
  issue(
    commonName: string,
    { alternativeNames, days = 2 }: { alternativeNames?: string; days?: number } = {},
  ): Certificate {
    const certificate = this.#path(`${commonName}.crt`);
    const key = this.#path(`${commonName}.key`);
    const request = this.#path(`${commonName}.csr`);
    const extensions = this.#path(`${commonName}.ext`);
    writeFileSync(extensions, alternativeNames === undefined ? '' : `subjectAltName=${alternativeNames}\n`);
    openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${commonName}`);
    openssl(
      ...['x509', '-req', '-in', request, '-CA', this.certificate, '-CAkey', this.#path('authority.key')],
      ...['-CAcreateserial', '-out', certificate, '-days', String(days), '-extfile', extensions],
    );
    // PostgreSQL takes a key only if nobody but its own user can read it.
    chmodSync(key, 0o600);
    if (this.#owner) chownSync(key, this.#owner.uid, this.#owner.gid);
    return { certificate, key };
  }

  remove(): Promise<void> {
    return this.#lease.release();
  }

  #path(file: string): string {
    return join(this.#lease.folder, file);
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
