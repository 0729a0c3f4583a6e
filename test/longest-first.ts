import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The test files that take a minute or more, with their seconds in a whole run on two cores. Some of them mostly wait, for instance for a
 * server that is dead, although their files are small.
 */
export const LONG_FILES: Readonly<Record<string, number>> = {
  'test/e2e/promotion/lost-servers.test.ts': 340,
  'test/e2e/faults/primary-lost.test.ts': 300,
  'test/e2e/promotion-fleet.test.ts': 230,
  'test/e2e/faults/network.test.ts': 200,
  'test/e2e/pages.test.ts': 180,
  'test/integration/postgres/guardrails.test.ts': 160,
  'test/e2e/promotion/undo.test.ts': 130,
  'test/e2e/approved-state.test.ts': 130,
  'test/e2e/promotion/behind-the-fence.test.ts': 120,
  'test/e2e/measured-buffer.test.ts': 120,
  'test/e2e/faults/endings.test.ts': 120,
  'test/e2e/demo.test.ts': 110,
  'test/e2e/promotion/refusals.test.ts': 110,
  'test/e2e/operations.test.ts': 110,
  'test/e2e/promotion-handoff.test.ts': 100,
  'test/e2e/readiness.test.ts': 100,
  'test/e2e/faults/lost-primary.test.ts': 90,
  'test/e2e/promotion/way-back.test.ts': 90,
  'test/integration/package.test.ts': 90,
  'test/e2e/faults/largest-messages.test.ts': 90,
  'test/e2e/gate.test.ts': 90,
  'test/integration/local-servers.test.ts': 90,
  'test/e2e/exit-codes.test.ts': 90,
  'test/e2e/notifications.test.ts': 80,
  'test/integration/postgres/neighbours.test.ts': 80,
  'test/integration/postgres/remedies/columns.test.ts': 80,
  'test/e2e/encryption.test.ts': 80,
  'test/integration/postgres/promotion.test.ts': 80,
  'test/integration/postgres/column-limits.test.ts': 80,
  'test/e2e/faults/standing-watch.test.ts': 80,
  'test/integration/postgres/readiness.test.ts': 70,
  'test/integration/postgres/session-settings.test.ts': 70,
  'test/e2e/faults/gate-pressure.test.ts': 70,
  'test/e2e/list.test.ts': 70,
  'test/integration/postgres/remedies/values.test.ts': 70,
  'test/integration/postgres/endpoint.test.ts': 70,
  'test/e2e/faults/random-schedules.test.ts': 70,
  'test/integration/postgres/statement-costs.test.ts': 60,
  'test/e2e/promotion/switch.test.ts': 60,
  'test/e2e/no-secrets.test.ts': 60,
  'test/e2e/faults/flood.test.ts': 60,
};

/**
 * Starts the files that take longest first, so that none of them runs alone at the end. By itself, Vitest starts the largest files first where
 * no earlier run has left durations in node_modules, as in the CI.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const seconds = ({ moduleId }: TestSpecification) =>
      LONG_FILES[path.relative(this.ctx.config.root, moduleId)] ?? 0;
    return sorted.sort((a, b) => seconds(b) - seconds(a));
  }
}
