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
 * @template T
 * @param {Stores} stores
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone({ work: blobs }, work) {
  const mine = JSON.stringify({ who: randomUUID(), until: Date.now() + LASTS });
  if (!(await blobs.putNew('lease', mine))) {
    const held = await blobs.json('lease');
    if (held && held.until > Date.now()) throw new Refused({ status: 409, kind: 'busy', message: 'A publication or another command is at work. Send this again in a minute.' });
    await blobs.put('lease', mine);
  }
  try {
    return await work();
  } finally {
    if ((await blobs.text('lease')) === mine) await blobs.remove('lease');
  }
}
