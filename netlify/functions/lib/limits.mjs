// @ts-check
/**
 * Counts how many reports an address sends in an hour, in all and on one code, without keeping the address.
 *
 * Each report takes places: blobs under digests of the address, with a random salt that lives an hour. A place can be taken
 * once, so that functions which run side by side count together; it holds a mark of what took it, so that what is tried again
 * takes no other. When the hour is over its salt is deleted by the first request that finds it so, and by the clock at the latest
 * (forget.mjs); from then on nothing can tell whose a place was, the operator's secret neither. Salts and places lie in a store of
 * their own. Once the hour is over nothing leads from a report to a place; within it the salt, an address and the report's code do.
 */

import { createHmac, randomBytes } from 'node:crypto';

import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */

/**
 * What a process knows of the hour: its salt, and the marks in the places of each address that it saw, in their order.
 *
 * @typedef {{hour: string, salt: Promise<string> | null, places: Map<string, string[]>}} Memory
 */

const SALT = /^[0-9a-f]{64}$/;

/** @returns {Memory} */
export const noMemory = () => ({ hour: '', salt: null, places: new Map() });

/** @param {Date} now */
export const hourOf = (now) => now.toISOString().slice(0, 13);

/**
 * Return whether something may be counted once more in this hour, and take a place for it. With a mark that has its place already
 * it is the same once more, and may.
 *
 * @param {Stores} stores
 * @param {string} what the address, or the address and a code
 * @param {{now: Date, most: number, mark: string, memory: Memory}} how
 */
export async function mayCount(stores, what, { now, most, mark, memory }) {
  const hour = hourOf(now);
  const salt = await saltOf(stores, hour, memory);
  const key = `${hour}/${createHmac('sha256', salt).update(what).digest('hex').slice(0, 32)}`;
  const marks = memory.places.get(key) ?? [];
  memory.places.set(key, marks);
  for (;;) {
    let place = marks.indexOf(mark);
    if (place < 0) {
      if (marks.length >= most) return false;
      place = marks.push(mark) - 1;
    }
    if (await stores.limits.putNew(`${key}-${place}`, mark)) return true;
    // Somebody else's, or one's own from another time or another process.
    const there = await stores.limits.text(`${key}-${place}`);
    if (there === mark) return true;
    marks[place] = there ?? '';
  }
}

/**
 * Return the salt of an hour. Whoever needs it first makes it.
 *
 * @param {Stores} stores
 * @param {string} hour
 * @param {Memory} memory
 */
async function saltOf({ limits }, hour, memory) {
  const made = async () => {
    const own = randomBytes(32).toString('hex');
    const salt = (await limits.putNew(`salt/${hour}`, own)) ? own : await limits.text(`salt/${hour}`);
    if (!salt || !SALT.test(salt)) throw new Error('the salt of the hour is not there');
    return salt;
  };
  if (memory.hour !== hour) Object.assign(memory, noMemory(), { hour });
  const asked = (memory.salt ??= made());
  return asked.catch((problem) => {
    if (memory.salt === asked) memory.salt = null;
    throw problem;
  });
}

/**
 * Return the part of an address that is one household's: all of IPv4, the first half of IPv6.
 *
 * @param {string} address
 */
export function network(address) {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  if (tail !== undefined) groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0'), ...after);
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/u, '').toLowerCase()).join(':');
}

/**
 * Delete the salts of hours that are over, and then their places, which nobody can read any more. Whoever's clock or request is of an
 * hour before leaves the later one's alone.
 *
 * @param {Stores} stores
 * @param {Date} now
 */
export async function forget({ limits }, now) {
  const hour = hourOf(now);
  const salts = (await limits.keys('salt/')).filter((key) => key.slice('salt/'.length) < hour);
  await each(salts, (key) => limits.remove(key));
  const places = (await limits.keys('')).filter((key) => !key.startsWith('salt/') && key.slice(0, hour.length) < hour);
  await each(places, (key) => limits.remove(key));
  return { salts: salts.length, places: places.length };
}
