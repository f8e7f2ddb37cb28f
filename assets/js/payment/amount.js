// @ts-check
/** What one row of CMS's file comes to: fee schedule amount and imaging cap (medpayiq/payment/amount.py). */

import { E, half } from './model.js';

/** @typedef {import('./model.js').Row} Row */
/** @typedef {import('./model.js').Claim} Claim */

/** Billionths of a dollar, which is what RVU hundredths, GPCI thousandths and ten-thousandths of the factor make, down to cents. @type {(a: bigint) => bigint} */
export const down = a => half(a, 10n ** 7n);

/** No cap: one that nothing reaches. */
export const N = E ** 4n;

/** `(work x GPCI + PE x GPCI + MP x GPCI) x CF`, unrounded. @type {(c: Claim, ...rvus: bigint[]) => bigint} */
export const mul = (c, ...rvus) => rvus.reduce((a, b, at) => a + b * BigInt(c.locality.gpci[at]), 0n) * c.rate;

/** The RVUs of the setting: work, practice expense, malpractice; therapy has the office's everywhere (chapter 12, section 20.4.2). @type {(c: Claim, r: Row) => bigint[]} */
export const rvus = (c, r) => [r.work, r.mult === '5' ? r.pe_nonfacility : r[`pe_${c.setting}`], r.mp];

/** The fee schedule amount of a row, or of several together, before the imaging cap; rounded once, half up, at the end. @type {(c: Claim, ...rows: Row[]) => bigint} */
export const fees = (c, ...rows) => down(rows.reduce((a, r) => a + mul(c, ...rvus(c, r)), 0n));

/** Whether the row's RVUs are used for payment: status A, R or T, RVUs that are not all zero, no `+`. @type {(r: Row) => unknown} */
export const priced = r => /[ART]/.test(r.status) && !r.not_used && (r.work || r.pe_nonfacility || r.pe_facility || r.mp);

/** The imaging cap (Social Security Act 1848(b)(4)). @type {(c: Claim, r: Row) => bigint} */
export const opps = (c, r) => {
  const pe = r[`opps_pe_${c.setting}`];
  return pe || r.opps_mp ? down(mul(c, r.work, pe, r.opps_mp)) : N;
};
