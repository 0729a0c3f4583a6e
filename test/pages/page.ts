import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** A fenced code block of a page of the documentation. */
export interface Block {
  page: string;
  /** The line of its opening fence, from 1. */
  line: number;
  language: string;
  /** Without the indentation of the list that it is in. */
  text: string;
  /** Why no test runs it: the comment `<!-- not run: … -->` before it. */
  notRun: string | null;
}

/** A command of a `console` block, with the output that the page prints. */
export interface ConsoleCommand {
  command: string;
  output: string;
}

/** README.md, CONTRIBUTING.md, CHANGELOG.md and every page of docs. */
export function pageNames(): string[] {
  const docs = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
    ...docs.filter((file) => file.endsWith('.md')).map((file) => path.join('docs', file)),
  ].sort();
}

export function readPage(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; indent: string; lines: string[] } | null = null;
  let notRun: string | null = null;
  for (const [at, line] of readPage(page).split('\n').entries()) {
    const fence = /^( *)```(\w*)$/u.exec(line);
    if (open !== null) {
      if (fence === null) open.lines.push(line.slice(open.indent.length));
      else {
        const text = open.lines.map((one) => `${one}\n`).join('');
        blocks.push({ page, line: open.line, language: open.language, text, notRun });
        open = null;
        notRun = null;
      }
    } else if (fence !== null) {
      const [, indent = '', language = ''] = fence;
      open = { line: at + 1, language, indent, lines: [] };
    } else if (line.trim() !== '') notRun = /<!-- not run: (.+) -->$/u.exec(line)?.[1] ?? null;
  }
  return blocks;
}

/** The commands of a `console` block: `$ `, the command, which may go on in lines that are indented, and its output. */
export function consoleCommands(text: string): ConsoleCommand[] {
  const found: ConsoleCommand[] = [];
  let isOpen = false;
  for (const line of text.replace(/\n$/u, '').split('\n')) {
    const last = found.at(-1);
    if (isOpen && last !== undefined) last.command += `\n${line}`;
    else if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: '' });
    else if (last === undefined) throw new Error(`a console block begins with "$ ", not with: ${line}`);
    else last.output += `${line}\n`;
    isOpen = goesOn(found.at(-1)?.command ?? '');
  }
  return found;
}

/** Whether a shell would wait for another line. */
function goesOn(command: string): boolean {
  let quote = '';
  for (const character of command) {
    if (quote === '' ? `'"`.includes(character) : character === quote) quote = quote === '' ? character : '';
  }
  return quote !== '' || /[|\\]$/u.test(command);
}

/** What a person would type from this block. */
export function commandsOf({ language, text }: Block): string {
  return language === 'console'
    ? consoleCommands(text)
        .map(({ command }) => `${command}\n`)
        .join('')
    : text;
}

/** Puts another text into a block of the page, which has to be as it was read. */
export function replaceBlock({ page, line, text: before }: Block, text: string): void {
  const lines = readPage(page).split('\n');
  const indent = /^ */u.exec(lines[line - 1] ?? '')?.[0] ?? '';
  const count = before.split('\n').length - 1;
  const indented = text
    .replace(/\n$/u, '')
    .split('\n')
    .map((one) => (one === '' ? '' : `${indent}${one}`));
  lines.splice(line, count, ...indented);
  writeFileSync(path.join(root, page), lines.join('\n'));
}
