import { DURABLE, type Results, type Series } from './results.js';
import { spread } from './statistics.js';

const PANEL = { width: 330, height: 270, left: 58, top: 40, gap: 62 };
const LEGEND = 190;
/** Lines differ in their dashes too, for readers who do not see the colours. */
const STYLES: Record<string, { color: string; dash: string }> = {
  [DURABLE]: { color: '#d9480f', dash: '' },
  'bare SQL': { color: '#2b8a3e', dash: '6 3' },
  'dblink function': { color: '#1c7ed6', dash: '2 3' },
  'one psql a sequence': { color: '#9c36b5', dash: '8 3 2 3' },
  pgcopydb: { color: '#868e96', dash: '4 4' },
  'pg_dump’s setval': { color: '#a9820a', dash: '1 2' },
};
const OTHER = { color: '#868e96', dash: '' };

interface Line {
  name: string;
  points: { size: number; seconds: number }[];
}

/** Medians by the number of sequences, both axes logarithmic; legible on light and dark pages. */
export function toSvg(results: Results): string {
  const shown = results.series.filter(({ shape, ms }) => shape === 'sequences' && ms.length > 0);
  const panels = [
    { title: 'on loopback', series: shown.filter(({ line }) => line === 'loopback') },
    { title: 'over 20 ms of round trip', series: shown.filter(({ line }) => line === '20 ms') },
  ].filter(({ series }) => series.length > 0);
  const sizes = shown.map(({ size }) => size);
  const times = shown.flatMap(({ ms }) => ms.map((one) => one / 1000));
  const axes = { x: axis(sizes, PANEL.width), y: axis(times, PANEL.height) };
  const names = [...new Set(shown.map(({ contender }) => contender))];
  const width = PANEL.left + panels.length * (PANEL.width + PANEL.gap) + LEGEND;
  const height = PANEL.top + PANEL.height + 56;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Seconds by the number of sequences">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#343a40}.grid{stroke:#adb5bd;stroke-opacity:.45}.strong{font-weight:600}',
    '@media (prefers-color-scheme:dark){text{fill:#dee2e6}.grid{stroke:#868e96}}</style>',
    ...panels.map(({ title, series }, index) =>
      panel(title, toLines(series), axes, PANEL.left + index * (PANEL.width + PANEL.gap)),
    ),
    legend(names, width - LEGEND),
    '</svg>',
    '',
  ].join('\n');
}

interface Axis {
  ticks: number[];
  at(value: number): number;
}

/** Whole powers of ten around the values. */
function axis(values: readonly number[], length: number): Axis {
  const { min, max } = spread(values);
  const [from, to] = [
    Math.floor(Math.log10(min)),
    Math.max(Math.ceil(Math.log10(max)), Math.floor(Math.log10(min)) + 1),
  ];
  return {
    ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)),
    at: (value) => ((Math.log10(value) - from) / (to - from)) * length,
  };
}

function toLines(series: readonly Series[]): Line[] {
  const lines = new Map<string, Line>();
  for (const { contender, size, ms } of series) {
    const line = lines.get(contender) ?? { name: contender, points: [] };
    lines.set(contender, line);
    line.points.push({ size, seconds: spread(ms).median / 1000 });
  }
  return [...lines.values()];
}

function panel(title: string, lines: readonly Line[], { x, y }: { x: Axis; y: Axis }, left: number): string {
  const bottom = PANEL.top + PANEL.height;
  const grid = [
    ...x.ticks.map((tick) => {
      const at = fixed(left + x.at(tick));
      return `<line class="grid" x1="${at}" y1="${PANEL.top}" x2="${at}" y2="${bottom}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${tick.toLocaleString('en')}</text>`;
    }),
    ...y.ticks.map((tick) => {
      const at = fixed(bottom - y.at(tick));
      return `<line class="grid" x1="${left}" y1="${at}" x2="${left + PANEL.width}" y2="${at}"/><text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end">${time(tick)}</text>`;
    }),
  ];
  const drawn = lines.map(({ name, points }) => {
    const { color, dash } = STYLES[name] ?? OTHER;
    const spots = points.map(
      ({ size, seconds }) => [fixed(left + x.at(size)), fixed(bottom - y.at(seconds))] as const,
    );
    const path = spots.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px} ${py}`).join('');
    const dots = spots.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${color}"/>`).join('');
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="${name === DURABLE ? 3 : 1.8}" stroke-dasharray="${dash}"/>${dots}`;
  });
  const middle = left + PANEL.width / 2;
  return [
    `<text class="strong" x="${middle}" y="${PANEL.top - 16}" text-anchor="middle">${title}</text>`,
    ...grid,
    ...drawn,
    `<text x="${middle}" y="${bottom + 38}" text-anchor="middle">sequences</text>`,
  ].join('\n');
}

function legend(names: readonly string[], left: number): string {
  return names
    .map((name, index) => {
      const { color, dash } = STYLES[name] ?? OTHER;
      const y = PANEL.top + 10 + index * 22;
      return `<line x1="${left}" y1="${y}" x2="${left + 28}" y2="${y}" stroke="${color}" stroke-width="${name === DURABLE ? 3 : 1.8}" stroke-dasharray="${dash}"/><text class="${name === DURABLE ? 'strong' : ''}" x="${left + 36}" y="${y + 4}">${name}</text>`;
    })
    .join('\n');
}

function time(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toLocaleString('en')} s`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
