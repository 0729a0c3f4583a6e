import { expect } from 'vitest';
import { blocksOf, type Block } from './page.js';
import { isInput } from './tested-pages.js';

/** The blocks of a page that a test has to run, from the page's own text. It says at the end whether one was left out. */
export class PageBlocks {
  protected readonly left: Block[];

  constructor(readonly page: string) {
    this.left = blocksOf(page).filter(
      (block) => block.notRun === null && block.language !== 'text' && !isInput(block),
    );
  }

  /** The next block that has this text, which the caller runs. */
  take(containing: string): string {
    return this.takeBlock(containing).text;
  }

  expectAllRun(): void {
    expect(this.left.map(({ line, text }) => `${this.page}:${line} ${text.split('\n')[0] ?? ''}`)).toEqual(
      [],
    );
  }

  protected takeBlock(containing: string): Block {
    const at = this.left.findIndex(({ text }) => text.includes(containing));
    const [block] = at === -1 ? [] : this.left.splice(at, 1);
    if (block === undefined) throw new Error(`${this.page} has no other block with: ${containing}`);
    return block;
  }
}
