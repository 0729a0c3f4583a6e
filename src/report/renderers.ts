import type { Format } from './formats.js';
import { renderCsv } from './render-csv.js';
import { renderHtml } from './render-html.js';
import { renderJson } from './render-json.js';
import { renderMarkdown } from './render-markdown.js';
import type { Report } from './report.js';

export const RENDERERS: Readonly<Record<Format, (report: Report) => string>> = {
  ...{ md: renderMarkdown, html: renderHtml, json: renderJson, csv: renderCsv },
};
