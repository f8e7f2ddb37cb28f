// @ts-check
/** Compares rows with what Medicare allows, each as a claim of one line by the project's own engine; exact, in cents. */

import { priceClaim } from '../payment/claim.js';
import { amountIn, codeIn, dayIn, localityIn, modifiersIn, placeIn, unitsIn } from './cells.js';

/** @typedef {import('./columns.js').Role} Role */
/** @typedef {import('./releases.js').Release} Release */
/** @typedef {{roles: Role[], comma: boolean, pos: string, day: string, locality: string, factor: string, practitioner: string, target: bigint}} Terms what holds for rows that do not say otherwise; `target` in hundredths of a percent of Medicare */
/** @typedef {{line: number, code: string, modifiers: string[], units: string, place: string, locality: string, day: string, release: string, amount: bigint, allowed: bigint, measure: bigint, remarks: string[]}} Rate a row that was compared; amounts in cents, `measure` is the target's percentage of `allowed` */
/** @typedef {{line: number, say: string}} Left a row that was not compared, and why */
/** @typedef {{count: number, amount: bigint, allowed: bigint, measure: bigint, under: number, short: bigint, over: number, beyond: bigint, equal: number}} Totals over the rows that were compared */

/** Notes that say how the amount came about, and leave nothing to decide. */
const SILENT = /^(OPPS_CAP|THERAPY_OFFICE_RATE|LAST_CENT|NO_PATIENT_SHARE|SCREENING_SHARE|BONUS_\w+)$/;

/** A fraction rounded to a whole number, halves up. @param {bigint} one @param {bigint} other */
export const rounded = (one, other) => (2n * one + other) / (2n * other);

/** Cents as text: `1234.50`. @param {bigint} amount */
export const money = (amount) => `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;

/** An amount as a percentage of another, to a tenth: `87.3`; half a tenth is rounded up. @param {bigint} amount @param {bigint} whole */
export function share(amount, whole) {
  const tenths = rounded(amount * 1000n, whole);
  return `${tenths / 10n}.${tenths % 10n}`;
}

/** Compares one row after the other, and asks the engine once for rows that are alike. */
export class Comparer {
  /**
   * @param {Terms} terms
   * @param {(day: string) => Release | string} on
   */
  constructor(terms, on) {
    this.terms = terms;
    this.on = on;
    /** @type {Map<string, {allowed?: bigint, remarks: string[], say: string}>} */
    this.known = new Map();
    /** @type {Map<string, Release | string>} */
    this.releases = new Map();
  }

  /**
   * Compare one row.
   * @param {number} line
   * @param {string[]} cells
   * @returns {Rate | Left}
   */
  row(line, cells) {
    const { terms } = this;
    const { roles } = terms;
    const extra = cells.findIndex((cell, at) => at >= roles.length && cell.trim());
    if (extra >= 0) return { line, say: `The row has ${cells.length} cells and the table ${roles.length} columns. An amount with a comma stands in quotes: "1,234.50".` };
    /** @param {Role} role */
    const cell = (role) => cells[roles.indexOf(role)] ?? '';
    const [code, amount, units, day, place, locality] = [codeIn(cell('code')), amountIn(cell('amount'), terms.comma), unitsIn(cell('units')), dayIn(cell('date')), placeIn(cell('pos')), localityIn(cell('locality'), cell('carrier'))];
    const modifiers = modifiersIn(cells.filter((_, at) => roles[at] === 'modifiers').join(' '));
    const faults = [code, modifiers, amount, units, day, place, locality].flatMap((one) => (typeof one === 'object' && 'say' in one ? [one.say] : []));
    if (typeof code !== 'object' || 'say' in code || typeof amount === 'object' || typeof units === 'object' || typeof day === 'object' || 'say' in place || typeof locality === 'object' || !Array.isArray(modifiers)) return { line, say: faults.join(' ') };
    const asked = {
      code: code.code,
      modifiers: [...code.modifiers, ...modifiers],
      units: units || '1',
      pos: place.setting ? '' : place.pos || terms.pos,
      setting: place.setting,
      locality: locality || terms.locality,
      day: day || terms.day,
    };
    const release = this.release(asked.day);
    if (typeof release === 'string') return { line, say: release };
    const { allowed, remarks, say } = this.answer(asked, release);
    if (allowed === undefined) return { line, say };
    const { pos, setting, ...kept } = asked;
    return { line, ...kept, place: setting || pos, release: release.release, amount, allowed, measure: rounded(allowed * terms.target, 10_000n), remarks };
  }

  /** What holds on a day, looked up once. @param {string} day */
  release(day) {
    let found = this.releases.get(day);
    if (found === undefined) this.releases.set(day, (found = this.on(day)));
    return found;
  }

  /**
   * What Medicare allows, as the calculator of the code's page says it.
   * @param {{code: string, modifiers: string[], units: string, pos: string, setting: string, locality: string}} asked
   * @param {Release} release
   */
  answer({ code, modifiers, units, pos, setting, locality }, { release, missing, book, places, rows }) {
    const key = [release, book.day, missing, code, modifiers.join(' '), units, pos, setting, locality].join();
    let made = this.known.get(key);
    if (made) return made;
    if (!Object.hasOwn(places, locality)) made = { remarks: [], say: `${release} has no locality ${locality}. Write carrier and locality as CMS numbers them, such as 12202-01.` };
    else {
      const facts = { rows: (/** @type {string} */ one) => rows.get(one), place: (/** @type {string} */ one) => places[one] };
      const { practitioner, factor } = this.terms;
      const [one] = priceClaim({ locality, pos, setting, practitioner, factor, lines: [{ code, modifiers: modifiers.join(' '), units }] }, facts, book);
      const remarks = [...[...one.conditions, ...one.notes].filter(([name]) => !SILENT.test(name)).map(([, say]) => say), ...(missing ? [`CMS put ${missing} in the place of ${release}, and it is not here.`] : [])];
      if (one.allowed === null) made = { remarks, say: `${one.say}${AFTER[one.result] ?? ''}` };
      else if (one.allowed === '0.00') made = { remarks, say: [`Medicare allows $0.00 for ${code} here: there is no percentage of nothing. Take the row out.`, ...remarks].join(' ') };
      else made = { allowed: BigInt(one.allowed.replace('.', '')), remarks, say: '' };
    }
    this.known.set(key, made);
    return made;
  }
}

/** What to do with a row that has no amount, where the engine's sentence does not say it. @type {{[result: string]: string}} */
const AFTER = {
  UNKNOWN_CODE: ' Correct the code, or give the date of service.',
  NO_NATIONAL_RULE: " Compare this row with your MAC's price.",
  NOT_PFS: ' Compare this row with that schedule.',
  NEEDS_ANESTHESIA_INPUT: ' Work this row out on the claim desk.',
  BUNDLED: ' Take the row out.',
  BUNDLED_OR_EXCLUDED: ' Take the row out.',
  REPORT_ONLY: ' Take the row out.',
  NON_COVERED: ' Take the row out.',
  NOT_VALID_FOR_MEDICARE: " There is nothing of Medicare's to compare the row with.",
  NOT_PAID_IN_FACILITY: ' Correct the place of service, or take the row out.',
  NOT_PAID_IN_SETTING: ' Correct the place of service.',
  NOT_PAYABLE: ' Take the row out.',
  INVALID_MODIFIER: ' Correct the modifiers.',
  INVALID_COMBINATION: ' Correct the modifiers.',
  INVALID_INPUT: ' Correct the row.',
};

/** Sums over the rows that were compared. @param {Rate[]} rates @returns {Totals} */
export function totalled(rates) {
  const so = { count: rates.length, amount: 0n, allowed: 0n, measure: 0n, under: 0, short: 0n, over: 0, beyond: 0n, equal: 0 };
  for (const { amount, allowed, measure } of rates) {
    so.amount += amount;
    so.allowed += allowed;
    so.measure += measure;
    if (amount < measure) {
      so.under += 1;
      so.short += measure - amount;
    } else if (amount > measure) {
      so.over += 1;
      so.beyond += amount - measure;
    } else so.equal += 1;
  }
  return so;
}

/** @typedef {'gap' | 'share' | 'amount' | 'allowed' | 'code' | 'line'} Order */

/** @param {bigint | number | string} one @param {bigint | number | string} other */
const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** Each order by what it compares; ties stand as in the file. @type {{[by in Order]: (one: Rate, other: Rate) => number}} */
const ORDERS = {
  gap: (one, other) => order(one.amount - one.measure, other.amount - other.measure),
  share: (one, other) => order(one.amount * other.allowed, other.amount * one.allowed),
  amount: (one, other) => order(one.amount, other.amount),
  allowed: (one, other) => order(one.allowed, other.allowed),
  code: (one, other) => order([one.code, ...one.modifiers].join(), [other.code, ...other.modifiers].join()),
  line: (one, other) => order(one.line, other.line),
};

/**
 * Rows in an order, those of one side alone.
 * @param {Rate[]} rates
 * @param {Order} by
 * @param {boolean} backwards
 * @param {'' | 'under' | 'over'} side
 */
export function ranked(rates, by, backwards, side) {
  const kept = side ? rates.filter(({ amount, measure }) => (side === 'under' ? amount < measure : amount > measure)) : [...rates];
  return kept.sort((one, other) => (backwards ? -ORDERS[by](one, other) : ORDERS[by](one, other)) || order(one.line, other.line));
}
