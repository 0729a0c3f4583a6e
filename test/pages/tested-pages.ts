import type { Block } from './page.js';

/**
 * Pages whose blocks a test runs, by the test. On such a page every block runs that the page does not mark with `<!-- not run: … -->`; the
 * test says so itself, with `PageBlocks.expectAllRun`.
 */
export const TESTED_PAGES: Readonly<Record<string, string>> = {
  'README.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/doctor.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/setup.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/check.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/plan.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/start.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/list.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/status.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/resynchronize.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/approve.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/watch.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/reject.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/export.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/report.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/promote.md': 'test/e2e/pages.test.ts',
  'docs/reference/commands/completion.md': 'test/e2e/pages.test.ts',
  'docs/how-to/automate-approval.md': 'test/e2e/automation.test.ts',
  'docs/how-to/run-a-failover.md': 'test/e2e/pages.test.ts',
  'docs/how-to/the-primary-is-gone.md': 'test/e2e/pages.test.ts',
  'docs/tutorial/first-failover.md': 'test/e2e/pages.test.ts',
  'docs/how-to/read-the-record.md': 'test/e2e/pages.test.ts',
  'docs/reference/messages.md': 'test/e2e/pages.test.ts',
  'docs/reference/failures.md': 'test/e2e/pages.test.ts',
  'docs/reference/search-attributes.md': 'test/e2e/pages.test.ts',
  'docs/how-to/when-a-sequence-runs-out.md': 'test/e2e/pages.test.ts',
  'docs/reference/record-format.md': 'test/e2e/pages.test.ts',
  'docs/reference/report.md': 'test/e2e/pages.test.ts',
  'docs/reference/input.md': 'test/e2e/pages.test.ts',
  'docs/reference/environment.md': 'test/e2e/pages.test.ts',
  'docs/explanation/never-lower.md': 'test/e2e/pages.test.ts',
  'docs/how-to/supabase.md': 'test/e2e/pages.test.ts',
  'docs/how-to/remove.md': 'test/e2e/pages.test.ts',
  'docs/how-to/standing-watch.md': 'test/e2e/pages.test.ts',
  'docs/how-to/hand-off-to-promotion.md': 'test/e2e/pages.test.ts',
  'docs/how-to/after-the-failover.md': 'test/e2e/pages.test.ts',
  'docs/how-to/promote-the-standby.md': 'test/e2e/pages.test.ts',
  'docs/how-to/the-way-back.md': 'test/e2e/pages.test.ts',
};

/** JSON of the pages that a run, a promotion or a fleet takes: the page, and how the block begins. */
export const INPUTS: readonly [page: string, beginning: string][] = [
  ['docs/how-to/hand-off-to-promotion.md', '{\n  "handoff"'],
  ['docs/how-to/supabase.md', '{ "include"'],
  ['docs/how-to/supabase.md', '{\n  "exclude"'],
  ['docs/reference/input.md', '{\n  "pair"'],
];

export const isInput = ({ page, text }: Block) =>
  INPUTS.some(([of, beginning]) => of === page && text.startsWith(beginning));
