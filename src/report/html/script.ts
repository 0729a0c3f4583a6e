/**
 * The script that runs in the reader's browser: it shows, searches and sorts the rows of the sequences. Only the visible rows are in the
 * document, so that many thousands open as fast as ten. It inserts texts as text, never as markup.
 */
export const SCRIPT = String.raw`
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const { columns, rows, hasRounds } = JSON.parse(byId('rows').textContent);
  const rowHeight = 30;
  const spare = 10;
  const view = byId('view'), body = byId('body'), search = byId('search'), outcome = byId('outcome'), last = byId('last');
  // A column that says the same in every row is said once, so that the others have its room.
  const isSame = (column) => rows.length > 1 && rows.every((row) => row.cells[column] === rows[0].cells[column]);
  const told = columns.map((_, column) => column)
    .filter((column) => ['sequence', 'outcome', 'headroom'].includes(columns[column][0]) || !isSame(column));
  const same = columns.map(([name], column) => told.includes(column) ? '' : rows[0].cells[column] && name + ' ' + rows[0].cells[column])
    .filter((text) => text !== '');
  const outcomeAt = columns.findIndex(([name]) => name === 'outcome');
  const texts = rows.map((row) => row.cells.join('\n').toLowerCase());
  let shown = rows.map((_, index) => index), sort = null, chosen = -1, first = -1, until = -1;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const rowElement = (position) => {
    const row = element('tr', position === chosen ? 'chosen' : '');
    row.setAttribute('aria-rowindex', String(position + 2));
    row.dataset.position = String(position);
    row.id = 'row-' + position;
    for (const column of told) row.append(element('td', columns[column][1], rows[shown[position]].cells[column]));
    return row;
  };
  const gap = (height) => {
    const row = element('tr'), cell = element('td', 'gap');
    row.setAttribute('aria-hidden', 'true');
    cell.colSpan = told.length;
    cell.style.height = height + 'px';
    row.append(cell);
    return row;
  };
  const draw = (anew) => {
    const from = Math.max(0, Math.floor(view.scrollTop / rowHeight) - spare);
    const to = Math.min(shown.length, from + Math.ceil(view.clientHeight / rowHeight) + 2 * spare);
    if (!anew && from === first && to === until) return;
    first = from; until = to;
    const part = document.createDocumentFragment();
    if (from > 0) part.append(gap(from * rowHeight));
    for (let position = from; position < to; position += 1) part.append(rowElement(position));
    if (to < shown.length) part.append(gap((shown.length - to) * rowHeight));
    body.replaceChildren(part);
  };
  const describe = () => {
    const detail = byId('detail');
    detail.replaceChildren();
    if (chosen < 0) return view.removeAttribute('aria-activedescendant');
    view.setAttribute('aria-activedescendant', 'row-' + chosen);
    rows[shown[chosen]].cells.forEach((text, column) => {
      if (text !== '') detail.append(element('dt', '', columns[column][0]), element('dd', '', text));
    });
  };
  const numbers = new Map();
  const numberOf = (index, column) => {
    const key = index * columns.length + column;
    if (!numbers.has(key)) {
      const text = rows[index].cells[column];
      numbers.set(key, /^-?\d+$/.test(text) ? BigInt(text) : null);
    }
    return numbers.get(key);
  };
  const compare = (column, isNumber) => (a, b) => {
    const [left, right] = isNumber
      ? [numberOf(a, column), numberOf(b, column)] : [rows[a].cells[column], rows[b].cells[column]];
    if (left === right) return a - b;
    // What is unknown comes last, in either direction.
    if (left === null || left === '') return 1;
    if (right === null || right === '') return -1;
    return (left < right ? -1 : 1) * (sort.isDown ? -1 : 1);
  };
  const select = (anew) => {
    const wanted = search.value.toLowerCase(), wantedOutcome = outcome.value;
    shown = [];
    rows.forEach((row, index) => {
      if (wanted !== '' && !texts[index].includes(wanted)) return;
      if (wantedOutcome !== '' && row.cells[outcomeAt] !== wantedOutcome) return;
      if (last.checked && !row.last) return;
      shown.push(index);
    });
    if (sort !== null) shown.sort(compare(sort.column, columns[sort.column][1].includes('number')));
    chosen = -1;
    if (anew) view.scrollTop = 0;
    byId('count').textContent = shown.length + ' of ' + rows.length + ' rows';
    byId('grid').setAttribute('aria-rowcount', String(shown.length + 1));
    describe();
    draw(true);
    // With its rows the view has its height.
    draw(false);
  };
  const choose = (position) => {
    if (shown.length === 0) return;
    chosen = Math.max(0, Math.min(shown.length - 1, position));
    const top = chosen * rowHeight, head = view.querySelector('thead').offsetHeight;
    if (top < view.scrollTop) view.scrollTop = top;
    else if (top + rowHeight + head > view.scrollTop + view.clientHeight) view.scrollTop = top + rowHeight + head - view.clientHeight;
    draw(true);
    describe();
  };

  const widths = [];
  byId('head').append(...told.map((column) => {
    const [name, kind, characters] = columns[column];
    const width = characters > 0 ? characters + 'ch + 1.3rem' : { wide: '13rem', narrow: '6.25rem', middle: '7rem' }[kind.split(' ').pop()];
    widths.push(width);
    const cell = element('th', kind), button = element('button', '', name);
    // Names and reasons take the room that is left.
    if (!kind.endsWith('wide')) cell.style.width = 'calc(' + width + ')';
    cell.scope = 'col';
    button.type = 'button';
    button.addEventListener('click', () => {
      sort = { column, isDown: sort !== null && sort.column === column && !sort.isDown };
      for (const other of byId('head').children) other.removeAttribute('aria-sort');
      cell.setAttribute('aria-sort', sort.isDown ? 'descending' : 'ascending');
      for (const other of byId('head').children) other.firstChild.textContent = other.firstChild.textContent.replace(/ [▲▼]$/, '');
      button.textContent = name + (sort.isDown ? ' ▼' : ' ▲');
      select(true);
    });
    cell.append(button);
    return cell;
  }));
  byId('grid').style.minWidth = 'calc(' + widths.join(' + ') + ')';
  byId('same').textContent = same.length > 0 ? 'The same in every row: ' + same.join('; ') : '';
  byId('same').hidden = same.length === 0;
  for (const name of [...new Set(rows.map((row) => row.cells[outcomeAt]))].sort()) {
    const option = element('option', '', name);
    option.value = name;
    outcome.append(option);
  }
  last.closest('label').hidden = !hasRounds;
  let waits = false;
  view.addEventListener('scroll', () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; draw(false); });
  });
  view.addEventListener('keydown', (event) => {
    if (event.target !== view) return;
    const page = Math.max(1, Math.floor(view.clientHeight / rowHeight) - 2);
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page, PageUp: chosen - page, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  });
  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr[data-position]');
    if (row !== null) choose(Number(row.dataset.position));
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    event.preventDefault();
    search.focus();
  });
  search.addEventListener('input', () => select(true));
  for (const control of [outcome, last]) control.addEventListener('change', () => select(true));
  addEventListener('resize', () => draw(false));
  // A printed report has every row, whatever is searched for, in the order in which they are sorted. A browser lays out one table of many
  // thousand rows on pages so slowly that nobody waits for it; many tables are quick. On paper they come last: they may take hundreds of pages.
  const section = byId('sequences'), main = section.parentElement, next = section.nextElementSibling;
  addEventListener('beforeprint', () => {
    const order = rows.map((_, index) => index);
    if (sort !== null) order.sort(compare(sort.column, columns[sort.column][1].includes('number')));
    const tables = [];
    for (let at = 0; at < order.length; at += 50) {
      const table = element('table'), head = element('thead'), titles = element('tr'), cells = element('tbody');
      for (const column of told) titles.append(element('th', columns[column][1], columns[column][0]));
      for (const index of order.slice(at, at + 50)) {
        const row = element('tr');
        for (const column of told) row.append(element('td', columns[column][1], rows[index].cells[column]));
        cells.append(row);
      }
      head.append(titles);
      table.append(head, cells);
      tables.push(table);
    }
    byId('paper').replaceChildren(...tables);
    for (const one of document.querySelectorAll('details')) one.open = true;
    main.append(section);
  });
  addEventListener('afterprint', () => {
    byId('paper').replaceChildren();
    const scrolled = view.scrollTop;
    main.insertBefore(section, next);
    view.scrollTop = scrolled;
  });
  byId('live').hidden = false;
  select(true);
})();
`;
