/**
 * Small worlds, gone through whole: every history of reports that can be in them is published by the function's own rules, and
 * histories that look the same from outside are put together. What a reader can tell is what all of them have in common.
 */

import { nothing } from '../../netlify/functions/lib/counting.mjs';
import { PARTS } from '../../netlify/functions/lib/lists.mjs';
import { stepped } from '../../netlify/functions/lib/publishing.mjs';

/** A policy with short lists and low limits. */
export function small({ limits, batch, reasons = 1, payers = 1, outcomes = 1, worked = 0, most = 1 }) {
  const keys = (letter, count) => Array.from({ length: count }, (_, at) => `${letter}${at}`);
  return { limits, batch, lists: { reasons: keys('r', reasons), payers: keys('p', payers), outcomes: keys('o', outcomes), worked: keys('w', worked) }, most: { worked: most } };
}

/** Every list of `length` whole numbers with this sum. */
export function splits(sum, length) {
  if (length === 0) return sum === 0 ? [[]] : [];
  if (length === 1) return [[sum]];
  return Array.from({ length: sum + 1 }, (_, first) => splits(sum - first, length - 1).map((rest) => [first, ...rest])).flat();
}

/** Every way in which `count` reports can name strategies: none more often than there are reports, all together not more than `most` a report. */
function named(count, length, most) {
  if (length === 0) return [[]];
  return named(count, length - 1, most).flatMap((rest) => Array.from({ length: count + 1 }, (_, one) => [...rest, one])).filter((list) => list.reduce((sum, one) => sum + one, 0) <= most * count);
}

/** Every batch of up to `largest` reports, as sums. */
function batches(policy, largest) {
  return Array.from({ length: largest + 1 }, (_, count) => {
    const ways = PARTS.map((part) => (policy.most[part] ? named(count, policy.lists[part].length, policy.most[part]) : splits(count, policy.lists[part].length)));
    return ways.reduce((all, next) => all.flatMap((one) => next.map((list) => [...one, list])), [[]]).map((lists) => ({ count, lists }));
  }).flat();
}

const plus = (one, other) => ({ count: one.count + other.count, lists: one.lists.map((list, part) => list.map((value, at) => value + other.lists[part][at])) });

function sumsOf({ count, lists }, policy) {
  const sums = nothing();
  sums.n = count;
  sums.quarters = count ? { '2026Q4': count } : {};
  PARTS.forEach((part, place) => lists[place].forEach((value, at) => value && (sums[part][policy.lists[part][at]] = value)));
  return sums;
}

/**
 * Return what readers see of all histories: what was shown on each day, and every pair of numbers (counted, waiting) behind it.
 *
 * A reader knows no end to what may come in a day; a test needs one. So histories with up to `largest` reports a day are what he
 * thinks possible, and only those with up to `usual` are what he has before him.
 */
export function seen(policy, { days, usual, largest, isSafe }) {
  const every = batches(policy, largest);
  const none = every[0];
  const held = new Map();
  const judge = (views, rules) => {
    // What is decided rests on what is shown alone; so it may be remembered by that.
    const key = JSON.stringify(views.map((view) => [view.total, view.cells]));
    if (!held.has(key)) held.set(key, isSafe(views, rules));
    return held.get(key);
  };
  let now = new Map([['', { views: [], states: new Map([['', { counted: none, waiting: none, real: true }]]) }]]);
  for (let day = 0; day < days; day += 1) {
    const next = new Map();
    for (const [look, { views, states }] of now) {
      for (const { counted, waiting, real } of states.values()) {
        for (const batch of every) {
          const all = plus(waiting, batch);
          const sums = plus(counted, all);
          const done = stepped(views, all.count, sumsOf(sums, policy), policy, judge);
          const state = { ...(done ? { counted: sums, waiting: none } : { counted, waiting: all }), real: real && batch.count <= usual };
          const after = done?.views ?? views;
          const sight = `${look}|${JSON.stringify(after.at(-1)?.total === undefined ? null : [after.at(-1).total, after.at(-1).cells])}`;
          const group = next.get(sight) ?? { views: after, states: new Map() };
          const name = JSON.stringify([state.counted, state.waiting]);
          state.real ||= group.states.get(name)?.real ?? false;
          group.states.set(name, state);
          next.set(sight, group);
        }
      }
    }
    now = next;
  }
  return { groups: now, refused: [...held.values()].filter((one) => !one).length, judged: held.size };
}

/** Return every cell whose number a reader can tell although it is not shown. */
export function told(policy, groups) {
  const found = [];
  for (const [look, { views, states }] of groups) {
    if (![...states.values()].some((state) => state.real)) continue;
    const shown = views.at(-1)?.cells;
    PARTS.forEach((part, place) =>
      policy.lists[part].forEach((key, at) => {
        if (shown?.[part][key] !== undefined) return;
        const counted = new Set([...states.values()].map((state) => state.counted.lists[place][at]));
        const current = new Set([...states.values()].map((state) => state.counted.lists[place][at] + state.waiting.lists[place][at]));
        // Before anything is shown nothing is counted for anybody: what is there now is what counts.
        if (current.size < 2 || (shown && counted.size < 2)) found.push({ look, part, key });
      }),
    );
  }
  return found;
}
