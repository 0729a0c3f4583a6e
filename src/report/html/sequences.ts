import type { Report } from '../report.js';
import { failedFirst, sequencesSection } from '../sections.js';
import { jsonInHtml } from './escape.js';
import { kindOf, legendOf, tableOf } from './tables.js';

/** The width of a column; the others are figures, which are as wide as their longest text. */
const widths: Readonly<Record<string, string>> = {
  ...{ sequence: 'wide', reason: 'wide', evidence: 'middle', pair: 'middle', outcome: 'narrow' },
};

/** The columns in their order on a screen: what a reader looks for first is seen without scrolling. */
const RANK: readonly string[] = [
  ...['pair', 'sequence', 'outcome', 'headroom', 'primary next', 'old value', 'target', 'new value'],
  ...['buffer', 'evidence', 'round', 'reason'],
];

/** The rows of all sequences: with scripts, a table with search and sorting; without scripts, all rows. */
export function sequencesPart(report: Report): string {
  const section = sequencesSection(report);
  if (section.rows.length === 0) return tableOf(section);
  const order = section.columns
    .map((name, at) => ({
      ...{ name, rank: RANK.indexOf(name), at, width: widths[name] ?? 'figure' },
      longest: section.rows.reduce((most, cells) => Math.max(most, (cells[at] ?? '').length), 0),
    }))
    // An empty column would take the room of others.
    .filter(({ longest }) => longest > 0)
    .sort((a, b) => a.rank - b.rank);
  // The section has its rows in this order.
  const rows = failedFirst(report.sequences);
  const data = {
    // The characters that a column of figures has room for, in its cells and for each word of its heading; 0 for another column.
    columns: order.map(({ name, width, longest }) => [
      ...[name, `${kindOf(name)} ${width}`.trim()],
      width === 'figure' ? Math.max(longest, ...name.split(' ').map((word) => word.length + 1)) : 0,
    ]),
    hasRounds: report.sequences.some(({ last }) => !last),
    rows: section.rows.map((cells, at) => ({
      last: rows[at]?.last === true,
      cells: order.map((column) => cells[column.at] ?? ''),
    })),
  };
  return `<div id="live" hidden>
${legendOf(section)}<div class="tools" role="search">
<label>Search <input type="search" id="search" autocomplete="off" spellcheck="false"></label>
<label>Outcome <select id="outcome"><option value="">all</option></select></label>
<label><input type="checkbox" id="last"> only the last round of each sequence</label>
<output id="count" aria-live="polite"></output>
</div>
<p class="keys">A column's heading sorts by it. In the table, the arrow keys, Page Up, Page Down, Home and End choose a row, which is shown in full below; / goes to the search. A printed report has all rows.</p>
<p id="same"></p>
<div id="view" tabindex="0" role="region" aria-label="Sequences">
<table id="grid"><thead><tr id="head"></tr></thead><tbody id="body"></tbody></table>
</div>
<dl id="detail" aria-live="polite"></dl>
<div id="paper"></div>
</div>
<script type="application/json" id="rows">${jsonInHtml(data)}</script>
<noscript>
${tableOf(section)}
</noscript>`;
}
