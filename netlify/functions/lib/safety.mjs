// @ts-check
/**
 * Decides whether something more may be shown of a code: only if afterwards nobody can tell any number that is not shown.
 *
 * The reader this guards against has seen everything that was ever shown of the code, in order, and knows every rule here. To
 * him a history is possible if it explains all of it: whole numbers n (reports) and one for each cell, at each of the moments at
 * which what is shown changed, so that
 *
 * - every number lies in its band, one that is not shown lies under the first band, and one of a key that was not yet in the lists
 *   is nothing;
 * - reports only come in: no number falls, and between two moments n grows by a batch at least;
 * - the cells of reasons, payers and outcomes each sum to n;
 * - a report names strategies that go with its outcome (a pair of lists.mjs), up to so many, each once.
 *
 * A cell is safe if it can have two values now; and so must be the sum of all cells of a list that are not shown, and the sum of
 * those among its outcomes that are of one pair: a sum that can be told is a number under no band as well. `safe` looks at what is
 * shown and never at the true numbers. That is what makes refusing safe too: where something is not shown, it may as well be that no
 * batch has come in. (Every possible history is also one in which each batch comes just before it is shown, so that nothing was
 * ever held back in it.)
 *
 * Whether a history exists: think of each unit of growth of a cell as a task. It may be done once the cell's upper limit allows it,
 * and must be done once its lower limit asks for it; each report is room for one task of each list, and none stays empty. Tasks of
 * one length with such limits fit if in every stretch of time there is room for those that must be done within it, and enough
 * tasks to fill the room. Both are conditions on n alone: a smallest growth over each stretch, and a smallest and largest n. The
 * smallest n that meets all of them is found by going forward once. For reasons and payers this is exact. Outcomes are of two pairs,
 * each with strategies that need reports of its own: n, at some places between the smallest and the largest, is divided among the
 * pairs, which is exact for outcomes too, and strategies are laid into the reports of their pair one by one. Where none of this leads
 * to a history we say that there is none, and err towards showing less. Cells that are not shown now never were, so that
 * many of them are as good as one with their limits added up.
 *
 * tests/field/safety.test.mjs proves the same by other means: it goes through all histories of small worlds, and builds twins of
 * large ones.
 */

import { rangeOf } from './counting.mjs';
import { PARTS, SINGLE } from './lists.mjs';

/** @typedef {import('./counting.mjs').View} View */
/** @typedef {import('./counting.mjs').Policy} Policy */
/** @typedef {import('./lists.mjs').Part} Part */

/**
 * Cells that look alike to a reader: how many, of which pair (outcomes and strategies; -1 else), and the least and most that each
 * can be at each moment.
 *
 * @typedef {{times: number, pair: number, low: number[], high: number[]}} Cells
 * @typedef {Record<Part, Cells[]>} Limits
 */

/**
 * Return whether every cell that the last view does not show may have two values at least, and every sum of them.
 *
 * @param {View[]} views everything that was shown of a code so far, oldest first, and what is to be shown now
 * @param {Policy} policy
 */
export function safe(views, policy) {
  const limits = limitsOf(views, policy);
  return PARTS.every((part) => {
    const hidden = limits[part].filter((cells) => hiddenNow(cells, policy));
    if (!hidden.every((cells) => varies(views, limits, part, [{ ...cells, times: 1 }], [...limits[part].filter((other) => other !== cells), { ...cells, times: cells.times - 1 }], policy))) return false;
    if (hidden.length === 0 || !SINGLE.includes(part)) return true;
    const groups = [...new Set(hidden.map((cells) => cells.pair))].map((pair) => together(hidden.filter((cells) => cells.pair === pair)));
    const others = limits[part].filter((cells) => !hidden.includes(cells));
    return groups.every((group) => varies(views, limits, part, [group], [...others, ...groups.filter((other) => other !== group)], policy)) && varies(views, limits, part, groups, others, policy);
  });
}

/**
 * @param {Cells} cells
 * @param {Policy} policy
 */
const hiddenNow = (cells, policy) => cells.high.at(-1) === rangeOf(-1, policy)[1];

/**
 * Return cells of one pair that are not shown as one.
 *
 * @param {Cells[]} list
 * @returns {Cells}
 */
function together(list) {
  const added = (/** @type {'low' | 'high'} */ end) => (list[0]?.[end] ?? []).map((_, at) => list.reduce((sum, cells) => sum + cells.times * (cells[end][at] ?? 0), 0));
  return { times: 1, pair: list[0]?.pair ?? -1, low: added('low'), high: added('high') };
}

/**
 * Return whether the sum of some single cells can have two values now.
 *
 * @param {View[]} views
 * @param {Limits} limits
 * @param {Part} part
 * @param {Cells[]} some
 * @param {Cells[]} others all other cells of the part
 * @param {Policy} policy
 */
function varies(views, limits, part, some, others, policy) {
  /** @type {Set<number>} */
  const sums = new Set();
  /** @type {(held: Cells[], sum: number) => boolean} */
  const tried = (held, sum) => {
    const cells = some[held.length];
    if (!cells) {
      if (!sums.has(sum) && explained(views, { ...limits, [part]: [...held, ...others] }, policy)) sums.add(sum);
      return sums.size >= 2;
    }
    const most = cells.high.at(-1) ?? 0;
    for (let value = cells.low.at(-1) ?? 0; value <= most; value += 1) {
      const one = { ...cells, low: cells.low.map((low, at) => (at === cells.low.length - 1 ? value : low)), high: cells.high.map((high) => Math.min(high, value)) };
      if (tried([...held, one], sum + value)) return true;
    }
    return false;
  };
  return tried([], 0);
}

/**
 * Return what a reader knows of every cell.
 *
 * @param {View[]} views
 * @param {Policy} policy
 * @returns {Limits}
 */
export function limitsOf(views, policy) {
  const last = /** @type {View} */ (views.at(-1));
  return /** @type {Limits} */ (Object.fromEntries(PARTS.map((part) => {
    /** @type {Map<string, Cells>} */
    const kinds = new Map();
    policy.lists[part].slice(0, last.sizes[part]).forEach((key, place) => {
      const ranges = views.map((view) => (place < view.sizes[part] ? rangeOf(view.cells[part][key] ?? -1, policy) : [0, 0]));
      const pair = part === 'outcomes' || part === 'worked' ? policy.pairs.findIndex((one) => one[part].includes(key)) : -1;
      const kind = `${pair} ${ranges.join(' ')}`;
      const cells = kinds.get(kind) ?? { times: 0, pair, low: ranges.map(([low = 0]) => low), high: ranges.map(([, high = 0]) => high) };
      kinds.set(kind, { ...cells, times: cells.times + 1 });
    });
    return [part, [...kinds.values()]];
  })));
}

/**
 * Where a history is looked for on the way from the smallest numbers of reports to the largest: in the middle, and then
 * nearer to the smallest. At the ends it is often missed, where growth comes at one moment or none is left for what one of the pairs needs.
 */
const SHARES = [1 / 2, 1 / 4];

/**
 * Return how many reports there are at each moment in a history within limits, or null where none was found. Any share of the
 * way from the smallest to the largest numbers, rounded down, keeps the smallest growth over every stretch as both ends do: what is
 * found is a history.
 *
 * @param {View[]} views
 * @param {Limits} limits
 * @param {Policy} policy
 */
export function explained(views, limits, policy) {
  const pairs = needsOf(limits, policy, views.length);
  const needs = stretches(views.length, (from, to) => Math.max(pairs.reduce((sum, table) => sum + over(table, from, to), 0), ...SINGLE.map((part) => added(limits[part], rise(from, to)))));
  const growth = (/** @type {number} */ from, /** @type {number} */ to) => Math.max(policy.batch, over(needs, from, to));
  const ranges = views.map((view, to) => rangeOfTotal(view, limits, policy, to, over(needs, -1, to)));
  const least = smallest(ranges, growth, policy);
  if (!least) return null;
  const most = largest(ranges, growth, policy, /** @type {number} */ (least.at(-1)));
  for (const share of SHARES) {
    const totals = least.map((low, moment) => low + Math.floor(share * ((most[moment] ?? low) - low)));
    const reports = divided(limits, totals, policy, pairs);
    if (reports && policy.pairs.every(({ most: named }, pair) => laid(limits.worked.filter((cells) => cells.pair === pair), /** @type {number[]} */ (reports[pair]), named) !== null)) return totals;
  }
  return null;
}

/**
 * A number for every stretch of time between two moments: from one (the first row: from the beginning, when there was no report) to a later one.
 *
 * @typedef {number[][]} Table
 */

/**
 * @param {number} moments
 * @param {(from: number, to: number) => number} number
 * @returns {Table}
 */
const stretches = (moments, number) => Array.from({ length: moments }, (_, row) => Array.from({ length: moments }, (_one, to) => (to < row ? 0 : number(row - 1, to))));

/** @type {(table: Table, from: number, to: number) => number} */
const over = (table, from, to) => table[from + 1]?.[to] ?? 0;

/** By how much a cell must grow over a stretch. @type {(from: number, to: number) => (cells: Cells) => number} */
const rise = (from, to) => (cells) => Math.max(0, (cells.low[to] ?? 0) - (from < 0 ? 0 : (cells.high[from] ?? 0)));

/** @type {(list: Cells[], by: (cells: Cells) => number) => number} */
const added = (list, by) => list.reduce((sum, cells) => sum + (cells.times && cells.times * by(cells)), 0);

/**
 * Return how many reports of each pair it takes at least over every stretch: for its outcomes, and to name its strategies.
 *
 * @param {Limits} limits
 * @param {Policy} policy
 * @param {number} moments
 */
function needsOf(limits, policy, moments) {
  return policy.pairs.map(({ most }, pair) => {
    const outcomes = limits.outcomes.filter((cells) => cells.pair === pair);
    const named = limits.worked.filter((cells) => cells.pair === pair);
    return stretches(moments, (from, to) => Math.max(added(outcomes, rise(from, to)), reportsNaming(named, most, rise(from, to))));
  });
}

/**
 * Return the least and the most that the number of reports can be at a moment, by its own band and by its parts.
 *
 * @param {View} view
 * @param {Limits} limits
 * @param {Policy} policy
 * @param {number} moment
 * @param {number} needed
 * @returns {[number, number]}
 */
function rangeOfTotal(view, limits, policy, moment, needed) {
  const [low, high] = rangeOf(view.total, policy);
  return [Math.max(low, needed), Math.min(high, ...SINGLE.map((part) => added(limits[part], (cells) => cells.high[moment] ?? 0)))];
}

/**
 * Return the smallest number of reports at each moment, or null where there is none.
 *
 * @param {[number, number][]} ranges
 * @param {(from: number, to: number) => number} growth
 * @param {Policy} policy
 */
function smallest(ranges, growth, policy) {
  /** @type {number[]} */
  const totals = [];
  for (const [at, [low, high]] of ranges.entries()) {
    let total = Math.max(low, policy.batch);
    for (let before = 0; before < at; before += 1) total = Math.max(total, (totals[before] ?? 0) + growth(before, at));
    if (total > high) return null;
    totals.push(total);
  }
  return totals;
}

/**
 * Return the largest number of reports at each moment; without an end it is somewhat above the smallest.
 *
 * @param {[number, number][]} ranges
 * @param {(from: number, to: number) => number} growth
 * @param {Policy} policy
 * @param {number} least the smallest at the last moment
 */
function largest(ranges, growth, policy, least) {
  /** @type {number[]} */
  const totals = [];
  for (let at = ranges.length - 1; at >= 0; at -= 1) {
    let total = Math.min(ranges[at]?.[1] ?? 0, least + 20 * policy.batch);
    for (let after = at + 1; after < ranges.length; after += 1) total = Math.min(total, (totals[after] ?? 0) - growth(at, after));
    totals[at] = total;
  }
  return totals;
}

/**
 * Return how many reports of each of two pairs there are at each moment, or null where reports with these totals cannot be divided
 * so: in the middle between the fewest and the most of the first pair, since strategies find room most easily where neither pair
 * grows all at once.
 *
 * @param {Limits} limits
 * @param {number[]} totals
 * @param {Policy} policy
 * @param {Table[]} [needs] of each pair
 * @returns {number[][] | null}
 */
export function divided(limits, totals, policy, needs = needsOf(limits, policy, totals.length)) {
  const [first, second] = needs;
  if (!first || !second) return [totals];
  const [roof = [], otherRoof = []] = needs.map((_, pair) => totals.map((_total, to) => added(limits.outcomes.filter((cells) => cells.pair === pair), (cells) => cells.high[to] ?? 0)));
  const fewest = fewestOf(totals, [first, second], [roof, otherRoof]);
  const others = fewest && fewestOf(totals, [second, first], [otherRoof, roof]);
  if (!others) return null;
  const numbers = totals.map((total, to) => Math.floor(((fewest[to] ?? 0) + total - (others[to] ?? 0)) / 2));
  return [numbers, totals.map((total, to) => total - (numbers[to] ?? 0))];
}

/**
 * Return the smallest numbers of reports of a pair, or null. All that is asked of them is that they, and their growth over every
 * stretch, are not under something, for their own needs, nor over something, for what the other pair needs of the same reports.
 * So each that is too small is raised until none is (Bellman and Ford), or until one is over what it can be.
 *
 * @param {number[]} totals
 * @param {[Table, Table]} needs of the pair, and of the other
 * @param {[number[], number[]]} roofs how many reports have room in the outcomes of the pair, and of the other
 */
function fewestOf(totals, [own, others], [roof, otherRoof]) {
  const highest = totals.map((total, to) => Math.min(roof[to] ?? 0, total - over(others, -1, to)));
  const numbers = totals.map((total, to) => Math.max(over(own, -1, to), total - (otherRoof[to] ?? 0)));
  for (let changed = true; changed; ) {
    changed = false;
    if (numbers.some((one, to) => one > (highest[to] ?? 0))) return null;
    for (let to = 1; to < totals.length; to += 1) {
      for (let from = 0; from < to; from += 1) {
        const later = (numbers[from] ?? 0) + over(own, from, to);
        if (later > (numbers[to] ?? 0)) [numbers[to], changed] = [later, true];
        const earlier = (numbers[to] ?? 0) - ((totals[to] ?? 0) - (totals[from] ?? 0) - over(others, from, to));
        if (earlier > (numbers[from] ?? 0)) [numbers[from], changed] = [earlier, true];
      }
    }
  }
  return numbers;
}

/**
 * Return how many reports it takes to name strategies so often.
 *
 * @param {Cells[]} list
 * @param {number} most in one report
 * @param {(cells: Cells) => number} by
 */
function reportsNaming(list, most, by) {
  const named = list.filter((cells) => cells.times > 0);
  return Math.max(0, Math.ceil(named.reduce((sum, cells) => sum + cells.times * by(cells), 0) / most), ...named.map(by));
}

/**
 * Return the numbers of every single strategy at each moment, as few as will do, or null where they do not fit in so many reports: each
 * names up to `most`, each once. Those that must be reached soonest go first.
 *
 * @param {Cells[]} list
 * @param {number[]} totals
 * @param {number} most
 */
export function laid(list, totals, most) {
  // Only cells that must be named at some time count: the others stay at nothing, or at what was asked of them.
  const needed = list.flatMap((cells) => ((cells.low.at(-1) ?? 0) > 0 ? Array.from({ length: cells.times }, () => cells) : []));
  const now = needed.map(() => 0);
  const rows = [];
  for (const [at, total] of totals.entries()) {
    const reports = total - (totals[at - 1] ?? 0);
    let room = most * reports;
    const grown = now.map(() => 0);
    for (let until = at; until < totals.length && room > 0; until += 1) {
      for (const [place, cells] of needed.entries()) {
        const wanted = Math.min(cells.low[until] ?? 0, cells.high[at] ?? 0) - (now[place] ?? 0);
        const by = Math.min(Math.max(0, wanted), reports - (grown[place] ?? 0), room);
        now[place] = (now[place] ?? 0) + by;
        grown[place] = (grown[place] ?? 0) + by;
        room -= by;
      }
    }
    if (needed.some((cells, place) => (now[place] ?? 0) < (cells.low[at] ?? 0))) return null;
    rows.push([...now]);
  }
  return { cells: needed, rows };
}
