// @ts-check
/** Writes what was compared, and what was not, as one CSV that no spreadsheet takes for formulas. */

import { money, share } from './rates.js';
import { safe } from './safe.js';

/** @typedef {import('./rates.js').Rate} Rate */
/** @typedef {import('./rates.js').Left} Left */

/**
 * The result as CSV: what was asked, the rows that were compared in their order, then those that were not, with the reason.
 *
 * A gap stands in one of two columns, below or above, so that no number begins with a minus.
 * @param {string[]} about sentences on what was compared with what
 * @param {string} target percentage of Medicare that rows are measured by
 * @param {Rate[]} rates
 * @param {Left[]} left
 */
export function exported(about, target, rates, left) {
  const rows = [
    about,
    ['Line', 'Code', 'Modifiers', 'Units', 'Place of service', 'Locality', 'Date of service', 'Release', 'Amount', 'Medicare allows', 'Percent of Medicare', `Below ${target}%`, `Above ${target}%`, 'Remarks', 'Not compared because'],
    ...rates.map(({ line, code, modifiers, units, place, locality, day, release, amount, allowed, measure, remarks }) => [
      String(line), code, modifiers.join(' '), units, place, locality, day, release, money(amount), money(allowed), share(amount, allowed),
      amount < measure ? money(measure - amount) : '', amount > measure ? money(amount - measure) : '', remarks.join(' '), '',
    ]),
    ...left.map(({ line, say }) => [String(line), ...Array(13).fill(''), say]),
  ];
  return `\ufeff${rows.map((row) => row.map(safe).join(',')).join('\r\n')}\r\n`;
}
