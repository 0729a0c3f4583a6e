import { hostname, userInfo } from 'node:os';
import { VERSION } from './artifacts.js';

/** How a worker is named in histories and in the list of pollers: process, host and the version of this software. */
export function workerIdentity(): string {
  return `${process.pid}@${hostname()} sequence-failover/${VERSION}`;
}

/** How the command is named in histories: a person can recognize the user and the host, and not a number of a process. */
export function commandIdentity(): string {
  return `${userName()}@${hostname()} sequence-failover/${VERSION}`;
}

/** The user's name; the number if /etc/passwd has no name for it, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? process.pid);
  }
}

/** The version in the identity of a worker; null of a worker that does not name it. */
export function versionOfIdentity(identity: string): string | null {
  return /sequence-failover\/(\S+)$/u.exec(identity)?.[1] ?? null;
}
