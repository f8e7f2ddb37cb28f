// @ts-check
/** Single services that the claim-level rules rank: units, sides, the parts of tests (medpayiq/payment/items.py). */

import { N, fees, mul, opps, priced, rvus } from './amount.js';
import { $, E, by, cents, eq, ex, has, note, part, pct, percent, step, stop, sum, take, tie } from './model.js';

/** @typedef {import('./model.js').Row} Row */
/** @typedef {import('./model.js').Claim} Claim */
/** @typedef {import('./model.js').Work} Work */
/** @typedef {import('./model.js').Parts} Parts */
/** @typedef {import('./model.js').Item} Item */

/** The fee schedule amount of one unit of the row (payment spec, section 1.1). @type {(c: Claim, w: Work) => void} */
export const base = (c, w) => {
  const all = rvus(c, w.r);
  const how = all.map((x, at) => sum`${x} × ${$(c.locality.gpci[at], 3)}`).join(' + ');
  step(w, 'base', fees(c, w.r), `(${how}) × ${$(c.rate, 4)} = ${$(mul(c, ...all), 9).replace(/\.?0+$/, '')}`);
};

/**
 * The professional and technical part of one unit; null where CMS's file does not tell them apart.
 *
 * A test in two parts has a row for each; what is technical alone (PC/TC 3) or a reading alone (2) is one part; of a whole
 * test (4) the parts are codes of their own (rules/lists.yml).
 * @type {(c: Claim, r: Row) => Parts | null}
 */
const partsOf = (c, r) => {
  const test = c.whole_tests[r.code];
  const rows = c.rows(r.code) ?? {};
  let pc = [rows['26']];
  let tc = [rows.TC];
  if (test) [pc, tc] = [test.professional, test.technical].map(x => x.map((/** @type {string} */ x) => c.rows(x)?.['']));
  if (r.modifier === '26' || r.pctc === '2') [pc, tc] = [[r], []];
  else if (r.modifier === 'TC' || r.pctc === '3') [pc, tc] = [[], [r]];
  for (const x of [...pc, ...tc]) if (!x || (test && !priced(x))) return null;
  return { pc: E * fees(c, ...pc), tc: E * fees(c, ...tc), cap: test || !tc[0] ? N : E * opps(c, tc[0]) };
};

/** Cut the technical part to a percentage; the sum of the parts then, and the arithmetic. @type {(parts: Parts, p: string) => [bigint, string]} */
export const cutTc = (ps, p) => {
  const { pc, tc } = ps;
  const a = part(tc, p);
  // What is technical alone is a line's amount, which each rule rounds (payment spec, section 14); of a whole test it is a part.
  ps.tc = pc ? a : E * cents(a);
  const how = percent(ex(tc), p, ex(a));
  return [cents(pc + a), pc ? sum`${ex(pc)} + (${how}) = ${cents(pc + a)}` : how];
};

/** The services of all lines but therapy's and anesthesia's, film cuts and sides applied (payment spec, sections 6, 13). @type {(c: Claim, works: Work[]) => Item[]} */
export const items = (c, all) => {
  pair(all);
  /** @type {Item[]} */
  const made = [];
  const read = all.map(w => {
    const { r } = w;
    const ps = partsOf(c, r);
    // Film (FX) or plate (FY) cuts the technical part, before every other rule (Social Security Act 1848(b)(9); chapter 13, section 20.2.6).
    const x = has(w, 'FX', 'FY');
    const reads = r.modifier === '26' || r.pctc === '2';
    const cut = x ? !reads && !!ps : !!has(w, 'CT');
    if (x && reads) note(w, 'NO_EFFECT_ON_READING', x);
    else if (x && ps) step(w, 'film', ...cutTc(ps, c.p[c.modifiers[x].percent]));
    else if (x) stop(w, 'parts_unknown');
    return { w, ps, cut };
  });
  // Film is cut on all lines before the first line of a pair settles the second.
  for (const { w, ps, cut } of read) {
    const { r, units, o } = w;
    if (w.two) continue; // the first line of the pair holds the item

    const a = w.$;
    let fee = a * units;
    let p = `${units}00`;
    let sides = '100';
    let n = 1n;
    const both = has(w, '50');
    const back = has(w, '78');
    if (back && both) note(w, 'NOT_ON_RETURN');
    // Both sides are 50, an RT and an LT line, or two units that name no site (chapter 23, Addendum, field 22).
    if (!back && (both || o || (units === 2n && /[123]/.test(r.bilat) && !w.site))) {
      p = sides = r.bilat === '1' ? c.p.both_sides : r.bilat === '3' ? c.p.two_sides : '100';
      fee = pct(a, p);
      if (r.bilat === '1' && !both) note(w, 'BILL_AS_50');
      if (o) {
        step(w, 'sides', a, sum`${percent(a, p, fee)}; this side ${a}`);
        eq(o, 'sides', fee - a, sum`${fee} − ${a}`);
        if (fee === a) note(o, 'SIDES_ONCE');
      } else take(w, 'sides', p);
    } else {
      if (units > 1n) eq(w, 'units', fee, sum`${a} × ${units + ''}`);
      // Services that are ranked are ranked one by one; others are paid alike.
      if (/[23467]/.test(r.mult)) {
        fee = a;
        p = '100';
        n = units;
      }
    }
    for (; n; n--) made.push({ of: o ? [w, o] : [w], r, fee, paid: fee, sides, ps: ps && { pc: part(ps.pc, p), tc: part(ps.tc, p), cap: part(ps.cap, p) }, cap: pct(opps(c, r), p), cut, how: [] });
  }
  return made;
};

/** Match each RT line with an LT line of the same code and the same paying modifiers, those that break ties first; the other one of two is the second. A supply paid by the square centimeter is a quantity on either side (section 40.7.C.3, note). @type {(works: Work[]) => void} */
const pair = all => {
  const rest = by(all.filter(w => w.units === 1n && /[0123]/.test(w.r.bilat) && !has(w, '78') && !w.notes.FLAT_RATE_SUPPLY_VERIFY), tie);
  for (const w of rest) {
    const o = has(w, 'RT') && rest.find(x => has(x, 'LT') && !x.o && x.code === w.code && x.paying === w.paying);
    if (o) {
      w.o = o;
      o.o = w;
      by([w, o], tie)[1].two = true;
    }
  }
};
