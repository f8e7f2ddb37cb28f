// @ts-check
/**
 * Decides whether something more may be shown of a code: only if afterwards nobody can tell any number that is not shown.
 *
 * The reader this guards against has seen everything that was ever shown of the code, in order, and knows every rule here. To
 * him a history is possible if it explains all of it: whole numbers n (reports) and one for each cell, at each of the moments at
 * which what is shown changed, so that
 *
 * - every number lies in its band, and one that is not shown lies under the first band;
 * - reports only come in: no number falls, and between two moments n grows by a batch at least;
 * - the cells of reasons, payers and outcomes each sum to n; a report names up to three strategies, each once.
 *
 * A cell is safe if it can have two values now. `safe` looks at what is shown and never at the true numbers. That is what makes
 * refusing safe too: where something is not shown, it may as well be that no batch has come in. (Every possible history is also
 * one in which each batch comes just before it is shown, so that nothing was ever held back in it.)
 *
 * Whether a history exists is worked out exactly for parts with one key a report. Think of each unit of growth of a cell as a
 * task: it may be done once the cell's upper limit allows it, and must be done once its lower limit asks for it; each report is
 * room for one task, and none stays empty. Tasks of one length with such limits fit if in every stretch of time there is room
 * for those that must be done within it, and enough tasks to fill the room. Both are conditions on n alone: a smallest growth
 * over each stretch, and a smallest and largest n. The smallest n that meets all of them is found by going forward once. For
 * strategies the tasks are laid into the room one by one; where they do not fit that way, we say that no history exists, and err
 * towards showing less.
 *
 * tests/field/safety.test.mjs proves the same by other means: it goes through all histories of small worlds, and builds twins of
 * large ones.
 */

import { rangeOf } from './counting.mjs';
import { PARTS } from './lists.mjs';

/** @typedef {import('./counting.mjs').View} View */
/** @typedef {import('./counting.mjs').Policy} Policy */
/** @typedef {import('./lists.mjs').Part} Part */

/**
 * Cells that look alike to a reader: how many, and the least and most that each can be at each moment.
 *
 * @typedef {{times: number, low: number[], high: number[]}} Cells
 * @typedef {Record<Part, Cells[]>} Limits
 */

/**
 * Return whether every cell that the last view does not show may have two values at least.
 *
 * @param {View[]} views everything that was shown of a code so far, oldest first, and what is to be shown now
 * @param {Policy} policy
 */
export function safe(views, policy) {
  const limits = limitsOf(views, policy);
  return PARTS.every((part) => limits[part].every((cells) => !hiddenNow(cells, policy) || valuesOf(views, limits, part, cells, policy) >= 2));
}

/**
 * @param {Cells} cells
 * @param {Policy} policy
 */
const hiddenNow = (cells, policy) => cells.times > 0 && cells.high.at(-1) === rangeOf(-1, policy)[1];

/**
 * Return how many values a cell of one kind can have now; two is as good as more.
 *
 * @param {View[]} views
 * @param {Limits} limits
 * @param {Part} part
 * @param {Cells} cells
 * @param {Policy} policy
 */
function valuesOf(views, limits, part, cells, policy) {
  let found = 0;
  for (let value = 0; value <= rangeOf(-1, policy)[1] && found < 2; value += 1) {
    const one = { times: 1, low: cells.low.map((low, at) => (at === cells.low.length - 1 ? value : low)), high: cells.high.map((high) => Math.min(high, value)) };
    const others = { ...cells, times: cells.times - 1 };
    const tried = { ...limits, [part]: [one, others, ...limits[part].filter((other) => other !== cells)] };
    if (possible(views, tried, policy)) found += 1;
  }
  return found;
}

/**
 * Return what a reader knows of every cell. Keys that were never shown are alike, if they have been in the list for as long.
 *
 * @param {View[]} views
 * @param {Policy} policy
 * @returns {Limits}
 */
export function limitsOf(views, policy) {
  /** @type {Partial<Limits>} */
  const limits = {};
  const last = /** @type {View} */ (views.at(-1));
  for (const part of PARTS) {
    const keys = Object.keys(last.cells[part]);
    /** @type {Cells[]} */
    const cells = keys.map((key) => {
      const ranges = views.map((view) => rangeOf(view.cells[part][key] ?? -1, policy));
      return { times: 1, low: ranges.map(([low]) => low), high: ranges.map(([, high]) => high) };
    });
    // A key that came into the list later had no report before.
    let known = keys.length;
    views.forEach((view, born) => {
      const times = view.sizes[part] - known;
      if (times <= 0) return;
      known += times;
      cells.push({ times, low: views.map(() => 0), high: views.map((_, at) => (at < born ? 0 : rangeOf(-1, policy)[1])) });
    });
    limits[part] = cells;
  }
  return /** @type {Limits} */ (limits);
}

/**
 * Return whether a history exists within limits.
 *
 * @param {View[]} views
 * @param {Limits} limits
 * @param {Policy} policy
 */
export function possible(views, limits, policy) {
  const growth = (/** @type {number} */ from, /** @type {number} */ to) => growthOf(limits, policy, from, to);
  const ranges = views.map((view, at) => rangeOfTotal(view, limits, policy, at));
  const least = smallest(ranges, growth, policy);
  if (!least) return false;
  const most = largest(ranges, growth, policy, /** @type {number} */ (least.at(-1)));
  const several = PARTS.filter((part) => policy.most[part]);
  return [least, most].some((totals) => several.every((part) => fits(limits[part], totals, policy.most[part] ?? 1)));
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
  let [low, high] = rangeOf(view.total, policy);
  for (const part of PARTS) {
    low = Math.max(low, growthWithin(limits[part], policy.most[part] ?? 1, (cells) => cells.low[at] ?? 0));
    if (!policy.most[part]) high = Math.min(high, limits[part].reduce((sum, cells) => sum + (cells.times && cells.times * (cells.high[at] ?? 0)), 0));
  }
  return [low, high];
}

/**
 * Return by how much the number of reports must grow between two moments.
 *
 * @param {Limits} limits
 * @param {Policy} policy
 * @param {number} from
 * @param {number} to
 */
function growthOf(limits, policy, from, to) {
  const parts = PARTS.map((part) => growthWithin(limits[part], policy.most[part] ?? 1, (cells) => Math.max(0, (cells.low[to] ?? 0) - (cells.high[from] ?? 0))));
  return Math.max(policy.batch, ...parts);
}

/**
 * Return how many reports it takes for cells to grow, if each report adds one to so many of them.
 *
 * @param {Cells[]} list
 * @param {number} most
 * @param {(cells: Cells) => number} by
 */
function growthWithin(list, most, by) {
  const grown = list.filter((cells) => cells.times > 0).map((cells) => ({ times: cells.times, by: by(cells) }));
  const all = grown.reduce((sum, one) => sum + one.times * one.by, 0);
  return Math.max(Math.ceil(all / most), ...grown.map((one) => one.by), 0);
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
 * Return whether strategies can be named in so many reports: each report names up to `most`, each once. Those that must be
 * reached soonest go first.
 *
 * @param {Cells[]} list
 * @param {number[]} totals
 * @param {number} most
 */
export function fits(list, totals, most) {
  return laid(list, totals, most) !== null;
}

/**
 * Return the numbers of every single cell at each moment, as few as will do, or null where they do not fit.
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
