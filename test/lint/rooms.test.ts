import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const room = 'import-x/no-restricted-paths';
const packages = '@typescript-eslint/no-restricted-imports';
/** With the two rules that decide. They need no types, and to read those of the whole project takes ten seconds. */
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => ruleId === room || ruleId === packages,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

/** What lint says of a file of the project if it began with this line. */
async function complaints(file: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? 'syntax');
}

it.each([
  ['src/sequences/target.ts', "export * from '../contract/status.js';", room],
  ['src/sequences/target.ts', "export * from '../postgres/endpoint.js';", room],
  ['src/sequences/target.ts', "export * from 'zod';", packages],
  ['src/contract/status.ts', "export * from '../steps/identity.js';", room],
  ['src/contract/status.ts', "export * from '../postgres/endpoint.js';", room],
  ['src/contract/status.ts', "export * from '../../workflows/index.js';", room],
  ['src/steps/identity.ts', "export * from '../planning/rows/plan-page.js';", room],
  ['src/findings/fold-findings.ts', "export * from '../planning/rows/plan-page.js';", room],
  ['src/planning/rows/plan-page.ts', "export * from '../../postgres/endpoint.js';", room],
  ['src/planning/remedies/widen.ts', "export * from '../sequence/obstacles.js';", room],
  ['src/planning/sequence/obstacles.ts', "export * from '../rows/plan-page.js';", room],
  ['src/planning/pair/readiness-findings.ts', "export * from '../promotion/promotion-blocks.js';", room],
  ['src/planning/rows/plan-page.ts', "export * from 'pg';", packages],
  ['src/postgres/endpoint.ts', "export * from '../planning/rows/plan-page.js';", room],
  ['src/postgres/failures/errors.ts', "export * from '../session/session.js';", room],
  ['src/postgres/replication/read-subscriptions.ts', "export * from '../sequences/feeds.js';", room],
  ['src/config/pairs.ts', "export * from '../worker/log.js';", room],
  ['workflows/failover/run.ts', "export * from '../../src/postgres/endpoint.js';", room],
  ['workflows/failover/run.ts', "export * from '../../activities/index.js';", room],
  ['workflows/failover/run.ts', "export * from '../fleet/fleet.js';", room],
  ['workflows/pages/synchronize-page.ts', "export * from '../failover/run.js';", room],
  ['workflows/failover/run.ts', "export * from 'node:fs';", packages],
  ['activities/index.ts', "export * from '../workflows/index.js';", room],
])('in %s lint refuses: %s', async (file, line, rule) => {
  expect(await complaints(file, line)).toContain(rule);
});

it('the table of the architecture has every room', async () => {
  const { rooms } = (await import(path.join(root, 'eslint.rooms.js'))) as { rooms: Record<string, string[]> };
  const page = readFileSync(path.join(root, 'docs/explanation/architecture.md'), 'utf8');
  const described = [...page.matchAll(/^\| `([^`]+)\/`/gm)].map(([, folder]) => folder);
  expect(described.sort()).toEqual(Object.keys(rooms).sort());
});

it('allows what the rooms allow', async () => {
  expect(
    await complaints('workflows/failover/run.ts', "export * from '../pages/apply-settings.js';"),
  ).toEqual([]);
  expect(
    await complaints('src/planning/rows/plan-page.ts', "export * from '../../sequences/target.js';"),
  ).toEqual([]);
});
