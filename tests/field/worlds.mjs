/**
 * Small worlds, gone through whole: every history of reports that can be in them is published by the function's own rules, and
 * histories that look the same from outside are put together. What a reader can tell is what all of them have in common.
 */

import { nothing } from '../../netlify/functions/lib/counting.mjs';
import { PARTS } from '../../netlify/functions/lib/lists.mjs';
import { stepped } from '../../netlify/functions/lib/publishing.mjs';

/** A policy with short lists and low limits. */
export function small({ limits, batch, reasons = 1, payers = 1, outcomes = 1, worked = 0, most = 1, paid = outcomes, nothing = 0 }) {
  const keys = (letter, count) => Array.from({ length: count }, (_, at) => `${letter}${at}`);
  const lists = { reasons: keys('r', reasons), payers: keys('p', payers), outcomes: keys('o', outcomes), worked: keys('w', worked + nothing) };
  // The first outcomes go with the first strategies, up to `most` a report; the others with the rest, one a report.
  const pairs = [{ outcomes: lists.outcomes.slice(0, paid), worked: lists.worked.slice(0, worked), most }, { outcomes: lists.outcomes.slice(paid), worked: lists.worked.slice(worked), most: 1 }];
  return { limits, batch, lists, pairs: pairs.filter((pair) => pair.outcomes.length > 0) };
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
  const cross = (ways) => ways.reduce((all, next) => all.flatMap((one) => next.map((list) => [...one, list])), [[]]);
  return Array.from({ length: largest + 1 }, (_, count) => {
    const outcomes = splits(count, policy.lists.outcomes.length).flatMap((list) => {
      // Strategies are named by the reports of their own outcomes alone.
      const ways = policy.pairs.map((pair) => named(list.filter((_one, at) => pair.outcomes.includes(policy.lists.outcomes[at])).reduce((sum, one) => sum + one, 0), pair.worked.length, pair.most));
      return cross(ways).map((lists) => [list, lists.flat()]);
    });
    return cross([splits(count, policy.lists.reasons.length), splits(count, policy.lists.payers.length), outcomes]).map(([reasons, payers, [list, worked]]) => ({ count, lists: [reasons, payers, list, worked] }));
  }).flat();
}

/** Reports as whole numbers in a row: how many there are, then every cell, list after list. Two can be added, and have a name that is short to compare. */
const row = ({ count, lists }) => [count, ...lists.flat()];
const plus = (one, other, times = 1) => one.map((value, at) => value + times * other[at]);
const label = (one) => String.fromCharCode(...one);
/** Where the cells of each list begin in a row. */
const starts = (policy) => PARTS.map((_, place) => PARTS.slice(0, place).reduce((sum, part) => sum + policy.lists[part].length, 1));

function sumsOf(numbers, policy) {
  const sums = nothing();
  sums.n = numbers[0];
  let at = 0;
  for (const part of PARTS) for (const key of policy.lists[part]) if (numbers[++at]) sums[part][key] = numbers[at];
  return sums;
}

/**
 * Return what readers see of all histories: what was shown on each day, and every pair of numbers (counted, waiting) behind it.
 *
 * A reader knows no end to what may come in a day; a test needs one. So histories with up to `largest` reports a day are what he
 * thinks possible, and only those with up to `usual` are what he has before him. Each day may be in a quarter of its own, which is
 * shown; and on one day, `withdrawn`, some of what is counted may be taken back before the publication.
 */
export function seen(policy, { days, usual, largest, isSafe, before = policy, quarters = [], withdrawn = -1 }) {
  const every = batches(policy, largest).map(row);
  // On the first day the lists are those of `before`: keys at the end of the others were not there.
  const early = before === policy ? every : batches(before, largest).map(({ count, lists }) => row({ count, lists: lists.map((list, place) => policy.lists[PARTS[place]].map((_, at) => list[at] ?? 0)) }));
  const none = every[0];
  const nothingWaits = label(none);
  const held = new Map();
  const judge = (views, rules) => {
    // What is decided rests on what is shown alone; so it may be remembered by that.
    const key = JSON.stringify(views.map((view) => [view.total, view.cells, view.sizes]));
    if (!held.has(key)) held.set(key, isSafe(views, rules));
    return held.get(key);
  };
  // After so many days there are so many reports at most.
  const away = withdrawn < 0 ? [] : batches(policy, withdrawn * largest).filter(({ count }) => count > 0).map(row);
  let now = new Map([['', { views: [], states: new Map([['', { counted: none, waiting: none, real: true }]]) }]]);
  for (let day = 0; day < days; day += 1) {
    if (day === withdrawn) now = taken(now, away);
    const next = new Map();
    for (const [look, { views, states }] of now) {
      /** The group of those who see this last. @type {(after: object[]) => {views: object[], states: Map<string, object>}} */
      const groupOf = (after) => {
        const last = after.at(-1);
        const sight = `${look}|${JSON.stringify(last ? [last.total, last.cells, last.from, last.to] : null)}`;
        if (!next.has(sight)) next.set(sight, { views: after, states: new Map() });
        return next.get(sight);
      };
      // A publication rests on how many wait and on the sums alone, whatever was counted before: it is asked for once.
      const steps = new Map();
      for (const { counted, waiting, real } of states.values()) {
        for (const batch of day === 0 ? early : every) {
          const all = plus(waiting, batch);
          const sums = plus(counted, all);
          const key = label([all[0], ...sums]);
          let step = steps.get(key);
          if (!step) {
            const done = stepped(views, all[0], sumsOf(sums, policy), day === 0 ? before : policy, quarters[day] ?? '2026Q4', judge);
            step = { done: done !== null, group: groupOf(done?.views ?? views) };
            steps.set(key, step);
          }
          const name = step.done ? label(sums) + nothingWaits : label(counted) + label(all);
          const isReal = real && batch[0] <= usual;
          const state = step.group.states.get(name);
          if (!state) step.group.states.set(name, step.done ? { counted: sums, waiting: none, real: isReal } : { counted, waiting: all, real: isReal });
          else state.real ||= isReal;
        }
      }
    }
    now = next;
  }
  return { groups: now, refused: [...held.values()].filter((one) => !one).length, judged: held.size };
}

/** What readers see, and the numbers behind it, when some of what is counted and shown was taken back, or nothing was. */
function taken(now, away) {
  const next = new Map(now);
  for (const [look, { views, states }] of now) {
    if (views.length === 0) continue;
    const left = new Map();
    for (const { counted, waiting, real } of states.values()) {
      for (const some of away) {
        const rest = plus(counted, some, -1);
        if (rest.some((value) => value < 0)) continue;
        const name = label(rest) + label(waiting);
        left.set(name, { counted: rest, waiting, real: real || (left.get(name)?.real ?? false) });
      }
    }
    next.set(`${look}|withdrawn`, { views: [], states: left });
  }
  return next;
}

/** Every choice of some of these. */
const choices = (list) => list.reduce((all, one) => [...all, ...all.map((some) => [...some, one])], [[]]).slice(1);

/** Return every cell, and every sum of cells of one list, whose number a reader can tell although none of them is shown. */
export function told(policy, groups) {
  const found = [];
  const begins = starts(policy);
  for (const [look, { views, states }] of groups) {
    if (![...states.values()].some((state) => state.real)) continue;
    const shown = views.at(-1)?.cells;
    PARTS.forEach((part, place) => {
      // What is shown says nothing of a key that came into the list since: of that none is counted, as everybody knows.
      const there = views.at(-1)?.sizes[part] ?? policy.lists[part].length;
      const hidden = policy.lists[part].map((_, at) => at).filter((at) => at < there && shown?.[part][policy.lists[part][at]] === undefined);
      for (const some of choices(hidden)) {
        const sum = (numbers) => some.reduce((all, at) => all + numbers[begins[place] + at], 0);
        const counted = new Set();
        const current = new Set();
        for (const state of states.values()) {
          counted.add(sum(state.counted));
          current.add(sum(state.counted) + sum(state.waiting));
        }
        // Before anything is shown nothing is counted for anybody: what is there now is what counts.
        if (current.size < 2 || (shown && counted.size < 2)) found.push({ look, part, keys: some.map((at) => policy.lists[part][at]) });
      }
    });
  }
  return found;
}
