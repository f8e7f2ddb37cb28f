// @ts-check
/** Puts a gathered sheet on the page. */

import { dollars, el } from '../calculator/result.js';
import { leading } from '../claim/leading.js';

/** @typedef {import('./gather.js').Line} Line */
/** @typedef {import('./gather.js').Pair} Pair */
/** @typedef {{remove: (code: string) => void, put: (old: string, now: string) => void}} Buttons what the buttons of a row do */
/** @typedef {{lines: Line[], pairs: Pair[], set: string, indicators: any, against: string}} Sheet */

const PER = /** @type {{[mai: string]: string}} */ ({ 1: 'a line', 2: 'a day, by policy', 3: 'a day, clinical' });

/** @param {number} number @param {string} word */
export const counted = (number, word) => `${number.toLocaleString('en-US')} ${word}${number === 1 ? '' : 's'}`;

/** @param {string} code */
const linked = (code) => el('a', { href: `/codes/${code}/` }, code);

/**
 * The row whose amount is shown, as the code's page chooses it: the whole service, else a priced reading.
 * @param {any[]} rows of a twin
 */
function rowOf(rows) {
  const priced = (/** @type {any} */ row) => row && Object.values(Object.values(row.amounts)[0]).some((/** @type {any} */ one) => one.allowed);
  const [whole, reading] = ['', '26'].map((modifier) => rows.find((/** @type {any} */ row) => row.modifier === modifier));
  return priced(whole) ? whole : priced(reading) ? reading : (whole ?? rows[0]);
}

/**
 * One row of the table.
 * @param {Line} line
 * @param {Buttons} buttons
 */
function row({ code, twin, gone, by, name, modifiers, edits }, { remove, put }) {
  const off = el('td', { className: 'off' }, el('button', { type: 'button', className: 'quiet', ariaLabel: `Remove ${code}`, onclick: () => remove(code) }, 'Remove'));
  const instead = by[0] && !by[1] ? [' ', el('button', { type: 'button', className: 'quiet', onclick: () => put(code, by[0]) }, `Put ${by[0]} in its place`)] : [];
  if (!twin) return el('tr', { className: 'gone' }, el('th', { scope: 'row' }, gone.startsWith('Not') ? code : linked(code)), el('td', { colSpan: 6 }, ...leading(gone, by), ...instead), off);
  const shown = rowOf(twin.rows);
  const [amounts] = Object.values(shown.amounts);
  const part = shown.modifier ? ` (${shown.modifier})` : '';
  const limit = twin.ncci?.unit_limit;
  const amount = (/** @type {{allowed?: string}} */ one) => el('td', { className: 'n' }, one.allowed ? dollars(one.allowed) : 'not paid');
  const figures = amounts.office.allowed || amounts.facility.allowed ? [amount(amounts.office), amount(amounts.facility)] : [el('td', { className: 'n', colSpan: 2 }, twin.verdict)];
  const units = limit?.units === null || limit?.units === undefined ? 'none published' : limit.units === 0 ? '0' : `${limit.units} ${PER[limit.adjudication_indicator] ?? ''}`;
  return el('tr', {}, el('th', { scope: 'row' }, linked(code), el('span', {}, ` ${name}${part}`)), ...figures, el('td', {}, shown.indicators.glob), el('td', {}, limit ? units : 'not loaded'), el('td', {}, modifiers.replaceAll(' ', ', ') || '–'), el('td', { className: 'n' }, String(edits)), off);
}

/**
 * Give each cell that stands below one head that head's words: on a phone they stand beside it.
 * @param {HTMLTableElement} table
 */
function label({ tHead, tBodies }) {
  const heads = [...(tHead?.rows[0].cells ?? [])].map(({ textContent }) => textContent ?? '');
  for (const { cells } of tBodies[0].rows) {
    let at = 0;
    for (const cell of cells) {
      if (cell.matches('td:not(.off)') && cell.colSpan === 1) cell.dataset.label = heads[at];
      at += cell.colSpan;
    }
  }
}

/**
 * Show a sheet.
 * @param {(name: string) => HTMLElement} part
 * @param {Sheet} sheet
 * @param {Buttons} buttons
 */
export function showSheet(part, { lines, pairs, set, indicators, against }, buttons) {
  const bodyOf = (/** @type {string} */ name) => /** @type {HTMLElement} */ (part(name).querySelector('tbody'));
  const gone = lines.filter(({ twin }) => !twin);
  part('count').textContent = [counted(lines.length, 'code'), ...(gone[0] ? [`not in this release: ${gone.map(({ code }) => code).join(', ')}`] : [])].join('; ') + '.';
  bodyOf('codes').replaceChildren(...lines.map((line) => row(line, buttons)));
  label(/** @type {HTMLTableElement} */ (part('codes')));
  const none = part('no-edits');
  none.hidden = Boolean(pairs[0]);
  none.textContent = set ? `None in the edit set of ${set}. Payers other than Medicare may have their own.` : 'NCCI edits are not loaded in this build.';
  const table = /** @type {HTMLElement} */ (part('edits').parentElement);
  table.hidden = !pairs[0];
  bodyOf('edits').replaceChildren(...pairs.map(({ one, two, indicator }) => el('tr', {}, el('th', { scope: 'row' }, linked(one)), el('td', {}, linked(two)), el('td', {}, el('b', {}, indicator), ` ${indicators[indicator]?.label ?? ''}`))));
  const met = [...new Set(pairs.map(({ indicator }) => indicator))].sort();
  part('actions').replaceChildren(...met.map((one) => el('div', {}, el('dt', {}, `Indicator ${one}`), el('dd', {}, `${indicators[one].say} ${indicators[one].do}`))));
  const moved = lines.filter(({ changed }) => changed?.[0]);
  const still = lines.filter(({ changed }) => changed && !changed[0]);
  part('against').textContent = against ? [`Against ${against}, the release before it.`, ...(still[0] ? [`No change: ${still.map(({ code }) => code).join(', ')}.`] : [])].join(' ') : 'No older release is loaded here to compare with.';
  part('changed').replaceChildren(...moved.map(({ code, changed }) => el('li', {}, linked(code), ` ${changed?.join(' ')}`)));
  const limits = lines.find(({ twin }) => twin?.ncci?.unit_limit)?.twin.ncci.unit_limit.edition;
  part('sets').textContent = [set ? `Edit set ${set}.` : '', limits ? `Unit limits of ${limits}.` : ''].join(' ').trim();
}
