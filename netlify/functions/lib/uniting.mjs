// @ts-check
/**
 * Makes one state of two of a code: the one that is here and the one of a backup.
 *
 * What was taken back on either side stays so. What was shown must be known on the side that is kept, since every later publication
 * keeps to it; where each side showed something that the other does not know, there is no such state.
 */

import { inOrder } from './publishing.mjs';

/** @typedef {import('./publishing.mjs').State} State */
/** @typedef {import('./counting.mjs').View} View */

/**
 * Return the state; null where there is none.
 *
 * @param {State} here
 * @param {State} backup
 * @returns {State | null}
 */
export function united(here, backup) {
  const taken = here.taken.filter((name) => !backup.gone.includes(name));
  // What was shown is gone with the first report that is: withdrawing.mjs.
  const views = taken.length < here.taken.length ? [] : here.views;
  const goneHere = new Set(here.gone);
  const later = here.gone.some((name) => !backup.gone.includes(name));
  const follows = backup.taken.every((name) => taken.includes(name) || goneHere.has(name)) && (later || begins(views, backup.views));
  if (follows) return merged({ ...here, taken, views }, backup);
  const precedes = taken.every((name) => backup.taken.includes(name)) && !backup.taken.some((name) => goneHere.has(name)) && begins(backup.views, views);
  return precedes ? merged(backup, here) : null;
}

/**
 * Return whether some views begin with others.
 *
 * @param {View[]} views
 * @param {View[]} others
 */
const begins = (views, others) => others.length <= views.length && JSON.stringify(views.slice(0, others.length)) === JSON.stringify(others);

/**
 * Return a state that knows what else waits and is gone on the other side, and when the last batch was on either.
 *
 * @param {State} state
 * @param {State} other
 * @returns {State}
 */
function merged(state, other) {
  const gone = inOrder([...state.gone, ...other.gone]);
  const done = new Set([...gone, ...state.taken]);
  const pending = inOrder([...state.pending, ...other.pending]).filter((name) => !done.has(name));
  const approved = inOrder([...state.approved, ...other.approved]).filter((name) => pending.includes(name));
  return { ...state, gone, pending, approved, batch: inOrder([state.batch ?? '', other.batch ?? '']).at(-1) || null };
}
