// @ts-check
/**
 * Remembers for a week in which hour a report came, apart from the report, so that a burst can be taken back and a publication
 * finds what is new without a look at everything. After the week nothing says when a report came but its quarter.
 */

import { hourOf } from './limits.mjs';
import { CODE } from './lists.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */

export const NAME = /^[0-9a-f]{32}$/;
const KEPT_HOURS = 7 * 24;

/**
 * Note that a report comes in. It is noted before it is stored: a note without a report does no harm, and there is no report
 * without a note.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {string} name
 * @param {Date} now
 */
export async function arrives({ work }, code, name, now) {
  await work.put(`arrivals/${hourOf(now)}/${code}-${name}`, '');
}

/**
 * Return what came in within the week: code to names, and each note.
 *
 * @param {Stores} stores
 */
export async function arrivals({ work }) {
  /** @type {Map<string, Set<string>>} */
  const codes = new Map();
  /** @type {{key: string, hour: string, code: string, name: string}[]} */
  const notes = [];
  for (const key of await work.keys('arrivals/')) {
    const [, hour = '', what = ''] = key.split('/');
    const [code = '', name = ''] = what.split('-');
    if (!CODE.test(code) || !NAME.test(name)) continue;
    notes.push({ key, hour, code, name });
    codes.set(code, (codes.get(code) ?? new Set()).add(name));
  }
  return { codes, notes };
}

/**
 * Return whether a week has gone by since an hour.
 *
 * @param {string} hour
 * @param {Date} now
 */
export const expired = (hour, now) => !(Date.parse(`${hour}:00:00Z`) > now.getTime() - KEPT_HOURS * 3_600_000);
