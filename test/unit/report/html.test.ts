import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { buildReport } from '../../../src/report/build-report.js';
import { renderHtml } from '../../../src/report/render-html.js';
import { readRun } from '../../../src/record/read-run.js';
import { fromBundle, identified } from '../../../src/record/source.js';
import { historiesOf } from '../../replay/recordings.js';

async function report() {
  const found = historiesOf('unreleased').find(({ name }) => name === 'handed-off-after-top-up');
  const history = identified('', found?.load() ?? { events: [] });
  return buildReport(await readRun(fromBundle({ histories: [history] }), history.workflowId), '1.2.3');
}

const hostile = 'public."</script><script>alert(1)</script><img src=x onerror=\'alert(2)\'>\u202e\n"';

const digest = (text: string) => createHash('sha256').update(text).digest('base64');

it('allows only its own script and style, and has no other', async () => {
  const text = renderHtml(await report());
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/u.exec(text) ?? [];
  const scripts = [...text.matchAll(/<script>([^]*?)<\/script>/gu)].map(([, one = '']) => one);
  const styles = [...text.matchAll(/<style>([^]*?)<\/style>/gu)].map(([, one = '']) => one);
  expect(scripts).toHaveLength(1);
  expect(styles).toHaveLength(1);
  expect(policy).toBe(
    `default-src 'none'; script-src 'sha256-${digest(scripts[0] ?? '')}'; style-src 'sha256-${digest(styles[0] ?? '')}'; base-uri 'none'; form-action 'none'`,
  );
  expect(text).not.toMatch(/<[^>]* (?:style|on\w+|src)=/u);
});

it('shows hostile names as text, in the rows with and without scripts, in the charts and in sentences', async () => {
  const made = await report();
  const [row] = made.sequences;
  const plain = renderHtml(made);
  const text = renderHtml({
    ...made,
    workflowId: hostile,
    summary: [hostile, '', ''],
    contradictions: [hostile],
    warnings: [hostile],
    ...(row === undefined
      ? {}
      : { sequences: made.sequences.map((one) => ({ ...one, sequence: hostile, reason: hostile })) }),
  });
  const tags = (of: string) => [...of.matchAll(/<(?:script|img|\/script)/gu)].length;
  expect(tags(text)).toBe(tags(plain));
  expect(text).not.toContain('\u202e');
  expect(text).toContain('\\u{202e}');
  const [, data = ''] = /id="rows">([^]*?)<\/script>/u.exec(text) ?? [];
  const { rows } = JSON.parse(data) as { rows: { cells: string[] }[] };
  expect(rows[0]?.cells[0]).toBe(hostile.replace('\u202e', '\\u{202e}').replace('\n', '\\n'));
});

it('gives each cell of a wide table its title, for narrow screens, and leaves out columns with nothing in them', async () => {
  const text = renderHtml(await report());
  const [, timeline = ''] = /<section id="timeline">([^]*?)<\/section>/u.exec(text) ?? [];
  expect(timeline).toContain('<table class="blocks-narrow">');
  const titles = [...timeline.matchAll(/<th [^>]*>([^<]*)</gu)].map(([, title]) => title);
  // The run had no step that failed, or was tried again.
  expect(titles).toEqual(['at', 'until', 'phase', 'what', 'steps']);
  const [, row = ''] = /<tbody>\n(<tr>.*?<\/tr>)/u.exec(timeline) ?? [];
  expect([...row.matchAll(/data-label="([^"]*)"/gu)].map(([, title]) => title)).toEqual(titles);
});

it('gives a column of figures the room of its longest one, and none to a column without texts', async () => {
  const made = await report();
  const sequences = made.sequences.map((one) => ({
    ...one,
    target: '9223372036854775807',
    buffer: '10000',
    reason: null,
  }));
  const [, data = ''] = /id="rows">([^]*?)<\/script>/u.exec(renderHtml({ ...made, sequences })) ?? [];
  const { columns } = JSON.parse(data) as { columns: [string, string, number][] };
  expect(columns.map(([name]) => name)).not.toContain('reason');
  expect(columns.filter(([name]) => ['sequence', 'target', 'buffer'].includes(name))).toEqual([
    ['sequence', expect.stringContaining('wide'), 0],
    ['target', 'number figure', 19],
    ['buffer', 'number figure', 7],
  ]);
});

it('shows decisions below each other on every screen, with what was known then', async () => {
  const text = renderHtml(await report());
  const part = (id: string) => new RegExp(`<section id="${id}">([^]*?)</section>`, 'u').exec(text)?.[1] ?? '';
  expect(part('decisions')).toContain('<table class="blocks-always">');
  expect(part('decisions')).toMatch(
    /data-label="known then">\d+ sequences?: .*; least headroom \d+ calls, on .*; verified .* before; .*<\/td>/u,
  );
  expect(part('findings')).toContain('<table class="blocks-medium">');
});
