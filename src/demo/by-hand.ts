import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { shellQuoted } from '../contract/shell.js';

export interface ByHand {
  /** Path of the Temporal CLI. */
  readonly cli: string;
  readonly address: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: object;
  /** Who decides. */
  readonly by: string;
}

/** Shell commands that do the same as the demo, ready to be pasted. */
export function temporalCommands(run: ByHand): string[] {
  const { cli, address, namespace, workflowId, taskQueue, input, by } = run;
  const decision = { decision: 'approve', by };
  const id = `--workflow-id ${shellQuoted(workflowId)}`;
  return [
    `export TEMPORAL_ADDRESS=${shellQuoted(address)} TEMPORAL_NAMESPACE=${shellQuoted(namespace)}`,
    ...(onPath('temporal') === cli ? [] : [`temporal() { ${shellQuoted(cli)} "$@"; }`]),
    `temporal workflow start --type sequenceFailover --task-queue ${shellQuoted(taskQueue)} \\`,
    `  ${id} \\`,
    `  --input ${shellQuoted(JSON.stringify(input))}`,
    `temporal workflow query ${id} --type status`,
    `temporal workflow query ${id} --type sequences`,
    `temporal workflow update execute ${id} --name decide \\`,
    `  --input ${shellQuoted(JSON.stringify(decision))}`,
    '# or, without waiting for the answer:',
    `temporal workflow signal ${id} --name approve \\`,
    `  --input ${shellQuoted(JSON.stringify({ by }))}`,
    `temporal workflow result ${id}`,
    `temporal workflow show ${id}`,
  ];
}

export function psqlCommands(primaryUrl: string, standbyUrl: string): string[] {
  return [
    '# the primary',
    `psql ${shellQuoted(primaryUrl)}`,
    '# the standby',
    `psql ${shellQuoted(standbyUrl)}`,
  ];
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
