// @ts-check
/** Sorts and filters the lists of a page of changes. A list of which the page has the first rows alone is fetched whole when it is first sorted or filtered. */

import { ordered, parse, shown, fitting } from './rows.js';

/** @typedef {import('./rows.js').Row} Row */

/** Rows of a list that are shown at once, as on the page without a script. */
const MOST = 150;

/**
 * @typedef {object} List
 * @property {(words: string) => Promise<number>} filter shows the rows that hold all words; gives their number
 */

/**
 * Prepare one table.
 * @param {HTMLTableElement} table
 * @returns {List}
 */
function prepare(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead?.rows[0].cells ?? []];
  const kinds = heads.map((th) => th.dataset.kind ?? 'text');
  const labels = heads.map((th) => th.textContent ?? '');
  const linked = new Set([...body.querySelectorAll('a')].map((a) => a.textContent ?? ''));
  /** @type {Row[]} */
  let rows = [...body.rows].map((tr) => [...tr.cells].map((cell) => cell.textContent ?? ''));
  /** @type {Promise<void> | null} */
  let whole = table.dataset.file ? null : Promise.resolve();
  let by = -1;
  let backwards = false;
  let words = '';
  const note = table.closest('.change-list')?.querySelector('.more-rows') ?? document.createElement('p');
  if (!note.isConnected) {
    note.className = 'fine more-rows';
    table.closest('.scroll')?.after(note);
  }

  /** Fetch the whole list once; what cannot be had leaves the rows of the page. */
  const load = () => {
    whole ??= fetch(table.dataset.file ?? '')
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
      .then((text) => {
        rows = parse(text).slice(1).map((row) => row.map((cell, at) => shown(cell, kinds[at])));
      })
      .catch((problem) => {
        whole = null;
        throw problem;
      });
    return whole;
  };

  const draw = () => {
    const fit = fitting(rows, words);
    const sorted = by < 0 ? fit : ordered(fit, by, kinds[by], backwards);
    body.replaceChildren(...sorted.slice(0, MOST).map((row) => line(row, kinds, labels, table.dataset.linked !== undefined, linked)));
    const all = fit.length === rows.length ? `${rows.length.toLocaleString('en-US')} rows` : `${fit.length.toLocaleString('en-US')} rows that fit`;
    note.textContent = !fit.length ? 'No row fits.' : fit.length > MOST ? `The first ${MOST} of ${all}; all of them are in the file.` : '';
    table.closest('.scroll')?.toggleAttribute('hidden', !fit.length); // heads of nothing say less than the words
    heads.forEach((th, at) => {
      if (at === by) th.ariaSort = backwards ? 'descending' : 'ascending';
      else th.removeAttribute('aria-sort');
    });
    return fit.length;
  };
  const failed = () => {
    note.textContent = 'The whole list could not be loaded: what is shown are its first rows.';
  };

  // One row alone is in every order.
  (whole && rows.length < 2 ? [] : heads).forEach((th, at) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet', textContent: th.textContent });
    button.onclick = () => {
      backwards = by === at && !backwards;
      by = at;
      load().then(draw, () => {
        draw();
        failed();
      });
    };
    th.replaceChildren(button);
  });
  return {
    filter(asked) {
      words = asked;
      return load().then(draw, () => {
        const found = draw();
        failed();
        return found;
      });
    },
  };
}

/**
 * Make a row.
 * @param {Row} row
 * @param {string[]} kinds
 * @param {string[]} labels heads of the columns, which stand before their cells on a phone
 * @param {boolean} all whether every code has a page
 * @param {Set<string>} linked codes that have one at least
 */
function line(row, kinds, labels, all, linked) {
  const tr = document.createElement('tr');
  row.forEach((text, at) => {
    const cell = document.createElement(at ? 'td' : 'th');
    if (cell instanceof HTMLTableCellElement && !at) cell.scope = 'row';
    if (at) cell.dataset.label = labels[at];
    if (['number', 'money', 'change'].includes(kinds[at])) cell.className = 'n';
    if (kinds[at] === 'code' && (all || linked.has(text))) cell.append(Object.assign(document.createElement('a'), { href: `/codes/${text}/`, textContent: text }));
    else cell.textContent = text;
    tr.append(cell);
  });
  return tr;
}

const tables = /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll('.change-list table'));
const lists = [...tables].map(prepare);
const box = document.getElementById('change-filter');
const input = document.getElementById('change-words');
const said = document.getElementById('change-said');
if (lists.length && box && said && input instanceof HTMLInputElement) {
  box.hidden = false;
  let turn = 0;
  input.oninput = async () => {
    const mine = (turn += 1);
    const found = await Promise.all(lists.map((one) => one.filter(input.value)));
    if (mine !== turn) return;
    const rows = found.reduce((sum, one) => sum + one, 0);
    said.textContent = input.value.trim() ? `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row fits' : 'rows fit'}, in ${found.filter(Boolean).length} of ${lists.length} lists.` : '';
  };
}
