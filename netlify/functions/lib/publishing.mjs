// @ts-check
/**
 * Publishes: takes in what has come, a batch at a time, and writes what is shown.
 *
 * A code's state is written before what is shown of it, and what is shown is written from the state each time a code is looked
 * at, so that a publication which was cut off is made whole by the next.
 */

import { arrivals, dayOf, expired } from './arrivals.mjs';
import { POLICY, alike, dated, nothing, shown, sum, viewOf } from './counting.mjs';
import { hourOf } from './limits.mjs';
import { CODE, quarterOf } from './lists.mjs';
import { safe } from './safety.mjs';
import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./counting.mjs').Sums} Sums */
/** @typedef {import('./counting.mjs').View} View */
/** @typedef {import('./counting.mjs').Policy} Policy */
/** @typedef {import('./counting.mjs').Shown} Shown */
/** @typedef {import('./lists.mjs').Stored} Stored */
/** @typedef {import('./arrivals.mjs').Note} Note */

/**
 * What is known of a code's reports: those that are counted and their sums, those that wait, those the operator let through, those
 * that were taken back; everything that was shown since the last withdrawal; and the hour of the last batch. Names stand in the
 * order of their letters, since any other could tell in which order they came.
 *
 * @typedef {{taken: string[], pending: string[], approved: string[], gone: string[], sums: Sums, views: View[], batch: string | null}} State
 */

/** A scheduled function has thirty seconds. */
const LONGEST = 20_000;

/** From one batch of a code to its next: whatever is called how often, its figures change once a day at most. */
const PERIOD = 24 * 3_600_000;

/** @returns {State} */
export const blank = () => ({ taken: [], pending: [], approved: [], gone: [], sums: nothing(), views: [], batch: null });

/**
 * Return names once each, in the order of their letters.
 *
 * @param {Iterable<string>} names
 */
export const inOrder = (names) => [...new Set(names)].sort();

/**
 * Return whether a code's next batch may be taken in. The last one counts from the beginning of its hour: so a daily run is never a
 * moment too early, and two batches are never on one day (UTC).
 *
 * @param {State} state
 * @param {Date} now
 */
const due = ({ batch }, now) => batch === null || !(now.getTime() < Date.parse(`${batch}:00:00Z`) + PERIOD);

/**
 * Return sums and views with a batch taken in, or null where it has to wait: it is too small, or would let a number be told.
 *
 * @param {{sums: Sums, views: View[]}} state
 * @param {readonly Stored[]} batch
 * @param {string} quarter of the publication
 * @param {Policy} [policy]
 */
export function advanced(state, batch, quarter, policy = POLICY) {
  return stepped(state.views, batch.length, sum(state.sums, batch), policy, quarter);
}

/**
 * @param {View[]} views everything that was shown so far
 * @param {number} came how many reports are new
 * @param {Sums} sums with these
 * @param {Policy} policy
 * @param {string} quarter of the publication
 * @param {(views: View[], policy: Policy) => boolean} [isSafe] another rule, for tests
 * @returns {{sums: Sums, views: View[]} | null}
 */
export function stepped(views, came, sums, policy, quarter, isSafe = safe) {
  if (came < policy.batch) return null;
  const view = viewOf(sums, policy, quarter, views[0]?.from);
  const last = views.at(-1);
  if (!view) return null;
  if (last && alike(last, view)) return { sums, views };
  const more = [...views, view];
  return isSafe(more, policy) ? { sums, views: more } : null;
}

/**
 * Return a code's state.
 *
 * @param {Stores} stores
 * @param {string} code
 * @returns {Promise<State>}
 */
export async function stateOf({ work }, code) {
  return { ...blank(), ...(await work.json(`state/${code}`)) };
}

/**
 * Delete a report again if it was taken back before it was written. A withdrawal writes which reports are gone before it deletes
 * them: so either it finds the report, or whoever wrote the report finds here that it is gone.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {string} name of a report that was written just now
 */
export async function unlessGone(stores, code, name) {
  if ((await stateOf(stores, code)).gone.includes(name)) await stores.reports.remove(`${code}/${name}`);
}

/**
 * Return a state that knows of reports which came in.
 *
 * @param {State} state
 * @param {Iterable<string>} names
 * @returns {State}
 */
export function withArrivals(state, names) {
  const known = new Set([...state.taken, ...state.gone]);
  return { ...state, pending: inOrder([...state.pending, ...[...names].filter((name) => !known.has(name))]) };
}

/**
 * Publish what has come: of the codes that something came for in the last week, of `codes`, or of all.
 *
 * @param {Stores} stores
 * @param {{now: Date, codes?: string[], all?: boolean, longest?: number}} how
 */
export async function publish(stores, { now, codes = [], all = false, longest = LONGEST }) {
  const started = Date.now();
  const came = await arrivals(stores);
  const review = (await stores.work.json('review'))?.on === true;
  const known = all ? (await stores.work.keys('state/')).map((key) => key.slice('state/'.length)).filter((code) => CODE.test(code)) : [];
  const queue = inAnyOrder([...new Set([...came.codes.keys(), ...codes, ...known])]);
  /** @type {Map<string, Shown | null>} */
  const shows = new Map();
  let left = 0;
  await each(queue, async (code) => {
    if (Date.now() - started > longest) left += 1;
    else shows.set(code, await ofCode(stores, code, came.codes.get(code) ?? [], { review, now }));
  }, 8);
  await show(stores, shows, dayOf(now));
  // Those of a code that there was no time for stay: its state does not know yet what they tell.
  await each(came.notes.filter(({ code, day }) => shows.has(code) && expired(day, now)), ({ key }) => stores.work.remove(key));
  return { codes: shows.size, shown: [...shows.values()].filter(Boolean).length, left };
}

/**
 * Return codes in another order each time: where time is short, none is always last.
 *
 * @param {string[]} codes
 */
function inAnyOrder(codes) {
  return codes.map((code) => ({ code, at: Math.random() })).sort((one, other) => one.at - other.at).map(({ code }) => code);
}

/**
 * Take in what waits for a code, and return what is shown of it.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {Note[]} notes
 * @param {{review: boolean, now: Date}} how
 * @returns {Promise<Shown | null>}
 */
async function ofCode(stores, code, notes, how) {
  const before = await stateOf(stores, code);
  const gone = new Set(before.gone);
  const after = await taken(stores, code, withArrivals(before, notes.map(({ name }) => name)), how);
  if (JSON.stringify(after) !== JSON.stringify(before)) await stores.work.put(`state/${code}`, after);
  // What a withdrawal left that was cut off, or what was sent once more since.
  await each(notes.filter(({ name }) => gone.has(name)), async ({ key, name }) => {
    await stores.reports.remove(`${code}/${name}`);
    await stores.work.remove(key);
  });
  const view = after.views.at(-1);
  return view ? shown(code, view) : null;
}

/**
 * @param {Stores} stores
 * @param {string} code
 * @param {State} state
 * @param {{review: boolean, now: Date}} how
 * @returns {Promise<State>}
 */
async function taken(stores, code, state, { review, now }) {
  const approved = new Set(state.approved);
  const candidates = state.pending.filter((name) => !review || approved.has(name));
  if (candidates.length < POLICY.batch || !due(state, now)) return state;
  const read = await each(candidates, async (name) => ({ name, report: /** @type {Stored | null} */ (await stores.reports.json(`${code}/${name}`)) }));
  const batch = read.filter((one) => one.report);
  // One that is not there yet is still being written; the arrivals name it again next time.
  const missing = new Set(read.filter((one) => !one.report).map((one) => one.name));
  const there = (/** @type {string[]} */ names) => names.filter((name) => !missing.has(name));
  const waiting = { ...state, pending: there(state.pending), approved: there(state.approved) };
  const next = advanced(waiting, batch.map((one) => /** @type {Stored} */ (one.report)), quarterOf(now));
  if (!next) return waiting;
  const done = new Set(batch.map((one) => one.name));
  return { ...waiting, ...next, taken: inOrder([...waiting.taken, ...done]), pending: waiting.pending.filter((name) => !done.has(name)), approved: waiting.approved.filter((name) => !done.has(name)), batch: hourOf(now) };
}

/**
 * Write what is shown: each code's own, all together, and the day, which is the same for all.
 *
 * @param {Stores} stores
 * @param {Map<string, Shown | null>} shows null: nothing is shown
 * @param {string | null} day null: the day stays what it was
 */
export async function show(stores, shows, day) {
  const of = stores.public;
  await each(shows, ([code, one]) => (one ? of.put(code, one) : of.remove(code)), 8);
  const before = (await of.json('all')) ?? { published: null, codes: {} };
  const published = day ?? before.published;
  const codes = new Map(Object.entries(before.codes));
  for (const [code, one] of shows) {
    if (one) codes.set(code, one);
    else codes.delete(code);
  }
  const sorted = [...codes].sort(([one], [other]) => (one < other ? -1 : 1)).map(([code, one]) => [code, dated(/** @type {Shown} */ (one), published)]);
  await of.put('all', { published, codes: Object.fromEntries(sorted) });
  await of.put('day', { published });
}
