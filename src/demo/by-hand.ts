import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

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
  const id = `--workflow-id ${quote(workflowId)}`;
  return [
    `export TEMPORAL_ADDRESS=${quote(address)} TEMPORAL_NAMESPACE=${quote(namespace)}`,
    ...(onPath('temporal') === cli ? [] : [`temporal() { ${quote(cli)} "$@"; }`]),
    `temporal workflow start --type sequenceFailover --task-queue ${quote(taskQueue)} \\`,
    `  ${id} \\`,
    `  --input ${quote(JSON.stringify(input))}`,
    `temporal workflow query ${id} --type status`,
    `temporal workflow query ${id} --type sequences`,
    `temporal workflow update execute ${id} --name decide \\`,
    `  --input ${quote(JSON.stringify(decision))}`,
    '# or, without waiting for the answer:',
    `temporal workflow signal ${id} --name approve \\`,
    `  --input ${quote(JSON.stringify({ by }))}`,
    `temporal workflow result ${id}`,
    `temporal workflow show ${id}`,
  ];
}

export function psqlCommands(primaryUrl: string, standbyUrl: string): string[] {
  return ['# the primary', `psql ${quote(primaryUrl)}`, '# the standby', `psql ${quote(standbyUrl)}`];
}

/** Quotes a word for a POSIX shell, if it needs quotes. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
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
