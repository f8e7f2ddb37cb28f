// @ts-check
/** Anesthesia (medpayiq/payment/anesthesia.py), and what happens after an amount is settled: shares, practitioner, charge, Medicare's and the patient's part (patient.py). */

import { hit, pack } from './admission.js';
import { down } from './amount.js';
import { $, eq, ex, half, has, note, pct, step, sum, take } from './model.js';

/** @typedef {import('./model.js').Said} Said */
/** @typedef {import('./model.js').Claim} Claim */
/** @typedef {import('./model.js').Work} Work */

/**
 * (base units + time units) x the locality's anesthesia factor x the role's percentage; or the reason why there is none.
 *
 * Time units are minutes by 15, to one decimal, half up (sections 50.G, 140.5). The amount is rounded once; no text says that
 * the whole amount is rounded before the role's share is taken.
 * @type {(c: Claim, w: Work) => Said | undefined}
 */
export const anesthesia = (c, w) => {
  const x = has(w, 'AA', 'AD', 'QK', 'QX', 'QY', 'QZ');
  // Supervised: three base units, and one more for being there at induction (section 50.D).
  const ad = x === 'AD';
  const units = ad ? 3n : w.base_units;
  const minutes = hit(w, c.lists.no_time) || (ad && w.induction !== 'yes') ? 0n : ad ? 15n : w.minutes;
  if (!units || minutes === null) return ['anesthesia_input'];
  if (!x) return ['anesthesia_role'];
  if (!c.factor) return ['factor_needed'];
  const a = BigInt(c.locality.anesthesia[c.factor] ?? 0);
  if (!a) return ['anesthesia_factor'];
  const b = half(minutes * 10n, 15n);
  const p = c.p[c.modifiers[x].percent];
  const exact = (units * 10n + b) * a * BigInt(p);
  step(w, 'anesthesia', down(exact), `(${units} + ${$(b, 1)}) × ${ex(a, 6)}${p === '100' ? '' : ' × ' + p + '%'} = ${ex(exact, 9)}`);
  if (has(w, 'AA') && has(w, 'QZ')) w.conditions.push('both_anesthetists');
};

/** The steps that act on one line: share of the package, role, practitioner, 95%, net charge (payment spec, section 14, steps 7 to 9). @type {(c: Claim, w: Work) => void} */
export const adjust = (c, w) => {
  const { r, trace, days } = w;
  const { p, who } = c;
  const at = trace.length;

  // The share of the global package that 54, 55 or 78 stands for (chapter 12, section 40.4.B, C).
  const x = has(w, '54', '55', '78');
  if (x && pack(r)) {
    let a = 0n;
    for (const n of c.modifiers[x].share) a += r[n];
    eq(w, 'split', half(w.$ * a, 100n), sum`${w.$} × ${a}`);
    if (x === '78') note(w, 'NOT_ON_RETURN');
    if (x === '55' && !days) note(w, 'DAYS_ASSUMED');
    else if (x === '55' && days) {
      const b = BigInt(r.glob);
      eq(w, 'days', half(w.$ * days, b), sum`${w.$} × ${days + ''} ÷ ${b + ''}`);
    }
  }
  // One of two surgeons, or an assistant; where the rule for two surgeons does not apply, the first bill is paid in full.
  const role = has(w, '62', '80', '81', '82', 'AS');
  if (role && !w.conditions.includes('first_bill')) take(w, c.modifiers[role].percent, p[c.modifiers[role].percent]);
  if (who.percent && !has(w, 'AS')) take(w, 'practitioner', p[who.percent]); // the percentage of AS has it in it
  if (c.participation === 'nonpar') {
    const assigned = who.assignment || has(w, 'AS', 'QX', 'QZ');
    const cut = !assigned || c.five_percent === 'yes';
    if (!cut) note(w, 'NPP_FIVE_PERCENT');
    else if (!assigned && w.net_charge === null) {
      // A test under the anti-markup rule has no limiting charge (chapter 13, section 20.3).
      w.share.limiting_charge = $(pct(w.$, p.limiting_charge));
      note(w, 'LIMITING_FROM_PAR');
    }
    if (cut) take(w, 'nonparticipating', p.nonparticipating);
  }
  if (trace[at + 1]) note(w, 'LAST_CENT');
  lower(w, 'net_charge');
  w.due = w.$;
};

/** Take an amount of the line where it is lower. @type {(w: Work, n: 'net_charge' | 'charge') => void} */
const lower = (w, n) => {
  const a = w[n] ?? w.$;
  if (a < w.$) step(w, n, a, sum`lower of ${w.$} and ${a}`);
};

/**
 * Take the charge where it is lower; both sides on two lines are held to the sum of their charges (chapter 23, Addendum, field 22).
 *
 * What one side's charge cuts off is then paid on the other, as far as the other's charge goes. Indicator 3 is paid by sides,
 * and held to the charge of each.
 * @type {(w: Work) => void}
 */
export const charge = w => {
  const { o, due } = w;
  const a = (w.charge ?? 0n) - due;
  const b = !o || o.why || w.net_charge !== null || w.r.bilat === '3' ? 0n : o.due - (o.charge ?? o.due);
  const left = a < b ? a : b;
  lower(w, 'charge');
  if (left > 0n) eq(w, 'charge', due + left, sum`${due} + ${left} that the other side's charge left`);
};

/**
 * Divide the allowed amount between Medicare and the patient; what is left of the deductible.
 *
 * Deductible, then Medicare's percentage, the therapy assistant's cut, sequestration (chapter 23, section 30; chapter 5,
 * section 20.1; payment spec, section 13).
 * @type {(c: Claim, w: Work, left: bigint) => bigint}
 */
export const divide = (c, w, left) => {
  const { p, who } = c;
  const { r, $: all } = w;
  const free = hit(w, c.lists.no_patient_share);
  const pt = has(w, 'PT');
  if (free) note(w, 'NO_PATIENT_SHARE');
  else if (pt) note(w, 'SCREENING_SHARE');
  const pay = free ? '100' : pt ? p.screening_share : p.medicare_share;
  const deductible = free || pt ? 0n : left < all ? left : all;
  const a = all - deductible;
  if (deductible) eq(w, 'deductible', a, sum`${all} − ${deductible}`);
  take(w, 'medicare', pay);
  const coinsurance = a - w.$;
  const b = p.therapy_assistant;
  if (has(w, 'CQ', 'CO') && b !== '100') eq(w, 'therapy_assistant', half(a * BigInt(pay) * BigInt(b), 10n ** 4n), sum`${a} × ${pay}% × ${b}%`);
  const medicare_before_seq = w.$;
  const sequestration = pct(w.$, p.sequestration);
  const medicare_paid = w.$ - sequestration;
  if (sequestration) eq(w, 'sequestration', medicare_paid, sum`${w.$} − ${sequestration} (${p.sequestration}%)`);
  /** @type {{[n: string]: bigint}} */
  const share = { deductible, coinsurance, patient: deductible + coinsurance, medicare_before_seq, sequestration, medicare_paid };

  // The shortage-area bonus: a percentage of what Medicare paid, apart from the allowed amount (chapter 12, sections 90.4.4, 90.4.5).
  if (has(w, 'AQ')) {
    const whose = r.modifier === '26' ? '0' : r.modifier === 'TC' ? '' : r.pctc; // the reading's, the technical part's, of both
    if (c.practitioner && !who.physician) note(w, 'BONUS_NONE');
    else if (r.status === 'J' ? has(w, 'AA', 'AD', 'QK', 'QY', 'GC') : /[0268]/.test(whose)) {
      share.hpsa_bonus = pct(medicare_paid, p.bonus);
      note(w, 'BONUS_ORDER');
    } else note(w, /[14]/.test(whose) ? 'BONUS_READING_ONLY' : 'BONUS_NONE');
  }
  for (const n in share) w.share[n] = $(share[n]);
  w.$ = all;
  return left - deductible;
};
