import { expect, it } from 'vitest';
import { tableOf } from '../../../src/report/html/tables.js';

const section = (remedy: string) => ({
  ...{ title: 'Findings', columns: ['code', 'remedy'], rows: [['A', remedy]], none: '' },
});

it('shows each statement of a remedy apart, so that it can be copied', () => {
  expect(tableOf(section("on the standby: SELECT '<a;b>'; DROP SEQUENCE s; then wait"))).toContain(
    [
      '<div>on the standby:',
      '<code>SELECT &#39;&lt;a;b&gt;&#39;;</code>',
      '<code>DROP SEQUENCE s;</code>',
      'then wait</div>',
    ].join('\n'),
  );
  expect(tableOf(section('wait & see'))).toContain('<td class="words">wait &amp; see</td>');
});
