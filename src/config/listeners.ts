import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

/** An address that a process listens on. */
export interface Listener {
  host: string;
  port: number;
}

/** LISTEN_ADDRESS, the address of all ports of a process. By default only this machine can reach them. */
export function readListenAddress(environment: Environment): string {
  return environment.text('LISTEN_ADDRESS') ?? '127.0.0.1';
}

/** The port in the variable `name`; null if it is not set, or if it has added a problem. */
export function readListener(name: string, environment: Environment, problems: Problems): Listener | null {
  const text = environment.text(name);
  if (text === null) return null;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535)
    return { host: readListenAddress(environment), port };
  problems.add(name, 'expected a port from 1 to 65535; the address goes into LISTEN_ADDRESS');
  return null;
}

/** Such as `127.0.0.1:9464`. */
export function describeListener({ host, port }: Listener): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
