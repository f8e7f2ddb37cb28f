// @ts-check
/**
 * Remembers for a week on which day a report came, apart from the report, so that a burst can be taken back and a publication
 * finds what is new without a look at everything. A day and not the hour: names within an hour would tell which report came
 * before which. After the week nothing says when a report came but its quarter.
 */

import { CODE, NAME } from './lists.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {{key: string, day: string, code: string, name: string}} Note */

const KEPT_DAYS = 7;
const DAY = /^20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;

/** @param {Date} now */
export const dayOf = (now) => now.toISOString().slice(0, 10);

/**
 * Return whether a text is a day that there is.
 *
 * @param {unknown} text
 * @returns {text is string}
 */
export const isDay = (text) => typeof text === 'string' && DAY.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(new Date(text)) === text;

/**
 * Note that a report comes in. It is noted before it is stored: a note without a report does no harm, and there is no report
 * without a note.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {string} name
 * @param {string} day
 */
export async function arrives({ work }, code, name, day) {
  await work.put(`arrivals/${day}/${code}-${name}`, '');
}

/**
 * Return a note, or null where a key is none.
 *
 * @param {string} key
 * @returns {Note | null}
 */
function noteOf(key) {
  const [, day = '', what = ''] = key.split('/');
  const [code = '', name = ''] = what.split('-');
  return isDay(day) && CODE.test(code) && NAME.test(name) ? { key, day, code, name } : null;
}

/**
 * Return what came in within the week: each note, and code to notes.
 *
 * @param {Stores} stores
 */
export async function arrivals({ work }) {
  /** @type {Map<string, Note[]>} */
  const codes = new Map();
  const notes = (await work.keys('arrivals/')).map(noteOf).filter(/** @returns {one is Note} */ (one) => one !== null);
  for (const one of notes) {
    const some = codes.get(one.code);
    if (some) some.push(one);
    else codes.set(one.code, [one]);
  }
  return { codes, notes };
}

/**
 * Return whether a week has gone by since a day began.
 *
 * @param {string} day
 * @param {Date} now
 */
export const expired = (day, now) => !(Date.parse(day) > now.getTime() - KEPT_DAYS * 24 * 3_600_000);
