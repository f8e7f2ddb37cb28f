// @ts-check
/**
 * Takes reports back. What is shown of a code goes at once if one of the reports it counts is taken back; the reports that stay
 * are counted again with the next batch. So what is shown before and after has nothing in common that could be subtracted: all
 * of it may have been taken back, and all of it may have come anew.
 *
 * First nothing is shown of any code concerned; then the states say which reports are gone, for good; then these and their notes
 * are deleted. Whatever was not written when it was cut off, the same command does again.
 */

import { arrivals } from './arrivals.mjs';
import { Refused } from './body.mjs';
import { nothing, sum } from './counting.mjs';
import { NAME } from './lists.mjs';
import { inOrder, show, stateOf } from './publishing.mjs';
import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./lists.mjs').Stored} Stored */
/** @typedef {import('./publishing.mjs').State} State */

const NOBODY = { status: 404, kind: 'unknown', message: 'There is no such report: look in an export. Nothing was done.' };

/**
 * Delete reports: code to names. A command that was cut off may be given again. `deleted` counts the reports that were there, `hidden`
 * the codes of which nothing is shown any more.
 *
 * @param {Stores} stores
 * @param {Map<string, Set<string>>} burst
 */
export async function withdraw(stores, burst) {
  const states = await each(burst, async ([code, names]) => ({ code, names, before: await stateOf(stores, code) }));
  const counting = states.filter(({ names, before }) => before.taken.some((name) => names.has(name)));
  await show(stores, new Map(counting.map(({ code }) => [code, null])), null);
  for (const { code, names, before } of states) await stores.work.put(`state/${code}`, await without(stores, code, before, names));
  const { notes } = await arrivals(stores);
  let deleted = 0;
  for (const { code, names } of states) {
    await each(names, async (name) => {
      const key = `${code}/${name}`;
      if ((await stores.reports.text(key)) !== null) deleted += 1;
      await stores.reports.remove(key);
    });
  }
  await each(notes.filter((one) => burst.get(one.code)?.has(one.name)), ({ key }) => stores.work.remove(key));
  return { deleted, hidden: counting.length };
}

/**
 * Return a state without reports, which remembers that they are gone.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {State} state
 * @param {Set<string>} names
 * @returns {Promise<State>}
 */
async function without({ reports }, code, state, names) {
  const read = async (/** @type {string[]} */ some) => (await each(some, (name) => reports.json(`${code}/${name}`))).filter(/** @returns {one is Stored} */ (one) => one !== null);
  const counted = state.taken.filter((name) => names.has(name));
  const stay = state.taken.filter((name) => !names.has(name));
  const left = (/** @type {string[]} */ list) => list.filter((name) => !names.has(name));
  const gone = inOrder([...state.gone, ...names]);
  const same = { ...state, taken: stay, pending: left(state.pending), approved: left(state.approved), gone };
  if (counted.length === 0) return same;
  const away = stay.length > 0 ? await read(counted) : [];
  // One that cannot be read cannot be subtracted.
  const sums = away.length === counted.length ? sum(state.sums, away, -1) : sum(nothing(), await read(stay));
  return { ...same, sums, views: [] };
}

/**
 * Delete one report; refuse a name that no report has or had.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {string} name
 */
export async function remove(stores, code, name) {
  const { taken, pending, gone } = await stateOf(stores, code);
  const known = [...taken, ...pending, ...gone].includes(name) || (await stores.reports.text(`${code}/${name}`)) !== null || (await notedOf(stores, code)).includes(name);
  if (!known) throw new Refused(NOBODY);
  return withdraw(stores, new Map([[code, new Set([name])]]));
}

/**
 * Delete everything of a code; refuse a code of which there is and was nothing.
 *
 * @param {Stores} stores
 * @param {string} code
 */
export async function forget(stores, code) {
  const shown = (await stores.public.text(code)) !== null || (await stores.public.json('all'))?.codes[code] !== undefined;
  const had = shown || (await stores.work.text(`state/${code}`)) !== null;
  // In any case, whatever the state says.
  if (shown) await show(stores, new Map([[code, null]]), null);
  let deleted = 0;
  // The local server may leave some out while others are written: until none is left.
  for (let turn = 0; ; turn += 1) {
    const stored = (await stores.reports.keys(`${code}/`)).map((key) => key.slice(code.length + 1)).filter((name) => NAME.test(name));
    const { taken, pending } = await stateOf(stores, code);
    const names = new Set([...stored, ...taken, ...pending, ...(await notedOf(stores, code))]);
    if (turn === 0 && names.size === 0 && !had) throw new Refused({ ...NOBODY, message: `There is nothing of ${code}: look in an export. Nothing was done.` });
    if (names.size === 0) return { deleted, hidden: shown ? 1 : 0 };
    deleted += (await withdraw(stores, new Map([[code, names]]))).deleted;
  }
}

/**
 * @param {Stores} stores
 * @param {string} code
 */
async function notedOf(stores, code) {
  return (await arrivals(stores)).notes.filter((one) => one.code === code).map((one) => one.name);
}
