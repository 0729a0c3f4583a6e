import type { Server } from '../contract/status.js';
import { shellQuoted } from '../contract/shell.js';
import { printable } from '../contract/printable.js';

/** The step after a switch that moved no traffic. */
export const letConnectTo = ({ host, port, database }: Pick<Server, 'host' | 'port' | 'database'>): string =>
  `let the applications connect to ${host}:${String(port)}/${printable(database)}`;

/** The last step of every failover. The ID of a pair of a fleet has a slash, which the name of a file cannot have. */
export const keepRecord = (workflowId: string): string =>
  `keep the record: sequence-failover report ${shellQuoted(workflowId)} --format html > ${shellQuoted(`${workflowId.replaceAll('/', '-')}.html`)}`;
