import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { LiveScreen } from '../../../src/cli/follow/live-screen.js';
import { Output } from '../../../src/cli/output.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('writes every line each time, since Enter moves what is on the terminal', () => {
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const screen = new LiveScreen(new Output('text'), () => ['the first line', 'the second line']);
  screen.redraw();
  written = '';
  screen.redraw();
  const again = stripVTControlCharacters(written);
  screen.close('keep');
  expect(again).toContain('the first line\nthe second line');
});
