import { expect, it } from 'vitest';
import { markdownCode, markdownText } from '../../../src/contract/markdown.js';

it.each([
  ['public."<script>alert(1)</script>"', 'public."&lt;script&gt;alert(1)&lt;/script&gt;"'],
  ['a `b` *c* [d](e)', 'a \\`b\\` \\*c\\* \\[d\\](e)'],
  ['public.order_items', 'public.order_items'],
  ['two\n# lines', 'two\\\\n\\# lines'],
  ['https://evil', 'https\\://evil'],
])('%j is text that shows as it is', (text, shown) => {
  expect(markdownText(text)).toBe(shown);
});

it.each([
  ['a', '`a`'],
  ['a`b', '`` a`b ``'],
  ['``', '``` `` ```'],
  ['two\nlines', '`two\\nlines`'],
])('%j is code', (text, shown) => {
  expect(markdownCode(text)).toBe(shown);
});
