// @ts-check
/**
 * Lets one at a time change what is counted and shown: a publication or an operator's command.
 */

import { randomUUID } from 'node:crypto';

import { Refused } from './body.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */

/** Longer than any function may run at Netlify, so that whoever held it is surely gone. */
const LASTS = 15 * 60_000;

/**
 * Do something while nobody else changes anything; refuse where somebody is at it.
 *
 * A lease that ran out is taken over by whoever writes, first, that he does: of two who find it at the same moment one goes on.
 *
 * @template T
 * @param {Stores} stores
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone({ work: blobs }, work) {
  const mine = JSON.stringify({ who: randomUUID(), until: Date.now() + LASTS });
  if (!(await blobs.putNew('lease', mine))) {
    const held = await blobs.json('lease');
    const over = held !== null && held.until <= Date.now() && (await blobs.putNew(`taken-over/${held.who}`, mine));
    if (!over) throw new Refused({ status: 409, kind: 'busy', message: 'A publication or another command is at work. Send this again in a minute.' });
    await blobs.put('lease', mine);
  }
  try {
    return await work();
  } finally {
    if ((await blobs.text('lease')) === mine) await blobs.remove('lease');
  }
}
