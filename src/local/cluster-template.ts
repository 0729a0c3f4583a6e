import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { OsUser } from './os-user.js';

const run = promisify(execFile);

/**
 * The folder of data directories that initdb has made, for a run of the tests; unset elsewhere. To copy one takes a tenth of the time of initdb.
 * Every process of the run takes from it, and adds what is missing.
 */
export const TEMPLATES = 'SEQUENCE_FAILOVER_CLUSTER_TEMPLATES';

/**
 * The templates of the clusters that this process has now, by data directory. Each has another one, since a copy has the system identifier of
 * its template.
 */
const used = new Map<string, string>();

/** The password of the superuser where a test needs none of its own, so that its cluster can be a copy; undefined without templates. */
export function templatePassword(): string | undefined {
  const folder = process.env[TEMPLATES];
  return folder === undefined ? undefined : basename(folder);
}

/** The cluster that is wanted. */
interface Wanted {
  name: string;
  /** The language of the server's messages; absent: English. */
  language?: string;
  dataDirectory: string;
  password: string;
  binaries: { version: string; user: OsUser | undefined };
}

/**
 * Makes the data directory as a copy of a template. A template that is missing is created first.
 *
 * @param create runs initdb in a directory that exists and is empty
 * @returns false if this cluster needs an initdb of its own
 */
export async function copyTemplate(
  { name, language, dataDirectory, password, binaries: { version, user } }: Wanted,
  create: (directory: string) => Promise<void>,
): Promise<boolean> {
  const folder = process.env[TEMPLATES];
  if (folder === undefined || language !== undefined) return false;
  const hash = createHash('sha256').update(password).digest('hex').slice(0, 12);
  const kind = `${version}-${name}-${hash}`.replaceAll(/[^a-z0-9.]+/giu, '-');
  const template = firstUnused((number) => join(folder, `${kind}-${number}`));
  used.set(dataDirectory, template);
  if (!existsSync(template)) {
    const own = mkdtempSync(`${template}-`);
    const data = join(own, 'data');
    mkdirSync(data);
    chmodSync(own, 0o711);
    if (user) chownSync(data, user.uid, user.gid);
    await create(data);
    try {
      renameSync(data, template);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(template)) throw error;
    }
    rmSync(own, { recursive: true });
  }
  await run('cp', ['-a', `${template}/.`, dataDirectory]);
  return true;
}

/** Another cluster may be a copy of the same template. To be called when a cluster is removed. */
export function releaseTemplate(dataDirectory: string): void {
  used.delete(dataDirectory);
}

function firstUnused(template: (number: number) => string): string {
  const taken = new Set(used.values());
  for (let number = 1; ; number++) if (!taken.has(template(number))) return template(number);
}
