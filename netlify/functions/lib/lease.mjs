// @ts-check
/**
 * Lets one at a time change what is counted and shown: a publication or an operator's command.
 */

import { randomUUID } from 'node:crypto';

import { Refused } from './body.mjs';
import { StoreFailed, each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./store.mjs').Blobs} Blobs */

/** Longer than any function may run at Netlify, so that whoever held it is surely gone. */
const LASTS = 15 * 60_000;

const BUSY = 'A publication or another command is at work, or one was cut off in the last quarter of an hour. Send this again in a minute; if this answer comes again and again, in a quarter of an hour.';

/**
 * Do something while nobody else changes anything; refuse where somebody is at it.
 *
 * Where the store failed, a write that was given up may still be done. So the lease is not given back then: it runs out.
 *
 * @template T
 * @param {Stores} stores
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone({ work: blobs }, work) {
  const mine = JSON.stringify({ who: randomUUID(), until: Date.now() + LASTS });
  if (!(await blobs.putNew('lease', mine))) await takeOver(blobs, mine);
  const giveBack = async () => {
    if ((await blobs.text('lease')) === mine) await blobs.remove('lease');
  };
  /** @type {T} */
  let result;
  try {
    result = await work();
  } catch (problem) {
    if (!(problem instanceof StoreFailed)) await giveBack();
    throw problem;
  }
  await giveBack();
  return result;
}

/**
 * Take over a lease that ran out, or refuse.
 *
 * Of two who find it at the same moment the one goes on who writes first that he takes it over. Whoever wrote that may have been cut
 * off before he wrote the lease: what he wrote runs out as well, and is taken over in the same way. The lease is read once more
 * afterwards, since such records are deleted: only while it is what it was, nobody else can have taken it over and be through.
 *
 * @param {Blobs} blobs
 * @param {string} mine
 */
async function takeOver(blobs, mine) {
  const busy = () => new Refused({ status: 409, kind: 'busy', message: BUSY });
  const before = await blobs.text('lease');
  for (let held = before && JSON.parse(before); ; held = await blobs.json(`taken-over/${held.who}`)) {
    if (!held || held.until > Date.now()) throw busy();
    if (await blobs.putNew(`taken-over/${held.who}`, mine)) break;
  }
  if ((await blobs.text('lease')) !== before) throw busy();
  await blobs.put('lease', mine);
  await each(await blobs.keys('taken-over/'), (key) => blobs.remove(key));
}
