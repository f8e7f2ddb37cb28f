// @ts-check
/** Shows a code's bundling edits, column 1 and column 2 apart: filtered, ordered, a page at a time. */

import { load } from '../search/index.js';
import { fitting, ordered, parse } from './rows.js';

/** @typedef {import('./rows.js').Row} Row */

const PAGE = 50;
const HEADS = /** @type {['other' | 'indicator' | 'effective' | 'deleted' | 'rationale', string][]} */ ([['other', 'Code'], ['indicator', 'Modifier'], ['effective', 'From'], ['deleted', 'To'], ['rationale', 'Reason']]);
/** What to say of a column that is blank in every row. */
const UNKNOWN = /** @type {['effective' | 'deleted' | 'rationale', string][]} */ ([['effective', 'the day from which each edit holds'], ['deleted', 'its last day'], ['rationale', "CMS's reason for it"]]);
/** A whole code. */
const PAIRED = /^(?:\d{4}[\dA-Z]|[A-V]\d{4})$/;
const LISTED = new Intl.ListFormat('en');

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
 * Load the list and show it; rejects where it cannot be had. Without names of codes it is shown all the same.
 * @param {HTMLElement} box
 * @param {HTMLElement} said what is read aloud
 */
export async function attach(box, said) {
  const { code = '', url = '', set = '', words = '', ones = '', twos = '' } = box.dataset;
  const [book, csv, names] = await Promise.all([
    fetched(words).then((answer) => answer.json()),
    fetched(url).then((answer) => answer.text()),
    load().then(
      ({ codes, names, nameOf }) => new Map(codes.map((one, at) => [one, names[nameOf[at]]])),
      () => /** @type {Map<string, string>} */ (new Map()),
    ),
  ]);
  const asked = box.querySelector('button');
  const focused = document.activeElement === asked;
  show(box, said, { code, set, book, rows: parse(csv, code, names), counts: [ones, twos] });
  asked?.parentElement?.remove();
  // Who pressed the button goes on at the filter; whom an address led here stays where the page begins.
  if (focused) box.querySelector('input')?.focus({ preventScroll: true });
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
  // A column of which nothing is known is left out and said once; so is the last day where no edit has one.
  const heads = HEADS.filter(([name]) => rows.some((row) => row[name] && row[name] !== 'none'));
  const sides = [true, false].map((one) => side(one, { code, book, heads, rows: rows.filter((row) => row.one === one), count: counts[one ? 0 : 1] }));
  const unknown = UNKNOWN.filter(([name]) => !rows.some((row) => row[name])).map(([, about]) => about);
  const reasons = rows.some(({ rationale }) => rationale);

  const update = () => {
    const left = sides.map((one) => one.update(filter));
    const other = filter.words.trim().toUpperCase();
    // Whoever looks for one pair, of which there is no edit in force, has a denial to explain.
    const none = PAIRED.test(other) && other !== code && !rows.some((row) => row.held && row.other === other);
    const past = none && rows.some((row) => row.other === other) ? ' One that ended is in the list of those.' : '';
    said.textContent = none ? `No edit of ${code} with ${other} in ${set}. If it was denied, look at the modifiers, the unit limit, the date of service, or the payer's own edits.` + past : `${counted(left[0] + left[1], 'edit')}: ${code} is column 1 in ${left[0].toLocaleString('en-US')}, column 2 in ${left[1].toLocaleString('en-US')}.`;
  };
  text.oninput = () => {
    const { value } = text;
    // What was typed stands there first: the rows take longer, and come right after it.
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (text.value !== value) return;
        filter.words = value;
        update();
      }),
    );
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
      make('span', {}, make('label', { htmlFor: 'e-words' }, 'Filter by code or words'), ' ', text),
      make('span', {}, make('label', { htmlFor: 'e-kind' }, 'Modifier'), ' ', kind),
      ...(ended ? [make('span', { className: 'tick' }, also, ' ', make('label', { htmlFor: 'e-ended' }, 'Also edits that ended'))] : []),
    ),
    ...(unknown[0] ? [make('p', { className: 'fine' }, `Not known from the source of ${set}: ${LISTED.format(unknown)}.`)] : []),
    ...(reasons ? [make('p', { className: 'fine' }, make('a', { href: '/edits/#rationales' }, 'What each reason means'))] : []),
    ...sides.flatMap(({ part }) => (part ? [part] : [])),
  );
  update();
}

/**
 * One column's edits.
 * @param {boolean} one whether the page's code is in column 1
 * @param {{code: string, book: any, heads: typeof HEADS, rows: Row[], count: string}} all
 */
function side(one, { code, book, heads, rows, count }) {
  let by = HEADS[0][0];
  let backwards = false;
  let from = 0;
  /** All rows in their order: a key only takes some out. */
  let sorted = ordered(rows, by, backwards);
  /** @type {Row[]} */
  let fit = [];
  /** @type {import('./rows.js').Filter} */
  let last;
  /** The rows of the table as it stands: those that it shows next as well are left in their place. @type {Map<Row, HTMLElement>} */
  let standing = new Map();
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
      sorted = ordered(rows, by, backwards);
      fit = fitting(sorted, last);
      tell();
      draw();
    };
    return th;
  });

  /** Say in the heads what the rows are ordered by. */
  function tell() {
    ths.forEach((th, at) => th.setAttribute('aria-sort', heads[at][0] !== by ? 'none' : backwards ? 'descending' : 'ascending'));
  }
  /** @param {Row} row */
  function drawn(row) {
    const pair = one ? `${code},${row.other}` : `${row.other},${code}`;
    const link = make('a', { href: `/codes/${row.other}/` }, row.other);
    const cells = heads.slice(1).map(([name]) => {
      if (name === 'indicator') return make('td', {}, make('b', {}, row.indicator), ` ${book.indicators[row.indicator].label}`);
      if (name === 'rationale') return make('td', { title: book.rationales[row.rationale] ?? '' }, row.rationale || 'not known');
      return make('td', { className: 'day' }, row[name] || 'not known');
    });
    const made = make('tr', {}, make('th', { scope: 'row' }, row.name ? link : row.other, make('span', {}, ` ${row.name}`)), ...cells, make('td', {}, make('a', { href: `/claim/#add=${pair}`, ariaLabel: `Check ${row.other} and ${code} on a claim` }, 'Check')));
    if (!row.held) made.className = 'ended';
    return made;
  }
  function draw() {
    const page = new Map(fit.slice(from, from + PAGE).map((row) => [row, standing.get(row) ?? drawn(row)]));
    for (const [row, gone] of standing) if (!page.has(row)) gone.remove();
    [...page.values()].forEach((row, at) => {
      if (body.children[at] !== row) body.insertBefore(row, body.children[at]);
    });
    standing = page;
    const to = Math.min(from + PAGE, fit.length);
    where.textContent = fit.length ? `${(from + 1).toLocaleString('en-US')} to ${to.toLocaleString('en-US')} of ${fit.length.toLocaleString('en-US')}` : 'None fits.';
    scroll.hidden = !fit.length; // heads of nothing say less than the words
    back.hidden = on.hidden = fit.length <= PAGE;
    pager.hidden = fit.length > 0 && on.hidden;
    // Not disabled: at the last page the button would lose the focus.
    back.ariaDisabled = String(!from);
    on.ariaDisabled = String(to >= fit.length);
  }
  /** @param {number} to */
  function turn(to) {
    if (to < 0 || to >= fit.length) return;
    from = to;
    // Read aloud when a page is turned; what a filter leaves is said once, above.
    where.ariaLive = 'polite';
    draw();
    // The pager stays in sight (assets/css/58-edit-list.css), so that the page may begin at its first row.
    if (scroll.getBoundingClientRect().top < 0) scroll.scrollIntoView();
  }
  back.onclick = () => turn(from - PAGE);
  on.onclick = () => turn(from + PAGE);
  tell();
  const table = make('table', { className: 'edit-rows' }, make('caption', { className: 'visually-hidden' }, title), make('thead', {}, make('tr', {}, ...ths, make('th', { scope: 'col' }, 'Claim'))), body);
  const scroll = make('section', { className: 'scroll', tabIndex: 0, ariaLabel: `${title}, table` }, table);
  return {
    part: rows[0] ? make('section', {}, make('h3', {}, title), scroll, pager) : null,
    /** @param {import('./rows.js').Filter} filter */
    update(filter) {
      last = filter;
      fit = fitting(sorted, filter);
      from = 0;
      where.ariaLive = 'off';
      draw();
      return fit.length;
    },
  };
}
