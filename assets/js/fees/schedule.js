// @ts-check
/** The fee schedule of one locality, a row of CMS's file at a time: every amount is the engine's own, for a claim of one line; nothing is worked out here. */

import { priceClaim } from '../payment/claim.js';

/** @typedef {import('../payment/model.js').Book} Book */
/** @typedef {import('../payment/model.js').Packed} Packed */
/** @typedef {import('../payment/model.js').Result} Result */
/** @typedef {{release: string, rows: {[code: string]: Packed}, book: Book, places: {[key: string]: any}}} World what a release says, and the rules of its first day */

const SETTINGS = /** @type {const} */ ([['office', 'nonfacility'], ['facility', 'facility']]);
/** Beside what a therapy line needs: a discipline, any that the code takes. None of them changes an amount. */
const DISCIPLINES = ['', 'GP', 'GO', 'GN'];
/** Answers that say: another discipline, or one at all. */
const UNDISCIPLINED = /^discipline_/;
/** Those that say: no place and no factor gives this row an amount. */
const UNPAID = /^status_/;

/** What is said beside an amount: the notes of data/v1/release.csv, and the one on flat rates, which a locality's index may not move. */
const NOTED = new Set(['THERAPY_OFFICE_RATE', 'NA_NONFACILITY', 'OPPS_CAP', 'RESTRICTED_COVERAGE', 'ONLY_WHEN_ALONE', 'FLAT_RATE_SUPPLY_VERIFY']);

/** Names of the columns, in the style of data/v1/release.csv. */
export const COLUMNS = ['release', 'locality', 'code', 'modifier', 'status', ...SETTINGS.flatMap(([name]) => ['result', 'non_qp', 'qp', 'limiting_charge'].map((of) => `${name}_${of}`)), ...SETTINGS.map(([name]) => `${name}_notes`)];

/** Modifiers in the order of CMS's file; JSON puts keys that are numbers first. */
const MODIFIERS = ['', '53', '26', 'TC'];

/** Code and modifier of every row, in the order of CMS's file. @param {World} world @returns {[code: string, modifier: string][]} */
export function keysOf({ rows }) {
  const order = (/** @type {string} */ one, /** @type {string} */ other) => MODIFIERS.indexOf(one) - MODIFIERS.indexOf(other);
  return Object.keys(rows).sort().flatMap((code) => Object.keys(rows[code]).sort(order).map((modifier) => /** @type {[string, string]} */ ([code, modifier])));
}

/**
 * What fills the rows of one locality, one after the other.
 * @param {World} world
 * @param {string} key carrier and locality, `13202/01`
 * @returns {(code: string, modifier: string) => string[]} the cells of a row, one for each of `COLUMNS`
 */
export function filler({ release, rows, book, places }, key) {
  const facts = { rows: (/** @type {string} */ code) => (Object.hasOwn(rows, code) ? rows[code] : undefined), place: (/** @type {string} */ one) => places[one] };
  // Up to 2025 there was one factor, and what is asked for by another name gets it (as in release.csv).
  const [main, other] = 'all' in book.factors ? ['all', ''] : ['non_qp', 'qp'];
  const status = book.fields.indexOf('status');

  /** The engine's answer for one line. @param {string} code @param {string} modifiers @param {{[field: string]: string}} said @returns {Result} */
  const ask = (code, modifiers, said) => priceClaim({ locality: key, lines: [{ code, modifiers }], ...said }, facts, book)[0];

  return (code, modifier) => {
    /** @type {Result | undefined} */
    let refused;
    const made = SETTINGS.map(([, setting]) => {
      let [modifiers, one] = [modifier, refused];
      for (const discipline of DISCIPLINES) {
        if (one && !UNDISCIPLINED.test(one.answer)) break;
        modifiers = `${modifier} ${discipline}`.trim();
        one = ask(code, modifiers, { setting, factor: main });
      }
      const { result, answer, allowed, notes } = /** @type {Result} */ (one);
      // What its status refuses is refused everywhere.
      if (UNPAID.test(answer)) refused = one;
      const also = (/** @type {{[field: string]: string}} */ said) => (allowed === null ? undefined : ask(code, modifiers, { setting, ...said }));
      const cells = [result, allowed, other && also({ factor: other })?.allowed, also({ factor: main, participation: 'nonpar' })?.share.limiting_charge];
      return { cells: cells.map((cell) => cell ?? ''), notes: allowed === null ? '' : notes.flatMap(([name]) => (NOTED.has(name) ? [name] : [])).join(' ') };
    });
    return [release, key.replace('/', '-'), code, modifier, String(rows[code][modifier][status]), ...made.flatMap(({ cells }) => cells), ...made.map(({ notes }) => notes)];
  };
}
