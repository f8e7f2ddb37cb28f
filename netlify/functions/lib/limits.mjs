// @ts-check
/**
 * Counts how many reports an address sends in an hour, without keeping the address.
 *
 * Each report takes a place: an empty blob under a digest of the address, whose salt is another one every hour. A place can be taken
 * once, so that functions which run side by side count together. Places lie in a store of their own and are deleted when their
 * hour is over. Nothing leads from a report to a place.
 */

import { createHmac } from 'node:crypto';

import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */

/** @param {Date} now */
export const hourOf = (now) => now.toISOString().slice(0, 13);

/**
 * Return whether an address may send one more report in this hour, and take a place for it.
 *
 * @param {Stores} stores
 * @param {string} address
 * @param {{now: Date, secret: string, most: number, places: Map<string, number>}} how `places`: the next ones, as far as this process knows
 */
export async function mayReport({ limits }, address, { now, secret, most, places }) {
  const hour = hourOf(now);
  const salt = createHmac('sha256', secret).update(`addresses in ${hour}`).digest();
  const key = `${hour}/${createHmac('sha256', salt).update(network(address)).digest('hex').slice(0, 32)}`;
  for (const one of places.keys()) if (!one.startsWith(`${hour}/`)) places.delete(one);
  for (;;) {
    const place = places.get(key) ?? 0;
    if (place >= most) return false;
    places.set(key, place + 1);
    if (await limits.putNew(`${key}-${place}`, '')) return true;
  }
}

/**
 * Return the part of an address that is one household's: all of IPv4, the first half of IPv6.
 *
 * @param {string} address
 */
function network(address) {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  if (tail !== undefined) groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0'), ...after);
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/u, '').toLowerCase()).join(':');
}

/**
 * Delete the places of hours that are over.
 *
 * @param {Stores} stores
 * @param {Date} now
 */
export async function forget({ limits }, now) {
  const old = (await limits.keys('')).filter((key) => !key.startsWith(`${hourOf(now)}/`));
  await each(old, (key) => limits.remove(key));
  return old.length;
}
