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
 * smallest n that meets all of them is found by going forward once. For reasons and payers this is exact. Outcomes are laid into
 * the room one by one, and strategies into the reports of their outcomes; where they do not fit that way, we say that no history
 * exists, and err towards showing less. Cells that are not shown now never were, so that many of them are as good as one with
 * their limits added up.
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
 * Return how many reports there are at each moment in a history within limits, or null where none was found.
 *
 * @param {View[]} views
 * @param {Limits} limits
 * @param {Policy} policy
 */
export function explained(views, limits, policy) {
  const growth = (/** @type {number} */ from, /** @type {number} */ to) => Math.max(policy.batch, reportsFor(limits, policy, (cells) => Math.max(0, (cells.low[to] ?? 0) - (cells.high[from] ?? 0))));
  const ranges = views.map((view, at) => rangeOfTotal(view, limits, policy, at));
  const least = smallest(ranges, growth, policy);
  if (!least) return null;
  const most = largest(ranges, growth, policy, /** @type {number} */ (least.at(-1)));
  const fits = (/** @type {number[]} */ totals) => {
    const reports = spread(limits, totals, policy);
    return reports !== null && policy.pairs.every(({ most: named }, pair) => laid(limits.worked.filter((cells) => cells.pair === pair), /** @type {number[]} */ (reports[pair]), named) !== null);
  };
  return [least, most].find(fits) ?? null;
}

/**
 * Return how many reports it takes at least for cells to grow.
 *
 * @param {Limits} limits
 * @param {Policy} policy
 * @param {(cells: Cells) => number} by
 */
function reportsFor(limits, policy, by) {
  const all = (/** @type {Cells[]} */ list) => list.reduce((sum, cells) => sum + (cells.times && cells.times * by(cells)), 0);
  const pairs = policy.pairs.reduce((sum, { most }, pair) => {
    const named = limits.worked.filter((cells) => cells.pair === pair);
    return sum + Math.max(all(limits.outcomes.filter((cells) => cells.pair === pair)), reportsNaming(named, most, by));
  }, 0);
  return Math.max(pairs, ...SINGLE.map((part) => all(limits[part])));
}

/**
 * Return the least and the most that the number of reports can be at a moment, by its own band and by its parts.
 *
 * @param {View} view
 * @param {Limits} limits
 * @param {Policy} policy
 * @param {number} at
 * @returns {[number, number]}
 */
function rangeOfTotal(view, limits, policy, at) {
  const [low, high] = rangeOf(view.total, policy);
  const room = SINGLE.map((part) => limits[part].reduce((sum, cells) => sum + (cells.times && cells.times * (cells.high[at] ?? 0)), 0));
  return [Math.max(low, reportsFor(limits, policy, (cells) => cells.low[at] ?? 0)), Math.min(high, ...room)];
}

/**
 * Return the smallest number of reports at each moment, or null where there is none.
 *
 * @param {[number, number][]} ranges
 * @param {(from: number, to: number) => number} growth
 * @param {Policy} policy
 */
export function smallest(ranges, growth, policy) {
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
 * Return how many reports of each pair there are at each moment, in one way in which outcomes fill all reports and strategies find
 * room; null where that way does not lead there. What must be reached soonest goes first.
 *
 * @param {Limits} limits
 * @param {number[]} totals
 * @param {Policy} policy
 * @param {(at: number, numbers: number[]) => void} [tell] hears the numbers of every single outcome, for tests
 */
export function spread(limits, totals, policy, tell) {
  const cells = limits.outcomes.flatMap((one) => Array.from({ length: one.times }, () => one));
  const now = cells.map(() => 0);
  /** @type {number[][]} */
  const reports = policy.pairs.map(() => []);
  const sumOf = (/** @type {number} */ pair) => now.reduce((sum, count, place) => sum + (cells[place]?.pair === pair ? count : 0), 0);
  /** How many reports of a pair its strategies ask for by a moment. @type {(pair: number, until: number) => number} */
  const asked = (pair, until) => {
    const named = limits.worked.filter((one) => one.pair === pair);
    const most = policy.pairs[pair]?.most ?? 1;
    const since = (reports[pair] ?? []).map((count, from) => count + reportsNaming(named, most, (one) => Math.max(0, (one.low[until] ?? 0) - (one.high[from] ?? 0))));
    return Math.max(reportsNaming(named, most, (one) => one.low[until] ?? 0), ...since);
  };
  for (const [at, total] of totals.entries()) {
    let room = total - (totals[at - 1] ?? 0);
    const give = (/** @type {number} */ place, /** @type {number} */ wanted) => {
      const by = Math.max(0, Math.min(wanted, room, (cells[place]?.high[at] ?? 0) - (now[place] ?? 0)));
      now[place] = (now[place] ?? 0) + by;
      room -= by;
      return by;
    };
    for (let until = at; until < totals.length && room > 0; until += 1) {
      cells.forEach((one, place) => give(place, (one.low[until] ?? 0) - (now[place] ?? 0)));
      for (const pair of policy.pairs.keys()) {
        let lacking = asked(pair, until) - sumOf(pair);
        cells.forEach((one, place) => (lacking -= one.pair === pair ? give(place, lacking) : 0));
      }
    }
    cells.forEach((_, place) => give(place, room));
    if (room > 0 || cells.some((one, place) => (now[place] ?? 0) < (one.low[at] ?? 0))) return null;
    tell?.(at, [...now]);
    reports.forEach((list, pair) => list.push(sumOf(pair)));
  }
  return reports;
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
