import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildReport } from '../../src/report/build-report.js';
import { renderHtml } from '../../src/report/render-html.js';
import { readRun } from '../../src/record/read-run.js';
import { fromBundle, identified } from '../../src/record/source.js';
import { historiesOf } from '../replay/recordings.js';

const browser = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file !== undefined && existsSync(file),
);

const hostile = [
  '</script><script>document.title="run"</script>',
  '"><img src=x onerror="document.title=1">',
  '\u202eline\nbreak\u2028',
  "it's <b>&amp;",
];

/** The report of a run with this many sequences, and its steps this many times, as a file. */
async function reportFile(folder: string, nameOf: (at: number) => string, count: number, times = 1) {
  const found = historiesOf('unreleased').find(({ name }) => name === 'synchronized');
  const history = identified('', found?.load() ?? { events: [] });
  const report = buildReport(
    await readRun(fromBundle({ histories: [history] }), history.workflowId),
    '1.2.3',
  );
  const sequences = Array.from({ length: count }, (_, at) =>
    report.sequences.slice(0, 1).map((row) => ({ ...row, sequence: nameOf(at) })),
  ).flat();
  const file = path.join(folder, 'report.html');
  // With steps that were repeated, the timeline has more columns than fit on paper.
  const timeline = Array.from({ length: times }, () => report.timeline)
    .flat()
    .map((one, at) => (at === 0 ? { ...one, count: 2, attempts: 2, failure: 'no answer' } : one));
  await writeFile(file, renderHtml({ ...report, sequences, timeline }));
  return { url: `file://${file}`, workflowId: history.workflowId, steps: timeline.length };
}

async function openInBrowser(folder: string, ...args: string[]): Promise<string> {
  const profile = `--user-data-dir=${path.join(folder, 'profile')}`;
  const { stdout } = await promisify(execFile)(
    browser ?? '',
    ['--headless', '--no-sandbox', '--disable-gpu', profile, ...args],
    { maxBuffer: 100_000_000 },
  );
  return stdout;
}

describe.skipIf(browser === undefined)('in a browser (skipped without Chromium; CHROMIUM names it)', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'report-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('a report of 10,000 hostile sequences opens, with the rows in view and nothing else run', async () => {
    const { url, workflowId } = await reportFile(folder, (at) => `${hostile[at % 4] ?? ''}_${at}`, 10_000);
    const dom = await openInBrowser(folder, '--dump-dom', url);
    expect(dom).toContain(`<title>Failover report: ${workflowId}</title>`);
    expect(dom).toContain('>10000 of 10000 rows</output>');
    const shown = [...dom.matchAll(/<tr [^>]*id="row-\d+">/gu)].length;
    expect(shown).toBeGreaterThan(5);
    expect(shown).toBeLessThan(200);
    expect(dom.match(/<script>/gu)).toHaveLength(1);
  });

  it('a column that says the same in every row is said once, so that the others have its room', async () => {
    const headingsOf = async (count: number) => {
      const { url } = await reportFile(folder, (at) => `public.s_${at}`, count);
      const dom = await openInBrowser(folder, '--dump-dom', url);
      const headings = [...dom.matchAll(/<button type="button">([^<]*)</gu)].map(([, name]) => name);
      return { headings, same: /<p id="same"[^>]*>([^<]*)</u.exec(dom)?.[1] };
    };
    expect(await headingsOf(1)).toEqual({
      headings: expect.arrayContaining(['primary next', 'buffer']) as string[],
      same: '',
    });
    expect(await headingsOf(2)).toEqual({
      headings: ['sequence', 'outcome', 'headroom'],
      same: expect.stringMatching(/^The same in every row: primary next \d+; .*; buffer 10000; /u) as string,
    });
  });

  /** The pages of paper that the report takes. */
  async function pagesOf(url: string): Promise<number> {
    const file = path.join(folder, 'report.pdf');
    await openInBrowser(folder, `--print-to-pdf=${file}`, url);
    return [...(await readFile(file, 'latin1')).matchAll(/\/Type\s*\/Page\b/gu)].length;
  }

  it('the steps of a printed report take at most two lines each', async () => {
    const print = async (times: number) => {
      const { url, steps } = await reportFile(folder, (at) => `public.s_${at}`, 1, times);
      return { pages: await pagesOf(url), steps };
    };
    const [once, often] = [await print(1), await print(20)];
    expect(once.pages).toBeLessThan(8);
    // A page has more than 50 lines.
    expect(often.pages - once.pages).toBeLessThan((often.steps - once.steps) / 25);
  });

  it('a report is printed with the rows at its end, since they may take hundreds of pages', async () => {
    const { url } = await reportFile(folder, (at) => `public.s_${at}`, 2);
    const file = path.join(folder, 'report.pdf');
    await openInBrowser(folder, '--generate-pdf-document-outline', `--print-to-pdf=${file}`, url);
    const titles = [...(await readFile(file, 'latin1')).matchAll(/\/Title \((\w+)\)/gu)].map(
      ([, title]) => title,
    );
    expect(titles).toContain('Proof');
    expect(titles.at(-1)).toBe('Sequences');
  });

  it('a report is printed with every row', async () => {
    const pagesFor = async (count: number) => {
      const { url } = await reportFile(folder, (at) => `public.s_${at}`, count);
      return pagesOf(url);
    };
    const [few, many] = [await pagesFor(1), await pagesFor(500)];
    // A page of paper has 40 to 80 rows.
    expect(many - few).toBeGreaterThan(5);
    expect(many - few).toBeLessThan(20);
  });
});
