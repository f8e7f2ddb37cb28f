// @ts-check
/** Shows the outcome of a comparison: totals, a page of ranked rows, a page of the rows that were not compared. */

import { dollars, el, figure } from '../calculator/result.js';

/** @typedef {import('./session.js').Outcome} Outcome */
/** @typedef {import('./session.js').Shown} Shown */
/** @typedef {import('./rates.js').Left} Left */
/** @typedef {import('./rates.js').Order} Order */

/** Rows of a page. */
export const COUNT = 50;

/** Heads of the ranked rows: what a click orders by, the words, whether figures stand below. @type {[Order | '', string, boolean][]} */
const HEADS = [['line', 'Line', false], ['code', 'Billed', false], ['gap', 'Gap', true], ['share', 'Of Medicare', true], ['amount', 'Amount', true], ['allowed', 'Medicare allows', true], ['', 'Where and when, remarks', false]];

/** @param {number} number */
const count = (number) => number.toLocaleString('en-US');

/** @param {number} number @param {string} word */
export const counted = (number, word) => `${count(number)} ${word}${number === 1 ? '' : 's'}`;

/** The sentence on how many rows there were and what became of them. @param {Outcome} outcome */
export const counts = ({ rows, compared, left, blank, stopped }) =>
  [
    `${counted(rows, 'row')}: ${count(compared)} compared, ${count(left)} not compared${left ? ' and listed below' : ''}.`,
    ...(stopped ? ['You stopped before the end.'] : []),
    ...(blank ? [`${counted(blank, 'line')} without anything passed over.`] : []),
  ].join(' ');

/** Fill the totals. @param {HTMLElement} box @param {Outcome} outcome @param {string} target */
export function sums(box, outcome, target) {
  const { text, under, over, equal, compared } = outcome;
  const by = target === '100' ? 'Medicare' : `${target}% of Medicare`;
  const pair = (/** @type {string} */ label, /** @type {string} */ value, /** @type {string} */ more) => el('div', {}, el('dt', {}, label), el('dd', {}, el('b', {}, value), ...(more ? [el('span', {}, more)] : [])));
  box.replaceChildren(
    pair('Your amounts', dollars(text.amount), compared ? `${text.share}% of what Medicare allows` : ''),
    pair('Medicare allows', dollars(text.allowed), target === '100' ? '' : `${target}% of each: ${dollars(text.measure)}`),
    pair(`Below ${by}`, dollars(text.short), `on ${counted(under, 'row')}`),
    pair(`Above ${by}`, dollars(text.beyond), `on ${counted(over, 'row')}`),
    pair('As much', counted(equal, 'row'), ''),
  );
}

/** Where the calculator of a code's page has the same line. @param {Shown} row @param {{factor: string, practitioner: string}} terms */
function address({ code, modifiers, units, place, locality, day }, { factor, practitioner }) {
  const pos = place === 'facility' ? '22' : place === 'nonfacility' ? '11' : place;
  const state = new URLSearchParams({ ...(modifiers[0] ? { mod: modifiers.join(' ') } : {}), ...(units === '1' ? {} : { units }), pos, ...(locality === '00000/00' ? {} : { loc: locality.replace('/', '-') }), ...(day ? { dos: day } : {}), ...(factor ? { qp: factor } : {}), ...(practitioner ? { who: practitioner } : {}) });
  return `/codes/${code}/#${state}`;
}

/**
 * A page of ranked rows.
 * @param {HTMLTableElement} table
 * @param {{rows: Shown[], by: Order, backwards: boolean, terms: any, sort: (by: Order) => void}} all
 */
export function rates(table, { rows, by, backwards, terms, sort }) {
  const head = HEADS.map(([name, label, figures]) => {
    const button = name ? el('button', { type: 'button', className: 'quiet' }, label) : undefined;
    if (button && name) button.onclick = () => sort(name);
    const th = el('th', { scope: 'col', className: figures ? 'n' : '' }, button ?? label);
    if (name === by) th.setAttribute('aria-sort', backwards ? 'descending' : 'ascending');
    return th;
  });
  const body = rows.map((row) => {
    const { line, code, modifiers, units, place, locality, day, release, amount, allowed, share, gap, side, remarks } = row;
    const link = el('a', { href: address(row, terms) }, [code, ...modifiers].join('-'));
    const where = [/^\d/.test(place) ? `POS ${place}` : place, locality === '00000/00' ? 'national' : locality.replace('/', '-'), day || release].join(', ');
    return el(
      'tr',
      { className: side },
      el('td', {}, count(line)),
      el('th', { scope: 'row' }, link, units === '1' ? '' : ` × ${units}`),
      figure(side ? `${dollars(gap)} ${side === 'under' ? 'below' : 'above'}` : 'none'),
      figure(`${share}%`),
      figure(dollars(amount)),
      figure(dollars(allowed)),
      el('td', { className: 'fine' }, [`${where}.`, ...remarks].join(' ')),
    );
  });
  table.replaceChildren(el('caption', { className: 'visually-hidden' }, 'Rows that were compared'), el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...body));
}

/** A page of rows that were not compared. @param {HTMLTableElement} table @param {Left[]} rows */
export function listed(table, rows) {
  const head = el('tr', {}, el('th', { scope: 'col' }, 'Line'), el('th', { scope: 'col' }, 'What is wrong, and what to do'));
  table.replaceChildren(el('caption', { className: 'visually-hidden' }, 'Rows that were not compared'), el('thead', {}, head), el('tbody', {}, ...rows.map(({ line, say }) => el('tr', {}, el('th', { scope: 'row' }, count(line)), el('td', {}, say)))));
}

/**
 * The way from page to page.
 * @param {HTMLElement} box
 * @param {string} what rows of which table, for who hears the buttons alone
 * @param {{from: number, total: number}} at
 * @param {(from: number) => void} go
 */
export function pager(box, what, { from, total }, go) {
  box.hidden = total <= COUNT;
  const button = (/** @type {string} */ label, /** @type {number} */ to, /** @type {boolean} */ works) => {
    const made = el('button', { type: 'button', className: 'quiet' }, label);
    made.setAttribute('aria-label', `${label}: ${what}`);
    made.setAttribute('aria-disabled', String(!works));
    made.onclick = () => works && go(to);
    return made;
  };
  const held = [...box.querySelectorAll('button')].findIndex((one) => one === document.activeElement);
  box.replaceChildren(button('Previous', from - COUNT, from > 0), ` ${count(from + 1)} to ${count(Math.min(from + COUNT, total))} of ${count(total)} `, button('Next', from + COUNT, from + COUNT < total));
  if (held >= 0) box.querySelectorAll('button')[held].focus();
}
