/** A table whose rows are blocks. */
const asBlocks = (name: string) => `.${name} thead { display: none; }
  .${name}, .${name} tbody, .${name} tr, .${name} td { display: block; width: 100%; }
  .${name} tr { padding: .4rem 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
  .${name} td, .${name} td.time { display: flex; gap: .75rem; min-width: 0; padding: .1rem .6rem; border: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .${name} td:empty { display: none; }
  .${name} td::before { content: attr(data-label); flex: 0 0 9rem; color: var(--dim); font: inherit; font-family: system-ui, sans-serif; word-break: normal; overflow-wrap: normal; }`;

/** The style sheet of the HTML report. It depends on no data, since the content security policy allows exactly this text. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1d2430; --dim: #5b6675; --paper: #fff; --raised: #f4f6f9; --line: #d5dbe3;
  --accent: #0b5fc0; --block: #b3261e; --warn: #8a5a00; --good: #1d7a3d; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ee; --dim: #9aa6b5; --paper: #12161c; --raised: #1b212a; --line: #343d4a;
  --accent: #7fb4ff; --block: #ff8a80; --warn: #f0bb58; --good: #74cf92; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; color: var(--text); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { max-width: 60rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
.state { display: inline-block; padding: .1rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-weight: 600; }
.good { color: var(--good); } .block { color: var(--block); } .warn { color: var(--warn); }
.alarm { margin: .5rem 0; padding: .5rem .75rem; border: 2px solid var(--block); overflow-wrap: anywhere; }
.note { margin: .5rem 0; padding: .5rem .75rem; border-left: 4px solid var(--warn); background: var(--raised); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; unicode-bidi: isolate; }
th { background: var(--raised); font-weight: 600; }
td.time { white-space: nowrap; overflow-wrap: normal; } td.time wbr { display: none; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
td.name { min-width: 13rem; overflow-wrap: anywhere; } td.words { min-width: 14rem; overflow-wrap: anywhere; }
td code { display: block; margin: .15rem 0; padding: .1rem .4rem; background: var(--raised); font: .9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
td.hash { font-family: ui-monospace, monospace; font-size: .85em; word-break: break-all; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
.tools label { min-width: 0; } .tools input[type=search] { width: 24rem; max-width: 100%; }
input, select, button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: .25rem; padding: .25rem .5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#view { max-height: min(32rem, 75vh); overflow: auto; border: 1px solid var(--line); }
#view table { table-layout: fixed; font-size: .875rem; border-collapse: separate; border-spacing: 0; }
#view thead th { position: sticky; top: 0; z-index: 1; padding: 0; font-weight: 400; }
#view thead button { width: 100%; height: 2.25rem; overflow-wrap: normal; border: 0; border-radius: 0; background: none; text-align: inherit; font-weight: 600; line-height: 1.1; padding: 0 .6rem; cursor: pointer; }
#view tbody td { height: 30px; padding: 0 .6rem; line-height: 29px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#view thead th:first-child { z-index: 2; left: 0; } #view tbody td:first-child { position: sticky; left: 0; background: var(--paper); }
#view tbody td.gap { padding: 0; border: 0; height: 0; line-height: 0; }
#view tbody tr.chosen td { background: var(--raised); box-shadow: inset 0 1px var(--accent), inset 0 -1px var(--accent); }
#detail { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; min-height: 1.5rem; }
#detail dt { color: var(--dim); } #detail dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figcaption { color: var(--dim); }
svg { width: 100%; max-width: 60rem; height: auto; display: block; }
svg text { fill: var(--dim); font: 12px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } svg .bar, svg .dot { fill: var(--accent); } svg .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
svg .limit { stroke: var(--warn); stroke-dasharray: 4 3; } svg .low { fill: var(--block); } svg .name { fill: var(--text); }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .25rem; padding: .25rem .75rem; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
footer { margin-top: 2rem; color: var(--dim); }
#paper { display: none; }
[hidden] { display: none !important; }
figure { overflow-x: auto; }
${asBlocks('blocks-always')}
@media print, screen and (max-width: 64rem) {
  td.time { white-space: normal; } td.time wbr { display: inline; } td.words, td.name { min-width: 6rem; }
  ${asBlocks('blocks-medium')}
}
@media screen and (max-width: 44rem) {
  body { padding: 1rem .75rem; }
  svg { min-width: 40rem; }
  ${asBlocks('blocks-narrow')}
}
@media print {
  :root { color-scheme: light; --text: #000; --dim: #333; --paper: #fff; --raised: #eee; --line: #999; --accent: #034; --block: #900; --warn: #640; --good: #042; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  nav, .tools, #detail, .keys, #view { display: none; }
  .scroll { overflow: visible; }
  #paper { display: block; page: across; font-size: 6.5pt; line-height: 1.2; } #paper table { table-layout: fixed; } #paper td { overflow-wrap: anywhere; }
  #paper th, #paper td { padding: .05rem .3rem; } #paper .wide { width: 26%; } #paper .narrow { width: 6%; }
  h1, h2, h3 { break-after: avoid; } figure { break-inside: avoid; } thead { display: table-header-group; }
  @page across { size: landscape; margin: 1cm; }
  .blocks-medium tr, .blocks-always tr { display: flex; flex-wrap: wrap; column-gap: 1rem; padding: .2rem .3rem; }
  .blocks-medium td, .blocks-medium td.time, .blocks-always td, .blocks-always td.time { width: auto; max-width: 100%; gap: .35rem; padding: 0; }
  .blocks-medium td::before, .blocks-always td::before { flex: none; }
  .wide { width: 18%; } .narrow { width: 7.5%; } .figure { width: 8%; } .middle { width: 7%; }
  th, td { padding: .15rem .3rem; }
}
`;
