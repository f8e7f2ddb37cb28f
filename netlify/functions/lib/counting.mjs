// @ts-check
/**
 * Sums reports of one code, and makes of the sums what may be shown: bands.
 */

import { LISTS, PAIRS, PARTS } from './lists.mjs';

/** @typedef {import('./lists.mjs').Part} Part */
/** @typedef {import('./lists.mjs').Stored} Stored */

/**
 * Sums over the reports that are counted.
 *
 * @typedef {{n: number} & Record<Part, Record<string, number>>} Sums
 */

/**
 * What is shown: places in the list of bands, the quarters of the first and the last batch, and the size of the closed lists at that
 * time. The quarters are those in which a batch was taken in, which whoever looks sees anyway: those in which reports came would
 * tell, at the turn of a quarter, that one came in a few hours, or that none did.
 *
 * @typedef {{total: number, from: string, to: string, cells: Record<Part, Record<string, number>>, sizes: Record<Part, number>}} View
 */

/**
 * The rules of what is shown. Tests make smaller ones.
 *
 * @typedef {{limits: readonly number[], batch: number, lists: Readonly<Record<Part, readonly string[]>>, pairs: readonly import('./lists.mjs').Pair[]}} Policy
 */

/** Bands begin at these numbers: under the first, nothing is shown. @type {Policy} */
export const POLICY = { limits: [5, 10, 25, 50], batch: 5, lists: LISTS, pairs: PAIRS };

/** @returns {Sums} */
export const nothing = () => ({ n: 0, reasons: {}, payers: {}, outcomes: {}, worked: {} });

/**
 * Return what a report counts under.
 *
 * @param {Stored} report
 * @returns {Record<Part, string[]>}
 */
function keysOf(report) {
  return { reasons: [report.reason], payers: [`${report.payer_class}/${report.payer}`], outcomes: [report.outcome], worked: report.worked };
}

/**
 * Return sums with reports added, or taken out.
 *
 * @param {Sums} sums
 * @param {Iterable<Stored>} reports
 * @param {1 | -1} [sign]
 * @returns {Sums}
 */
export function sum(sums, reports, sign = 1) {
  const made = structuredClone(sums);
  for (const report of reports) {
    made.n += sign;
    const keys = keysOf(report);
    for (const part of PARTS) for (const key of keys[part]) add(made[part], key, sign);
  }
  return made;
}

/**
 * @param {Record<string, number>} counts
 * @param {string} key
 * @param {number} by
 */
function add(counts, key, by) {
  counts[key] = (counts[key] ?? 0) + by;
  if (counts[key] <= 0) delete counts[key];
}

/**
 * Return the place of a number's band, -1 under the first.
 *
 * @param {number} count
 * @param {Policy} policy
 */
const bandOf = (count, policy) => policy.limits.findLastIndex((limit) => count >= limit);

/**
 * Return the smallest and the largest number of a band; for -1, of what is not shown.
 *
 * @param {number} band
 * @param {Policy} policy
 * @returns {[number, number]}
 */
export const rangeOf = (band, policy) => [policy.limits[band] ?? 0, (policy.limits[band + 1] ?? Infinity) - 1];

/**
 * Return what may be shown of sums, or null under the first band.
 *
 * @param {Sums} sums
 * @param {Policy} policy
 * @param {string} to the quarter of the last batch
 * @param {string} [from] that of the first
 * @returns {View | null}
 */
export function viewOf(sums, policy, to, from = to) {
  const total = bandOf(sums.n, policy);
  if (total < 0) return null;
  /** @type {Partial<View['cells']>} */
  const cells = {};
  /** @type {Partial<View['sizes']>} */
  const sizes = {};
  for (const part of PARTS) {
    sizes[part] = policy.lists[part].length;
    cells[part] = Object.fromEntries(policy.lists[part].map((key) => /** @type {const} */ ([key, bandOf(sums[part][key] ?? 0, policy)])).filter(([, band]) => band >= 0));
  }
  return { total, from, to, cells: /** @type {View['cells']} */ (cells), sizes: /** @type {View['sizes']} */ (sizes) };
}

/**
 * Return whether two views look the same to everybody.
 *
 * @param {View} one
 * @param {View} other
 */
export function alike(one, other) {
  return JSON.stringify([one.total, one.from, one.to, one.cells]) === JSON.stringify([other.total, other.from, other.to, other.cells]);
}

/**
 * Return a view as it is shown, without the day: schema/aggregate.schema.json. The order tells bands and keys, no number.
 *
 * @param {string} code
 * @param {View} view
 * @param {Policy} [policy]
 */
export function shown(code, view, policy = POLICY) {
  const name = (/** @type {number} */ band) => (policy.limits[band + 1] ? rangeOf(band, policy).join('-') : `${policy.limits[band]}+`);
  const list = (/** @type {Part} */ part) =>
    Object.entries(view.cells[part])
      .sort(([key, band], [otherKey, otherBand]) => otherBand - band || (key < otherKey ? -1 : 1))
      .map(([key, band]) => ({ key, band: name(band) }));
  return { code, reports: name(view.total), period: { from: view.from, to: view.to }, reasons: list('reasons'), payers: list('payers'), outcomes: list('outcomes'), worked: list('worked') };
}

/** @typedef {ReturnType<typeof shown>} Shown */

/**
 * Return what is answered for a code, with the day of the last publication: the same for all codes, whether anything was new or not.
 *
 * @param {Shown} one
 * @param {string | null} day
 */
export function dated({ code, reports, period, reasons, payers, outcomes, worked }, day) {
  return { code, reports, period, published: day, reasons, payers, outcomes, worked };
}
