import { printable } from './printable.js';

/**
 * A text that Markdown shows unchanged, in one line: without markup, links, HTML, or the end of a cell. Line breaks and other characters that do not
 * show are written as escapes.
 */
export function markdownText(text: string): string {
  return printable(text)
    .replace(
      /[\\`*[\]#|~$@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./giu,
      (character) => `\\${character}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/**
 * A text as code, in one line. Otherwise Temporal's UI replaces dashes and quotes by typographic ones, and shows the entity of `<` as four
 * characters.
 */
export function markdownCode(text: string): string {
  const line = printable(text);
  const runs = line.match(/`+/gu) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  // A space keeps a backtick at the beginning or the end apart from the fence.
  return runs.length === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}
