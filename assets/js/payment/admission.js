// @ts-check
/** Decides whether a line can be priced (medpayiq/payment/admission.py); the reason why not is thrown. */

import { priced } from './amount.js';
import { has, note, stop } from './model.js';
import { no } from './reading.js';

/** @typedef {import('./model.js').Row} Row */
/** @typedef {import('./model.js').Rows} Rows */
/** @typedef {import('./model.js').Line} Line */
/** @typedef {import('./model.js').Claim} Claim */
/** @typedef {import('./model.js').Work} Work */

/** Whether a code is in one of the ranges; undefined where there are none. @type {(w: Line, ranges?: string[][]) => boolean | undefined} */
export const hit = ({ code }, ranges) => ranges?.some(([a, b = a]) => a <= code && code <= b);

/** The shares of the package, where CMS publishes them. @type {(r: Row) => bigint} */
export const pack = r => r.pre + r.intra + r.post;

/** Refuse a status without a national amount (chapter 23, section 30.2.2). @type {(r: Row) => unknown} */
const unpaid = r => {
  const { status } = r;
  if (/[DFGH]/.test(status)) no('code_deleted');
  return status === 'J' || priced(r) || no('status_' + (status === 'T' ? 'a' : status.toLowerCase()));
};

/** Make the line ready for pricing (payment spec, section 14, step 1). @type {(c: Claim, w: Work, rows: Rows) => void} */
export const admit = (c, w, rows) => {
  const { who, pos, lists, practitioner } = c;
  const fac = c.setting === 'facility';
  const { modifiers } = w;

  // Modifiers that are not known, and those that exclude each other on one line.
  for (const x of modifiers) if (![...c.anatomic.codes, ...c.reporting.codes].includes(x) && (c.modifiers[x] ?? no('modifier_unknown', x)).late) no('modifier_late', x);
  modifiers.forEach((x, at) => modifiers.indexOf(x) < at && no('modifier_twice', x));
  if (modifiers[4]) no('too_many_modifiers');
  const on = (/** @type {string} */ x) => modifiers.includes(x);
  for (const { among, with: others = among, except = [], answer } of c.refused) {
    for (const a of among.filter(on)) for (const b of others.filter(on)) if (a !== b && !except.some((/** @type {string[]} */ x) => x.includes(a) && x.includes(b))) no(answer, a, b);
  }
  for (const x of modifiers) {
    const { needs = modifiers, missing } = c.modifiers[x] ?? {};
    if (!has(w, ...needs)) no(missing, x);
  }

  // The row that prices the line (payment spec, section 2), and its status (chapter 23, section 30.2.2).
  let r = rows[''];
  for (const x of ['53', 'TC', '26']) {
    if (!has(w, x) || (x === '53' && !rows[x])) continue;
    if (!rows[x]) {
      if (x === 'TC' && rows['26']) no('no_technical', x);
      // What this fee schedule never pays is no question of parts; what the MAC prices by it is (chapter 23, Addendum, field 20).
      if (r && !rows.TC && !/[CR]/.test(r.status)) unpaid(r);
      no('no_parts', x);
    }
    r = rows[x];
  }
  const { status, pctc, glob, modifier } = r ?? no('reading_needed');
  const j = status === 'J';
  unpaid(r);

  // Modifiers that the row's indicators do not admit, and modifiers that are missing.
  w.r = r;
  const sites = ['RT', 'LT', ...c.anatomic.codes];
  const pays = modifiers.filter(x => c.modifiers[x]?.effect === 'changes').sort();
  w.paying = pays.join(' ');
  w.site = has(w, ...sites);
  w.same = [w.code, ...modifiers.filter(x => (pays.includes(x) || sites.includes(x)) && !/54|55|26|TC/.test(x)).sort()].join();
  for (const x of modifiers) {
    const rule = c.modifiers[x] ?? {};
    if (rule.group === 'anesthesia' && rule.effect === 'changes' && !j) no('not_anesthesia', x);
    if (rule.group === 'visit' && rule.by && !hit(w, lists.visits)) note(w, 'ON_VISITS', x);
    if (hit(w, lists[rule.list]) === false) no(rule.unlisted, x);
    if (hit(w, lists[rule.never])) no(rule.listed, x);
    let n = rule.values?.[r[rule.by]];
    if (c.conditions[n]) {
      if (w.other_surgeon === 'yes' && n === 'first_bill') no('other_surgeon', x);
      w.conditions.push(n);
      n = '';
    } else if (x === '55' && has(w, 'FT')) n = ''; // critical care after a full transfer (section 30.6.12.7)
    for (const a of [n, modifier !== x && rule.answer]) {
      // Without documents 22 is paid as if it were not there (chapter 12, section 40.4.A).
      if (!a || (a === 'increased' && w.documented === 'no')) continue;
      if (c.refusals[a].result !== 'NO_NATIONAL_RULE') no(a, x);
      stop(w, a, x); // a line that the MAC prices by report stays on the claim, where it still takes its rank
    }
    if (rule.share && glob !== 'XXX' && !pack(r) && (x !== '78' || glob !== '000')) stop(w, 'split_unknown', x);
  }
  if (has(w, '50') && w.units > 1n) no('bilateral_units', '50');
  if (has(w, '55') && /0.0/.test(glob) && w.days && w.days > BigInt(glob)) no('days_form');

  // Therapy: its discipline, and evaluations that belong to one (chapter 5, sections 20.1, 20.2).
  if (r.mult === '5') {
    const given = has(w, 'GP', 'GO', 'GN');
    if (!given) c.national ? note(w, 'DISCIPLINE_NEEDED') : no('discipline_needed');
    else for (const [x, n] of [['GP', 'pt'], ['GO', 'ot'], ['GN', 'slp']]) if (given !== x && hit(w, lists['evaluation_' + n])) no('discipline_bound', given, x);
  }
  if (pctc === '7' && who.therapist && pos && c.places[pos].therapists === false) no('therapist_in_hospital');

  if (j && w.units > 1n) no('anesthesia_units');
  // The setting (chapter 12, section 20.4.2; chapter 23, Addendum, fields 20 and 29), and practitioners whom Medicare pays for some codes alone.
  if (pctc === '8' && (!fac || (pos && pos !== '21'))) no('inpatients_only');
  if (fac && /[345]/.test(pctc)) no('facility_costs');
  if (fac && r.na_facility && pctc !== '7') no('facility_' + (pctc !== '1' ? 'na' : modifier ? 'costs' : 'reading'));
  if (hit(w, lists[who.list]) === false) no('practitioner_codes');
  // Modifiers that others alone bill: assistants at surgery (sections 20.4.3, 110.2, 120.1), roles in anesthesia (50.I, 140.3.3), therapists' assistants (chapter 5, 20.1).
  for (const x of modifiers) {
    const { of, others } = c.modifiers[x] ?? {};
    if (of && practitioner && !who[of]) no(others, x);
  }
};
