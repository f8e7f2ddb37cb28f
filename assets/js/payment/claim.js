// @ts-check
/**
 * Prices a claim as medpayiq/payment does, with the same answers and the same traces: reads its lines, admits them, takes every
 * step in order, answers each line with an amount or a refusal. The modules beside it mirror those of the Python package.
 */

import { admit, hit } from './admission.js';
import { N, opps } from './amount.js';
import { base, items } from './items.js';
import { $, begin, has, note } from './model.js';
import { ranks, several, therapy } from './multiple.js';
import { adjust, anesthesia, charge, divide } from './patient.js';
import { common, line, no } from './reading.js';

/** @typedef {import('./model.js').Said} Said */
/** @typedef {import('./model.js').Book} Book */
/** @typedef {import('./model.js').Facts} Facts */
/** @typedef {import('./model.js').Common} Common */
/** @typedef {import('./model.js').Claim} Claim */
/** @typedef {import('./model.js').Work} Work */
/** @typedef {import('./model.js').Result} Result */

/**
 * Answer every line of a claim (payment spec, section 0), in the order given.
 *
 * `raw` has `lines` and the circumstances; their fields stand in medpayiq/payment/reading.py. All lines are one patient's,
 * of one day and one practitioner. Never throws for what people type: whatever does not fit is a named refusal.
 * @type {(raw: {lines?: unknown, [field: string]: unknown}, facts: Facts, book: Book) => Result[]}
 */
export const priceClaim = (raw, facts, book) => {
  const { lines } = raw;
  if (!Array.isArray(lines)) return [];
  /** @type {Claim | undefined} */
  let c;
  /** @type {Common['rows']} */
  const rows = code => {
    const packed = facts.rows(code);
    /** @type {any} */
    const made = {};
    for (const modifier in packed) {
      made[modifier] = { code, modifier };
      packed[modifier].forEach((x, at) => (made[modifier][book.fields[at]] = typeof x === 'number' ? BigInt(x) : x));
    }
    return packed && made;
  };
  const ws = lines.map((x, at) => {
    let w = begin(/** @type {any} */ ({ code: '' }));
    try {
      if (lines.length > 50) no('too_many_lines');
      w = begin(line(x, at + 1));
      const found = rows(w.code) ?? no('code_unknown');
      admit((c ??= common(raw, facts, book, rows)), w, found);
    } catch (why) {
      if (!Array.isArray(why)) throw why;
      w = { ...begin(w), why };
    }
    return w;
  });
  if (c) price(c, ws);
  return ws.map(w => answer(book, w));
};

/** Take the steps of all admitted lines together (payment spec, section 14). @type {(c: Claim, all: Work[]) => void} */
const price = (c, all) => {
  const ws = all.filter(w => w.r.status);
  const macs = all.filter(w => /^status_[acr]$/.test(`${w.why}`));
  const j = ws.filter(({ r }) => r.status === 'J' && r.glob !== 'ZZZ');
  const fac = c.setting === 'facility';
  const done = [];
  for (const w of ws) {
    const { r } = w;
    if (r.status === 'J') {
      w.why = anesthesia(c, w) ?? w.why;
      // Several procedures under one anesthetic are one code (chapter 12, section 50.E).
      if (j[1] && j.includes(w)) note(w, 'ONE_ANESTHESIA_CODE');
      continue;
    }
    if (c.factor) {
      base(c, w);
      // What CMS's file says of the row beside its amount (payment spec, sections 1.3, 1.4, 1.7, 3).
      if (fac && (r.mult === '5' || r.na_facility)) note(w, 'THERAPY_OFFICE_RATE');
      if (!fac && r.na_nonfacility) note(w, 'NA_NONFACILITY');
      if (r.status === 'R') note(w, 'RESTRICTED_COVERAGE');
      if (r.status === 'T') note(w, 'ONLY_WHEN_ALONE');
      if (r.glob === 'ZZZ') note(w, 'ADD_ON');
      for (const x of c.flat_rate) if (r.pctc === x.pctc && r.glob === x.glob && hit(w, x.ranges)) note(w, 'FLAT_RATE_SUPPLY_VERIFY');
    } else w.why = ['factor_needed'];
    // Status T is bundled beside anything else that is payable that day (chapter 23, section 30.2.2).
    if (r.status === 'T' && (c.other_service === 'yes' || macs[0] || ws.some(x => x.r.status !== 'T'))) w.why = ['not_alone'];
    else if (c.factor) done.push(w);
  }
  therapy(c, done.filter(w => w.r.mult === '5'));
  several(c, items(c, done.filter(w => w.r.mult !== '5')));

  for (const w of macs) {
    // A line that the MAC prices may rank above others.
    const rows = c.rows(w.code) ?? {};
    if (/[23]/.test(rows['']?.mult)) for (const x of done) if (ranks(x)) note(x, 'UNPRICED_MAY_RANK', '', `${w.at}`);
    // The cap on what the MAC may pay for imaging that it prices (payment spec, section 1.8).
    const tc = has(w, 'TC');
    const r = rows[tc ?? ''];
    const cap = r && c.factor && w.why?.[0] === 'status_c' ? opps(c, tc ? r : { ...r, work: (rows['26'] ?? r).work }) : N;
    if (cap < N) note(w, 'CONTRACTOR_CAP', '', (w.cap = $(cap)));
  }
  let left = c.deductible ?? 0n;
  const due = ws.filter(w => !w.why);
  for (const w of due) adjust(c, w);
  for (const w of due) {
    charge(w);
    left = divide(c, w, left);
  }
};

/** Turn a line into its answer. @type {(book: Book, w: Work) => Result} */
export const answer = (b, w) => {
  const { r, code, why } = w;
  const { conditions, trace, share } = why ? begin(w) : w;
  /** A sentence with its placeholders filled. @type {(table: string, said: Said) => string} */
  const fill = (table, [n, modifier = '', other = '']) => b[table][n].say.replace(/{(\w+)}/g, (/** @type {string} */ _, /** @type {'code'} */ n) => ({ code, modifier, other, line: other })[n]);
  return {
    result: why ? b.refusals[why[0]].result : conditions[0] ? 'CONDITIONAL' : 'AMOUNT',
    answer: why ? why[0] : '',
    say: why ? fill('refusals', why) : '',
    allowed: why ? null : $(w.$),
    row: [r.code, r.modifier].filter(Boolean).join('-'),
    conditions: conditions.map(n => [n, fill('conditions', [n])]),
    notes: Object.values(w.notes).map(x => [x[0], fill('notes', x)]),
    trace,
    floor: w.floor,
    cap: w.cap,
    share,
  };
};
