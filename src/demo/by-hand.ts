import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { WORKFLOW_TYPES } from '../contract/names.js';
import { PROMOTION_TASK_TIMEOUT } from '../contract/promotion.js';
import { shellQuoted } from '../contract/shell.js';

export interface ByHand {
  /** Path of the Temporal CLI. */
  readonly cli: string;
  readonly address: string;
  readonly namespace: string;
  /** The run that was shown. */
  readonly workflowId: string;
  readonly taskQueue: string;
}

/** Commands for the reader's own shell. */
export function shellSetup({ cli, address, namespace }: ByHand): string[] {
  return [
    `export TEMPORAL_ADDRESS=${shellQuoted(address)} TEMPORAL_NAMESPACE=${shellQuoted(namespace)}`,
    ...(onPath('temporal') === cli ? [] : [`temporal() { ${shellQuoted(cli)} "$@"; }`]),
  ];
}

/** Starts it again, and decides. */
export function startCommands({ workflowId, taskQueue }: ByHand, input: object, by: string): string[] {
  const id = `--workflow-id ${shellQuoted(workflowId)}`;
  return [
    `temporal workflow start --type ${WORKFLOW_TYPES.run} --task-queue ${shellQuoted(taskQueue)} \\`,
    `  ${id} \\`,
    `  --input ${shellQuoted(JSON.stringify(input))}`,
    `temporal workflow update execute ${id} --name decide \\`,
    `  --input ${shellQuoted(JSON.stringify({ decision: 'approve', by }))}`,
    '# or, without waiting for the answer:',
    `temporal workflow signal ${id} --name approve \\`,
    `  --input ${shellQuoted(JSON.stringify({ by }))}`,
  ];
}

/** Shows a workflow that is running or has ended. */
export function inspectCommands(workflowId: string, queries: readonly string[] = ['status']): string[] {
  const id = `--workflow-id ${shellQuoted(workflowId)}`;
  return [
    ...queries.map((query) => `temporal workflow query ${id} --type ${query}`),
    `temporal workflow result ${id}`,
    `temporal workflow show ${id}`,
    `npx sequence-failover report ${shellQuoted(workflowId)} --format html > ${shellQuoted(`${workflowId}.html`)}`,
  ];
}

/** Promotes the old primary, which is the standby now. */
export function wayBackCommands({ taskQueue }: ByHand, traffic: { url: string }): string[] {
  const input = { pair: 'reversed:default', traffic: { http: { url: traffic.url } } };
  return [
    `temporal workflow execute --type ${WORKFLOW_TYPES.promotion} --task-queue ${shellQuoted(taskQueue)} \\`,
    `  --workflow-id promote-back --task-timeout ${PROMOTION_TASK_TIMEOUT} \\`,
    `  --input ${shellQuoted(JSON.stringify(input))}`,
  ];
}

/** @param urls the databases, each by its role */
export function psqlCommands(urls: Readonly<Record<string, string>>): string[] {
  return Object.entries(urls).flatMap(([what, url]) => [`# ${what}`, `psql ${shellQuoted(url)}`]);
}

/** The program that a shell finds by this name. */
function onPath(name: string): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
