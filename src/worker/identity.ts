import { hostname } from 'node:os';
import { VERSION } from './artifacts.js';

/** How a worker is named in histories and in the list of pollers: process, host and the version of this software. */
export function workerIdentity(): string {
  return `${process.pid}@${hostname()} sequence-failover/${VERSION}`;
}

/** The version in the identity of a worker; null of a worker that does not name it. */
export function versionOfIdentity(identity: string): string | null {
  return /sequence-failover\/(\S+)$/u.exec(identity)?.[1] ?? null;
}
