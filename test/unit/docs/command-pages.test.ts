import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNames, helpOf } from '../../pages/command-help.js';
import { blocksOf, pageNames, readPage, replaceBlock, root } from '../../pages/page.js';

const folder = 'docs/reference/commands';
const renews = process.env['DOCS_CAPTURES'] === 'true';

describe('each command has a page', () => {
  it.each(commandNames())('%s: with its help, as the program prints it, and an example', (name) => {
    const page = path.join(folder, `${name}.md`);
    expect(existsSync(path.join(root, page)), `${page} is missing`).toBe(true);
    const help = blocksOf(page).find(({ text }) => text.startsWith(`Usage: sequence-failover ${name}`));
    expect(help, `${page} has no block that begins with Usage`).toBeDefined();
    if (renews && help !== undefined && help.text !== helpOf(name)) replaceBlock(help, helpOf(name));
    else expect(help?.text, 'renew it with: npm run docs:captures').toBe(helpOf(name));
    expect(readPage(page)).toContain('## Example');
  });

  it('and there is none for a command that does not exist', () => {
    const pages = pageNames().filter((page) => page.startsWith(`${folder}/`));
    expect(pages.map((page) => path.basename(page, '.md')).sort()).toEqual(commandNames().sort());
  });
});
