import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];

/** The page without its code blocks, whose brackets and `#` are no links and no headings. */
const read = (page: string) =>
  readFileSync(path.join(root, page), 'utf8').replaceAll(/^ *```[^]*?^ *```$/gm, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Why a relative link does not work, or undefined if it does. */
function brokenBecause(page: string, link: string): string | undefined {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), decodeURI(file));
  if (!existsSync(path.join(root, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined) return undefined;
  const hasHeadings = statSync(path.join(root, target)).isFile() && target.endsWith('.md');
  return hasHeadings && anchorsOf(target).includes(anchor)
    ? undefined
    : `${link}: ${target} has no heading #${anchor}`;
}

describe('relative links lead to a file, and to a heading in it', () => {
  it.each(pages)('%s', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const relative = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(relative.map((link) => brokenBecause(page, link)).filter((why) => why !== undefined)).toEqual([]);
  });
});

it('each page of docs is linked from another page', () => {
  const linked = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s#]+)/g)].map(([, link = '']) => path.join(path.dirname(page), link)),
  );
  expect(pages.filter((page) => page.startsWith('docs') && !linked.includes(page))).toEqual([]);
});
