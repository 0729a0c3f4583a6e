import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
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

it.skipIf(browser === undefined)(
  'a report of 10,000 hostile sequences opens in a browser, with the rows in view and nothing else run (skipped without Chromium; CHROMIUM names it)',
  async () => {
    const found = historiesOf('unreleased').find(({ name }) => name === 'synchronized');
    const history = identified('', found?.load() ?? { events: [] });
    const report = buildReport(
      await readRun(fromBundle({ histories: [history] }), history.workflowId),
      '1.2.3',
    );
    const sequences = Array.from({ length: 10_000 }, (_, at) =>
      report.sequences.slice(0, 1).map((row) => ({ ...row, sequence: `${hostile[at % 4] ?? ''}_${at}` })),
    ).flat();
    const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
    try {
      const file = path.join(folder, 'report.html');
      await writeFile(file, renderHtml({ ...report, sequences }));
      const { stdout: dom } = await promisify(execFile)(
        browser ?? '',
        [
          ...[
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            `--user-data-dir=${path.join(folder, 'profile')}`,
          ],
          ...['--dump-dom', `file://${file}`],
        ],
        { maxBuffer: 100_000_000 },
      );
      expect(dom).toContain(`<title>Failover report: ${history.workflowId}</title>`);
      expect(dom).toContain('>10000 of 10000 rows</output>');
      const shown = [...dom.matchAll(/<tr [^>]*id="row-\d+">/gu)].length;
      expect(shown).toBeGreaterThan(5);
      expect(shown).toBeLessThan(200);
      expect(dom.match(/<script>/gu)).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
);
