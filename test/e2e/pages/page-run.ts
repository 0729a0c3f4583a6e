import { expect } from 'vitest';
import { PageBlocks } from '../../pages/page-blocks.js';
import { consoleCommands, replaceBlock, type Block } from '../../pages/page.js';
import { until } from '../../../src/local/until.js';
import { sameEveryTime } from './same-every-time.js';
import type { CommandResult } from '../stage/temporal-cli.js';
import type { Shell } from './shell.js';

/** Set by `npm run docs:captures`: the output of a run goes into the page. */
const renews = process.env['DOCS_CAPTURES'] === 'true';

interface HowToRun {
  /** What the reader would write instead, such as an address. */
  replace?: Readonly<Record<string, string>>;
  /** The exit code. */
  code?: number;
}

/** Runs the blocks of a page in a shell. */
export class PageRun extends PageBlocks {
  readonly #shell: Shell;
  readonly #always: Readonly<Record<string, string>>;

  /** @param always replaced in every block where it occurs */
  constructor(page: string, shell: Shell, always: Readonly<Record<string, string>> = {}) {
    super(page);
    this.#shell = shell;
    this.#always = always;
  }

  /** Runs the next `sql` block that has this text with psql. @param url the variable of the shell with the server's URL */
  async sql(containing: string, url: string, { replace = {} }: HowToRun = {}): Promise<CommandResult> {
    const block = this.takeBlock(containing);
    const text = this.#adapted(block.text, replace);
    const ran = await this.#shell.run(
      `psql "$${url}" -X -q -v ON_ERROR_STOP=1 <<'END OF BLOCK'\n${text}END OF BLOCK\n`,
    );
    expect(ran.code, `${this.page}:${block.line}\n${ran.stderr}`).toBe(0);
    return ran;
  }

  /** Runs the next `sh` or `console` block that has this text. What a `console` block prints has to be what the page shows. */
  async run(containing: string, { replace = {}, code = 0 }: HowToRun = {}): Promise<CommandResult> {
    const block = this.takeBlock(containing);
    const where = `${this.page}:${block.line}`;
    if (block.language === 'sh') {
      const ran = await this.#shell.run(this.#adapted(block.text, replace));
      expect(ran.code, `${where}\n${ran.stderr}${ran.stdout}`).toBe(code);
      return ran;
    }
    expect(block.language, where).toBe('console');
    const commands = consoleCommands(block.text);
    let last: CommandResult = { code: 0, stdout: '', stderr: '' };
    let renewed = '';
    for (const [at, { command, output }] of commands.entries()) {
      last = await this.#shell.run(this.#adapted(command, replace));
      const expected = at === commands.length - 1 ? code : 0;
      expect(last.code, `${where} ${command}\n${last.stderr}${last.stdout}`).toBe(expected);
      // As a terminal shows them: what is on stderr, such as an error, and the result.
      const printed = this.#asOnThePage(`${last.stderr}${last.stdout}`);
      if (!renews) expect(sameEveryTime(printed), where).toBe(sameEveryTime(output));
      renewed += `$ ${command}\n${sameEveryTime(printed) === sameEveryTime(output) ? output : printed}`;
    }
    if (renews && renewed !== block.text) this.#renew(block, renewed);
    return last;
  }

  /** The same for a command that is repeated until it prints what the page shows. */
  async runUntilSame(containing: string): Promise<void> {
    const { text, page, line } = this.takeBlock(containing);
    const [first, ...others] = consoleCommands(text);
    if (first === undefined || others.length > 0) throw new Error(`${page}:${line} has not one command`);
    let printed = '';
    await until(
      async () => {
        printed = this.#asOnThePage((await this.#shell.run(this.#adapted(first.command, {}))).stdout);
        return sameEveryTime(printed) === sameEveryTime(first.output);
      },
      { what: `${page}:${line} to be as it is printed` },
    ).catch((error: unknown) => {
      throw new Error(`the last output was:\n${printed}`, { cause: error });
    });
  }

  #adapted(text: string, replace: Readonly<Record<string, string>>): string {
    let adapted = text;
    for (const [from, to] of Object.entries({ ...replace, ...this.#always })) {
      adapted = adapted.replaceAll(from, to);
    }
    return adapted;
  }

  /** With the page's own addresses. */
  #asOnThePage(printed: string): string {
    let text = printed.replaceAll(/[ \t]+$/gmu, '');
    for (const [from, to] of Object.entries(this.#always)) text = text.replaceAll(to, from);
    text = text.trimEnd();
    return text === '' ? text : `${text}\n`;
  }

  #renew(block: Block, text: string): void {
    replaceBlock(block, text);
    const more = text.split('\n').length - block.text.split('\n').length;
    for (const left of this.left) if (left.line > block.line) left.line += more;
  }
}
