// @ts-check
/** The rules for several services of one day (medpayiq/payment/multiple.py, therapy.py). */

import { fees, mul } from './amount.js';
import { cutTc } from './items.js';
import { $, E, by, cents, ex, half, has, note, part, pct, percent, step, stop, sum, tie } from './model.js';

/** @typedef {import('./model.js').Claim} Claim */
/** @typedef {import('./model.js').Work} Work */
/** @typedef {import('./model.js').Item} Item */
/** @typedef {import('./model.js').Ranked} Ranked */
/** @typedef {import('./model.js').Key} Key */

/** Whether it is ranked among procedures. @type {(w: Work) => boolean} */
export const ranks = w => /[23]/.test(w.r.mult) && !has(w, '78');

/** Highest first. @type {(a: bigint, i: Item) => Key} */
const top = (a, i) => [-a, ...tie(by(i.of, tie)[0])];

/** @type {(items: Item[]) => Set<Work>} */
const held = all => new Set(all.flatMap(i => i.of));

/** Put the steps of the rules for several services, the imaging cap and the CT cut on the lines (payment spec, section 14, steps 5 and 6). @type {(c: Claim, items: Item[]) => void} */
export const several = (c, all) => {
  const tests = all.filter(i => !ranks(i.of[0]));
  rank(c, all.filter(i => ranks(i.of[0])));
  // Technical parts are reduced, each family by itself (chapter 23, Addendum, field 21).
  for (const [x, n] of [['4', 'imaging'], ['6', 'cardiovascular'], ['7', 'ophthalmology']]) reduce(c, tests.filter(i => i.r.mult === x), n);
  settle(c, tests);
};

/** Rank procedures by fee schedule amount after sides: the first whole, the second to fifth at a percentage (section 40.6.C). @type {(c: Claim, items: Item[]) => void} */
const rank = (c, all) => {
  const p = c.p.second_procedure;
  const places = by(scopes(c, all), x => top(x.total, x.all[0]));
  places.forEach(({ all, total, apart }, at) => {
    let rest = pct(total, p);
    let [last] = all;
    for (const i of all) {
      i.paid = at ? pct(i.fee, p) : i.fee;
      rest -= i.paid;
      if (i.fee) last = i;
    }
    if (at && !apart) last.paid += rest; // the last line takes the odd cent (payment spec, section 5.2)
    for (const i of all) {
      if (places[1]) i.how.push(`rank ${at > 4 ? '6 and later' : at + 1}: ${at ? percent(i.fee, p, i.paid) : $(i.fee)}`);
      // From the sixth on they are by report (chapter 12, section 40.6.C), but for a base, which is never paid apart (field 21).
      if (at > 4 && !i.of[0].notes.BASE_INCLUDED) stop(i, 'sixth_procedure');
    }
  });
  if (places[1]) put(all, 'ranking');
  for (const w of held(all)) {
    if (w.why?.[0] === 'sixth_procedure') w.why = ['sixth_procedure', '', (w.floor = $(w.$))];
    else if (w.why) for (const x of held(all)) if (x !== w) note(x, 'BY_REPORT_RANKS', '', `${w.at}`);
  }
};

/** @type {(all: Item[]) => bigint} */
const sums = all => all.reduce((a, i) => a + i.fee, 0n);

/**
 * The places of the ranking: endoscopic families, lines that share one procedure, single services.
 *
 * Endoscopies of one base are paid as one service: the highest whole, the others over the base, the base itself nothing (field
 * 21); their fee becomes what they bring to it.
 * @type {(c: Claim, items: Item[]) => Ranked[]}
 */
const scopes = (c, all) => {
  const is3 = (/** @type {Item} */ i) => i.r.mult === '3';
  /** @type {Map<string, Item[]>} */
  const bases = new Map(all.filter(is3).map(i => [i.r.endo_base, []]));
  bases.delete('');
  const alone = all.filter(i => {
    const family = bases.get(is3(i) ? i.r.endo_base : i.r.code);
    family?.push(i);
    return !family;
  });
  const made = shared(alone);
  for (const [n, all] of bases) {
    const r = c.rows(n)?.[''];
    const family = by(all, i => [+!is3(i), ...top(i.fee, i)]);
    family.forEach((i, at) => {
      const { how, fee } = i;
      if (!is3(i)) {
        i.fee = 0n;
        note(i, 'BASE_INCLUDED');
        how.push(`${n} is inside its family: 0.00`);
      } else if (at && r) {
        // The base as often as the member: both sides of a joint are both sides of its base.
        const a = pct(fees(c, r), i.sides);
        i.fee = fee > a ? fee - a : 0n;
        if (fee < a) note(i, 'NEGATIVE_DIFFERENCE');
        how.push(sum`${fee} − ${a} (${n}) = ${i.fee}`);
      } else if (at) stop(i, 'base_unknown', '', n);
      else if (family[1]) how.push(sum`highest of the family ${n}: ${fee}`);
      i.paid = i.fee;
    });
    put(family, 'endoscopy');
    made.push({ all: family, total: sums(family) });
  }
  return made;
};

/** Give one place to lines that share one procedure: 54 with 55 of one package (section 40.4.B), 26 with TC of one test. @type {(items: Item[]) => Ranked[]} */
const shared = all => {
  /** @type {Ranked[]} */
  const made = [];
  const left = new Set(by(all, i => top(i.fee, i)));
  for (const [a, b] of [['54', '55'], ['26', 'TC']]) {
    for (const i of left) {
      const [w] = i.of;
      const o = has(w, a) && [...left].find(({ of: [x] }) => has(x, b) && x.same === w.same);
      if (!o) continue;
      left.delete(i);
      left.delete(o);
      made.push({ all: by([i, o], x => top(x.fee, x)), total: a === '54' ? i.fee : i.fee + o.fee, apart: true });
    }
  }
  return [...made, ...[...left].map(i => ({ all: [i], total: i.fee }))];
};

/** Rank technical parts, and for scans professional parts apart, each by its uncapped amount; reduce all but the first. @type {(c: Claim, items: Item[], n: string) => void} */
const reduce = (c, all, n) => {
  if (!all[1]) return;
  for (const x of /** @type {('tc' | 'pc')[]} */ (['tc', 'pc'])) {
    const p = c.p[`${n}_${x}`];
    by(all.filter(i => p && i.ps?.[x]), i => top(i.ps?.[x] ?? 0n, i)).forEach(({ ps, how }, at) => {
      if (!at || !ps) return;
      const a = part(ps[x], p);
      how.push(`${x.toUpperCase()} ${percent(ex(ps[x]), p, ex(a))}`);
      ps[x] = a;
    });
  }
  for (const i of all) {
    const { ps, how } = i;
    if (!ps) stop(i, 'parts_unknown');
    else if (how[0]) {
      const { pc, tc } = ps;
      i.cut = true;
      i.paid = cents(pc + tc);
      if (pc && tc) how.push(sum`${ex(pc)} + ${ex(tc)} = ${i.paid}`);
      else if (tc) ps.tc = E * i.paid; // one part alone is a line's amount, rounded before the cut of CT (payment spec, section 14)
      if (n === 'imaging') note(i, 'SAME_SESSION');
    }
  }
  put(all, n);
};

/** Cap imaging at the hospital price, after reductions, and then take the CT cut (payment spec, sections 1.8, 5.3, 13). @type {(c: Claim, items: Item[]) => void} */
const settle = (c, all) => {
  const p = c.p.ct_standard;
  for (const i of all) {
    const { of, ps, how, paid } = i;
    if (i.cut && ps) {
      const { pc, tc, cap } = ps;
      const least = tc < cap ? tc : cap;
      if (has(of[0], 'CT')) {
        // No text settles whether the CT cut comes after the cap or before it.
        const a = part(tc, p);
        [part(least, p), a < least ? a : least].forEach((a, at) => onLines(i, cents(pc + a)).forEach((a, n) => (of[n].ct[at] += a)));
      } else if (tc > cap) {
        ps.tc = cap;
        i.paid = cents(pc + cap);
        how.push(sum`technical part at most ${ex(cap)}: ${pc ? ex(pc) + ' + ' : ''}${ex(cap)} = ${i.paid}`);
      }
    } else if (paid > i.cap) {
      i.paid = i.cap;
      how.push(sum`lower of ${paid} and ${i.cap}`);
    }
    if (how[0]) note(i, 'OPPS_CAP');
  }
  put(all, 'cap');
  for (const w of held(all)) {
    const [a, b] = w.ct;
    if (a !== b) stop(w, 'ct_and_cap', $(a), $(b));
  }
  for (const i of all) {
    if (!has(i.of[0], 'CT')) continue;
    if (!i.ps) stop(i, 'parts_unknown');
    else if (i.r.modifier === '26') note(i, 'NO_EFFECT_ON_READING', 'CT');
    else [i.paid, i.how[0]] = cutTc(i.ps, p); // chapter 13, section 20.2.4
  }
  put(all, 'ct');
};

/** What of an amount is on each line of a service: on two the first side's amount and the rest, which has the odd cent. @type {(i: Item, a: bigint) => bigint[]} */
const onLines = ({ of, sides }, a) => {
  const b = half(a * 100n, BigInt(sides));
  return of[1] ? [b, a - b] : [a];
};

/** Put what was noted on items as one step on each of their lines. @type {(items: Item[], n: string) => void} */
const put = (all, n) => {
  for (const i of all) {
    onLines(i, i.paid).forEach((a, at) => {
      const w = i.of[at];
      w.paid += a;
      w.how.push(...i.how);
    });
    i.how.length = 0;
  }
  for (const w of held(all)) {
    if (w.how[0]) step(w, n, w.paid, [...new Set(w.how)].join('; '));
    w.paid = 0n;
    w.how = [];
  }
};

/**
 * Of all units of the day the one with the highest practice expense is paid whole, on a tie the one with the higher amount; every
 * other at half of its practice expense, across lines and disciplines (chapter 5, section 10.7).
 * @type {(c: Claim, works: Work[]) => void}
 */
export const therapy = (c, all) =>
  by(all, w => [-w.r.pe_nonfacility, -w.$, ...tie(w)]).forEach((w, at) => {
    const { r } = w;
    const n = w.units - (at ? 0n : 1n);
    const a = half(mul(c, 100n * r.work, BigInt(c.p.therapy_pe) * r.pe_nonfacility, 100n * r.mp), 10n ** 9n);
    const b = a * n + (at ? 0n : w.$);
    const how = (at ? '' : sum`${w.$} + `) + $(a) + (n > 1n ? ` × ${n}` : '');
    if (n) step(w, 'therapy', b, at && n < 2n ? `half the practice expense: ${how}` : sum`${how} = ${b}`);
  });
