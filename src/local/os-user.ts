import { execFile } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whether the user (default: every user) may enter the existing folder and all its parents. */
export function mayEnter(folder: string, user?: OsUser): boolean {
  for (let path = realpathSync(folder); ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === user?.uid ? 0o100 : gid === user?.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** The operating system user `postgres`. It is created if it does not exist. */
export async function postgresUser(): Promise<OsUser> {
  try {
    return await lookUp('postgres');
  } catch {
    try {
      // If two processes run useradd at the same time, both succeed, and the name gets two ids, of which one is lost.
      await run('flock', ['/etc/passwd', 'sh', '-c', `id postgres || ${addUser}`]);
      return await lookUp('postgres');
    } catch (cause) {
      throw new Error(
        'PostgreSQL does not run as root, and the operating system user postgres is missing and could not be created. ' +
          `Create it (${addUser}), or run as an ordinary user.`,
        { cause },
      );
    }
  }
}

const addUser = 'useradd --system --user-group --no-create-home --shell /bin/sh postgres';

async function lookUp(name: string): Promise<OsUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
