import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { parseInput } from '../../../src/contract/input.js';
import { parseMessage } from '../../../src/contract/messages.js';
import { parsePromotionFleetInput } from '../../../src/contract/promotion-fleet-input.js';
import { parsePromotionInput } from '../../../src/contract/promotion-input.js';
import { blocksOf, commandsOf, pageNames, root, type Block } from '../../pages/page.js';
import { INPUTS, isInput, TESTED_PAGES } from '../../pages/tested-pages.js';

/** What a reader runs, or sends; `text` is neither. */
const runnable = ['sh', 'bash', 'console', 'sql', 'json', 'js', 'ts', 'python', 'yaml'];

const blocks = pageNames().flatMap(blocksOf);
const shellBlocks = blocks.filter(({ language }) => ['sh', 'bash', 'console'].includes(language));
const place = ({ page, line }: Block) => `${page}:${line}`;

describe('each code block', () => {
  it('has a language', () => {
    expect(blocks.filter(({ language }) => ![...runnable, 'text'].includes(language)).map(place)).toEqual([]);
  });

  it('is run by a test, or says before it why not: <!-- not run: the reason -->', () => {
    const neither = blocks.filter(
      (block) =>
        runnable.includes(block.language) &&
        block.notRun === null &&
        !isInput(block) &&
        !(block.page in TESTED_PAGES),
    );
    expect(neither.map(place)).toEqual([]);
  });

  it.each(Object.entries(TESTED_PAGES))('of %s is run by %s', (page, test) => {
    expect(existsSync(path.join(root, page))).toBe(true);
    const source = readFileSync(path.join(root, test), 'utf8');
    // The pages of commands are run in a loop.
    const name = page.startsWith('docs/reference/commands/') ? `'${path.basename(page, '.md')}'` : page;
    expect(source).toContain(name);
  });
});

describe('JSON', () => {
  it.each(INPUTS)('%s: %j is an input that a run takes', (page, beginning) => {
    const block = blocksOf(page).find(({ text }) => text.startsWith(beginning));
    expect(parseInput([JSON.parse(block?.text ?? '')], { now: Date.now() })).toMatchObject({ ok: true });
  });

  const parsers: Record<string, (args: unknown[]) => { ok: boolean }> = {
    sequenceFailover: (args) => parseInput(args, { now: Date.now() }),
    fleetFailover: (args) => parseFleetInput(args),
    promoteFleet: (args) => parsePromotionFleetInput(args),
    promoteStandby: (args) => parsePromotionInput(args),
    decide: (args) => parseMessage('decide', args),
    approve: (args) => parseMessage('approve', args),
    reject: (args) => parseMessage('reject', args),
    resynchronize: (args) => parseMessage('resynchronize', args),
  };
  const sent = shellBlocks.flatMap((block) =>
    [
      ...commandsOf(block).matchAll(
        /--(?:type|name|update-name) (\w+)\b(?:[^'\n]|\\\n)*?--(?:update-)?input '([^']*)'/gu,
      ),
    ].map(([, to = '', input = '']) => [place(block), to, input] as const),
  );
  // Inputs of queries are checked where the command runs.
  // The page on inputs shows a wrong one too.
  it.each(sent.filter(([, to, input]) => to in parsers && !input.includes('aproval')))(
    '%s: %s takes what is sent to it',
    (_, to, input) => {
      expect(parsers[to]?.([JSON.parse(input)])).toMatchObject({ ok: true });
    },
  );
});

describe('shell', () => {
  it.each(shellBlocks.map((block) => [place(block), commandsOf(block)]))('%s parses', (_, text) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('npm run has every script that a page names', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = blocks.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/gu)].map(([, name]) => name),
    );
    expect(named.filter((name) => !(name !== undefined && name in scripts))).toEqual([]);
    expect(named).toContain('worker');
  });

  const program = createProgram('sequence-failover');
  const calls = shellBlocks.flatMap((block) =>
    [...commandsOf(block).matchAll(/(?<![\w/-])sequence-failover ([a-z]+)\b((?:[^|>;&)\n#]|\\\n)*)/gu)].map(
      ([, name = '', rest = '']) => [place(block), name, rest] as const,
    ),
  );
  it.each(calls)('%s: sequence-failover %s has these options:%s', (_, name, rest) => {
    const command = program.commands.find((one) => one.name() === name);
    const known = ['--help', ...(command?.options.flatMap(({ long, short }) => [long, short]) ?? [])];
    const given = [...rest.matchAll(/(?<=\s)--?[a-z][a-z-]*/gu)].map(([option]) => option);
    expect(command?.name()).toBe(name);
    expect(given.filter((option) => !known.includes(option))).toEqual([]);
  });
});
