/**
 * Twins: for what was shown of a code, another history that shows the same every time and in which a hidden number is another one.
 */

import { POLICY, nothing, rangeOf, shown } from '../../netlify/functions/lib/counting.mjs';
import { PARTS } from '../../netlify/functions/lib/lists.mjs';
import { advanced } from '../../netlify/functions/lib/publishing.mjs';
import { divided, explained, laid } from '../../netlify/functions/lib/safety.mjs';

/** Numbers from a seed, the same every time (mulberry32). */
export function random(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A chooser from a list that prefers some keys: the greater `taste`, the fewer. */
function chooser(list, taste, chance) {
  const shift = Math.floor(chance() * list.length);
  return () => list[(shift + Math.floor(list.length * chance() ** taste)) % list.length];
}

const quarter = (day) => `202${6 + Math.floor(day / 4)}Q${1 + (day % 4)}`;

/** A code's reports as they come in, batch by batch, over some quarters. */
export function history(seed) {
  const chance = random(seed);
  const choose = Object.fromEntries(PARTS.map((part) => [part, chooser(POLICY.lists[part], 1 + 12 * chance(), chance)]));
  const most = [6, 9, 14, 30][Math.floor(4 * chance())];
  const days = 1 + Math.floor(9 * chance());
  return Array.from({ length: days }, (_, day) =>
    Array.from({ length: Math.floor(most * chance()) }, () => {
      const [payer_class, payer] = choose.payers().split('/');
      const outcome = choose.outcomes();
      const pair = POLICY.pairs.find((one) => one.outcomes.includes(outcome));
      const worked = [...new Set(Array.from({ length: Math.floor(4 * chance()) }, choose.worked))].filter((key) => pair.worked.includes(key));
      return { code: '97761', payer_class, payer, reason: choose.reasons(), modifier: 'none', outcome, worked, role: 'biller', quarter: quarter(day) };
    }),
  );
}

/** A code's reports over 140 days, a few every day: some reasons, payers and outcomes far more often than others, or all alike. */
export function* growth(seed) {
  const chance = random(7919 * seed);
  const chosen = (list) => list[Math.floor(list.length * chance() ** (1 + (seed % 4)))];
  for (let day = 0; day < 140; day += 1) {
    const reports = [];
    while (reports.length < 1 + (seed % 5) + Math.floor((1 + (seed % 7)) * chance())) {
      const outcome = chosen(POLICY.lists.outcomes);
      const pair = POLICY.pairs.find((one) => one.outcomes.includes(outcome));
      const [payer_class, payer] = chosen(POLICY.lists.payers).split('/');
      const reason = chosen(POLICY.lists.reasons);
      const worked = [...new Set([chosen(pair.worked), chosen(pair.worked)])].slice(0, pair.most);
      reports.push({ code: '97761', payer_class, payer, reason, modifier: 'none', outcome, worked, role: 'biller', quarter: quarter(Math.floor(day / 92)) });
    }
    yield { reports, quarter: quarter(Math.floor(day / 92)) };
  }
}

/** Publish a history: what was shown at each change, the last views, the sums, and how often a batch had to wait. */
export function published(days) {
  let state = { sums: nothing(), views: [] };
  let waiting = [];
  let held = 0;
  let tries = 0;
  for (const [at, day] of days.entries()) {
    waiting = [...waiting, ...day.reports ?? day];
    if (waiting.length < POLICY.batch) continue;
    tries += 1;
    const next = advanced(state, waiting, day.quarter ?? quarter(at));
    if (next) {
      state = next;
      waiting = [];
    } else held += 1;
  }
  return { ...state, held, tries, waiting: waiting.length };
}

export const looks = (views) => views.map((view) => JSON.stringify(shown('97761', view)));

/** Rows of numbers for cells that sum to `totals`: those that must be reached soonest first. Null where they do not fit. */
function filled(cells, totals) {
  const now = cells.map(() => 0);
  const rows = [];
  for (const [at, total] of totals.entries()) {
    let room = total - now.reduce((sum, one) => sum + one, 0);
    for (let until = at; until <= totals.length && room > 0; until += 1) {
      cells.forEach((cell, place) => {
        const aim = until < totals.length ? Math.min(cell.low[until], cell.high[at]) : cell.high[at];
        const by = Math.max(0, Math.min(room, aim - now[place]));
        now[place] += by;
        room -= by;
      });
    }
    if (room !== 0 || cells.some((cell, place) => now[place] < cell.low[at])) return null;
    rows.push([...now]);
  }
  return rows;
}

/** Every cell by its key, with one of them held to a value. */
function cellsOf(views, part, forced) {
  return POLICY.lists[part].map((key) => {
    const ranges = views.map((view) => rangeOf(view.cells[part][key] ?? -1, POLICY));
    const pair = POLICY.pairs.findIndex((one) => one[part]?.includes(key));
    const low = ranges.map(([one]) => one);
    const high = ranges.map(([, one]) => one);
    if (forced?.part !== part || forced.key !== key) return { times: 1, pair, low, high };
    return { times: 1, pair, low: low.map((one, at) => (at === low.length - 1 ? forced.value : one)), high: high.map((one) => Math.min(one, forced.value)) };
  });
}

/** A history that the function publishes with exactly these views, and in which a cell has another value; or null. */
export function twin(views, part, key, truth) {
  for (let value = 0; value <= rangeOf(-1, POLICY)[1]; value += 1) {
    if (value === truth) continue;
    const limits = Object.fromEntries(PARTS.map((one) => [one, cellsOf(views, one, { part, key, value })]));
    // How many reports there may be at each moment the function says; whether such reports look the same is seen by publishing them.
    const totals = explained(views, limits, POLICY);
    const made = totals && built(views, totals, limits);
    if (made && looks(published(made).views).join() === looks(views).join()) return made;
  }
  return null;
}

/** Reports with these totals at the moments of these views, batch by batch; null where they cannot be laid out. */
function built(views, totals, limits) {
  const perPair = divided(limits, totals, POLICY);
  if (!perPair) return null;
  const own = POLICY.pairs.map((_, pair) => filled(limits.outcomes.filter((cell) => cell.pair === pair), perPair[pair]));
  const named = POLICY.pairs.map(({ most }, pair) => laid(limits.worked.filter((cell) => cell.pair === pair), perPair[pair], most));
  const rows = { reasons: filled(limits.reasons, totals), payers: filled(limits.payers, totals) };
  if (!rows.reasons || !rows.payers || [...own, ...named].some((one) => !one)) return null;
  // In the order of the list: where the cells of one pair stand, those of the pair stand in their order.
  rows.outcomes = totals.map((_, at) => {
    const left = own.map((one) => [...one[at]]);
    return limits.outcomes.map(({ pair }) => left[pair].shift());
  });
  const came = (keys, of, at) => keys.flatMap((key, place) => Array.from({ length: (of[at][place] ?? 0) - (of[at - 1]?.[place] ?? 0) }, () => key));
  return totals.map((total, at) => {
    const [reasons, payers, all] = ['reasons', 'payers', 'outcomes'].map((part) => came(POLICY.lists[part], rows[part], at));
    const worked = new Map(all.map((_, place) => [place, []]));
    for (const [pair, { outcomes: own }] of POLICY.pairs.entries()) {
      const places = all.flatMap((key, place) => (own.includes(key) ? [place] : []));
      const keys = named[pair].cells.map((cell) => POLICY.lists.worked[limits.worked.indexOf(cell)]);
      came(keys, named[pair].rows, at).forEach((key, turn) => worked.get(places[turn % places.length]).push(key));
    }
    const reports = Array.from({ length: total - (totals[at - 1] ?? 0) }, (_, place) => {
      const [payer_class, payer] = payers[place].split('/');
      return { code: '97761', payer_class, payer, reason: reasons[place], modifier: 'none', outcome: all[place], worked: worked.get(place), role: 'biller', quarter: views[at].to };
    });
    return { reports, quarter: views[at].to };
  });
}
