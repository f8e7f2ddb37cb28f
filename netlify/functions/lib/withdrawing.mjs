// @ts-check
/**
 * Takes reports back. What is shown of a code goes at once if one of the reports it counts is taken back; the reports that stay
 * are counted again with the next batch. So what is shown before and after has nothing in common that could be subtracted: all
 * of it may have been taken back, and all of it may have come anew.
 */

import { arrivals } from './arrivals.mjs';
import { sum } from './counting.mjs';
import { show, stateOf } from './publishing.mjs';
import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./lists.mjs').Stored} Stored */

/**
 * Delete reports: code to names. A command that was cut off may be given again.
 *
 * @param {Stores} stores
 * @param {Map<string, Set<string>>} burst
 */
export async function withdraw(stores, burst) {
  let hidden = 0;
  for (const [code, names] of burst) {
    const state = await stateOf(stores, code);
    const counted = state.taken.filter((name) => names.has(name));
    const read = await each(counted, (name) => stores.reports.json(`${code}/${name}`));
    const gone = read.filter(/** @returns {one is Stored} */ (one) => one !== null);
    const without = { taken: state.taken.filter((name) => !names.has(name)), pending: state.pending.filter((name) => !names.has(name)), approved: state.approved.filter((name) => !names.has(name)) };
    const shownNo = counted.length > 0;
    if (shownNo) hidden += 1;
    await stores.work.put(`state/${code}`, { ...without, sums: sum(state.sums, gone, -1), views: shownNo ? [] : state.views });
    if (shownNo) await show(stores, new Map([[code, null]]), null);
  }
  for (const { key } of (await arrivals(stores)).notes.filter((one) => burst.get(one.code)?.has(one.name))) await stores.work.remove(key);
  let deleted = 0;
  for (const [code, names] of burst) {
    await each(names, (name) => stores.reports.remove(`${code}/${name}`));
    deleted += names.size;
  }
  return { deleted, hidden };
}

/**
 * Delete everything of a code.
 *
 * @param {Stores} stores
 * @param {string} code
 */
export async function forget(stores, code) {
  await stores.work.remove(`state/${code}`);
  await show(stores, new Map([[code, null]]), null);
  let deleted = 0;
  // The local server may leave some out while others are written: until none is left.
  for (let keys = ['']; keys.length > 0; ) {
    for (const { key } of (await arrivals(stores)).notes.filter((one) => one.code === code)) await stores.work.remove(key);
    keys = (await stores.reports.keys(`${code}/`)).filter((key) => !key.includes('/.'));
    await each(keys, (key) => stores.reports.remove(key));
    deleted += keys.length;
  }
  return { deleted, hidden: 1 };
}
