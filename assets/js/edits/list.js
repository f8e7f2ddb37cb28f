// @ts-check
/** Shows a code's bundling edits, column 1 and column 2 apart: filtered, ordered, a page at a time. */

import { load } from '../search/index.js';
import { fitting, ordered, parse } from './rows.js';

/** @typedef {import('./rows.js').Row} Row */

const PAGE = 50;
const HEADS = /** @type {['other' | 'indicator' | 'effective' | 'deleted' | 'rationale', string][]} */ ([['other', 'Code'], ['indicator', 'Modifier'], ['effective', 'From'], ['deleted', 'To'], ['rationale', 'Reason']]);

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** @param {number} number @param {string} word */
const counted = (number, word) => `${number.toLocaleString('en-US')} ${word}${number === 1 ? '' : 's'}`;

/**
 * Load the list and show it; where it cannot be had, say so and leave the button.
 * @param {HTMLElement} box
 */
export async function attach(box) {
  const { code = '', url = '', set = '', words = '', ones = '', twos = '' } = box.dataset;
  const button = /** @type {HTMLButtonElement} */ (box.querySelector('button'));
  const said = box.querySelector('[role=status]') ?? make('p', { className: 'fine' });
  said.setAttribute('role', 'status');
  said.textContent = 'Loading bundling edits…';
  box.append(said);
  try {
    const [book, csv] = await Promise.all([fetched(words).then((answer) => answer.json()), fetched(url).then((answer) => answer.text())]);
    /** @type {Map<string, string>} */
    const names = await load().then(({ codes, names, nameOf }) => new Map(codes.map((one, at) => [one, names[nameOf[at]]]))).catch(() => new Map());
    const rows = parse(csv, code, names);
    button.parentElement?.remove();
    show(box, said, { code, set, book, rows, counts: [ones, twos] });
  } catch {
    said.textContent = 'The list could not be loaded. Try again when you are online; the CSV has the same.';
    button.disabled = false;
  }
}

/** @param {string} url */
const fetched = (url) => fetch(url).then((answer) => (answer.ok ? answer : Promise.reject(new Error(answer.statusText))));

/**
 * @param {HTMLElement} box
 * @param {Element} said
 * @param {{code: string, set: string, book: any, rows: Row[], counts: string[]}} all
 */
function show(box, said, { code, set, book, rows, counts }) {
  const filter = { words: '', indicator: '', ended: false };
  const ended = rows.some(({ held }) => !held);
  const text = make('input', { type: 'search', id: 'e-words', autocomplete: 'off', spellcheck: false });
  const kind = make('select', { id: 'e-kind' }, make('option', { value: '' }, 'All'), ...['0', '1', ...(ended ? ['9'] : [])].map((number) => make('option', { value: number }, `${number}: ${book.indicators[number].label}`)));
  const also = make('input', { type: 'checkbox', id: 'e-ended' });
  const sides = [true, false].map((one) => side(one, { code, book, rows: rows.filter((row) => row.one === one), count: counts[one ? 0 : 1] }));
  const unknown = [...(rows.some(({ effective }) => effective) ? [] : ['the day from which each edit holds']), ...(rows.some(({ rationale }) => rationale) ? [] : ['CMS’s reason for it'])];

  const update = () => {
    const left = sides.map((one) => one.update(filter));
    said.textContent = `${counted(left[0] + left[1], 'edit')}: ${code} is column 1 in ${left[0].toLocaleString('en-US')}, column 2 in ${left[1].toLocaleString('en-US')}.`;
  };
  text.oninput = () => {
    filter.words = text.value;
    update();
  };
  kind.onchange = () => {
    filter.indicator = kind.value;
    if (kind.value === '9') also.checked = filter.ended = true;
    update();
  };
  also.onchange = () => {
    filter.ended = also.checked;
    update();
  };
  box.append(
    make(
      'p',
      { className: 'filter' },
      make('label', { htmlFor: 'e-words' }, 'Filter by code or words '),
      text,
      make('label', { htmlFor: 'e-kind' }, ' Modifier '),
      kind,
      ...(ended ? [make('span', {}, also, make('label', { htmlFor: 'e-ended' }, ' Also edits that ended'))] : []),
    ),
    ...(unknown[0] ? [make('p', { className: 'fine' }, `Not known from the source of ${set}: ${unknown.join(', and ')}.`)] : []),
    ...sides.flatMap(({ part }) => (part ? [part] : [])),
  );
  update();
  text.focus({ preventScroll: true });
}

/**
 * One column's edits.
 * @param {boolean} one whether the page's code is in column 1
 * @param {{code: string, book: any, rows: Row[], count: string}} all
 */
function side(one, { code, book, rows, count }) {
  let by = HEADS[0][0];
  let backwards = false;
  let from = 0;
  /** @type {Row[]} */
  let fit = [];
  // A column of which nothing is known is left out.
  const heads = HEADS.filter(([name]) => name === 'other' || name === 'indicator' || rows.some((row) => row[name] && row[name] !== 'none'));
  const title = one ? `Column 1: ${count} ${count === '1' ? 'code is' : 'codes are'} denied beside ${code}` : `Column 2: ${code} is denied beside ${count} ${count === '1' ? 'code' : 'codes'}`;
  const body = make('tbody', {});
  const where = make('span', {});
  const [back, on] = ['Previous', 'Next'].map((label) => make('button', { type: 'button', className: 'quiet' }, label));
  const pager = make('p', { className: 'pager' }, back, ' ', where, ' ', on);
  const ths = heads.map(([name, label]) => {
    const button = make('button', { type: 'button', className: 'quiet' }, label);
    const th = make('th', { scope: 'col' }, button);
    button.onclick = () => {
      backwards = by === name && !backwards;
      by = name;
      from = 0;
      draw();
    };
    return th;
  });

  function draw() {
    ths.forEach((th, at) => th.setAttribute('aria-sort', heads[at][0] !== by ? 'none' : backwards ? 'descending' : 'ascending'));
    const page = ordered(fit, by, backwards).slice(from, from + PAGE);
    body.replaceChildren(
      ...page.map((row) => {
        const pair = one ? `${code},${row.other}` : `${row.other},${code}`;
        const link = make('a', { href: `/codes/${row.other}/` }, row.other);
        const cells = heads.slice(1).map(([name]) => {
          if (name === 'indicator') return make('td', {}, make('b', {}, row.indicator), ` ${book.indicators[row.indicator].label}`);
          if (name === 'rationale') return make('td', { title: book.rationales[row.rationale] ?? '' }, row.rationale || 'not known');
          return make('td', {}, row[name] || 'not known');
        });
        const made = make('tr', {}, make('th', { scope: 'row' }, row.name ? link : row.other, make('span', {}, ` ${row.name}`)), ...cells, make('td', {}, make('a', { href: `/claim/#add=${pair}`, ariaLabel: `Check ${row.other} and ${code} on a claim` }, 'Check')));
        if (!row.held) made.className = 'ended';
        return made;
      }),
    );
    const to = Math.min(from + PAGE, fit.length);
    where.textContent = fit.length ? `${(from + 1).toLocaleString('en-US')} to ${to.toLocaleString('en-US')} of ${fit.length.toLocaleString('en-US')}` : 'None fits.';
    pager.hidden = fit.length > 0 && fit.length <= PAGE;
    back.disabled = !from;
    on.disabled = to >= fit.length;
  }
  back.onclick = () => {
    from = Math.max(0, from - PAGE);
    draw();
  };
  on.onclick = () => {
    from += PAGE;
    draw();
  };
  const table = make('table', { className: 'edit-rows' }, make('caption', { className: 'visually-hidden' }, title), make('thead', {}, make('tr', {}, ...ths, make('th', { scope: 'col' }, make('span', { className: 'visually-hidden' }, 'On a claim')))), body);
  const scroll = make('section', { className: 'scroll', tabIndex: 0, ariaLabel: `${title}, table` }, table);
  return {
    part: rows[0] ? make('section', {}, make('h3', {}, title), scroll, pager) : null,
    /** @param {import('./rows.js').Filter} filter */
    update(filter) {
      fit = fitting(rows, filter);
      from = 0;
      draw();
      return fit.length;
    },
  };
}
