// @ts-check
/**
 * Says of a code that is gone what stands in its place. Fetched when a claim or a list has a code that its release lacks; medpayiq/claims.py
 * writes what it reads.
 */

/**
 * @typedef {object} Gone
 * @property {string} [last] release that has it last, of those at hand
 * @property {string} [first] the next one
 * @property {string} [from] first day of that one
 * @property {string[]} [by] codes of the newest release that took its place, to choose from; with what follows only where it was written down
 * @property {string | null} [since] first day on which it was not valid, as far as it is known
 * @property {string} [say] what to bill now, and the trap
 * @property {boolean} [sure] whether a primary text was read
 */
/** @typedef {import('./check.js').Finding} Finding */

const GONE = '/data/v1/claims/gone.json';
const DAY = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' });
const OR = new Intl.ListFormat('en-US', { type: 'disjunction' });

/** Codes as a choice: `99221, 99222, or 99223`. @param {string[]} codes */
export const either = (codes) => OR.format(codes);

/**
 * The codes that are gone; nothing for one that never was.
 * @param {(url: string) => Promise<any>} load
 * @returns {Promise<{[code: string]: Gone}>}
 */
export const all = (load) => load(GONE);

/** What to bill now, and how sure that is. @param {Gone} one */
export const advice = ({ say = '', sure = true }) => (sure ? say : `${say} What took its place was not verified from a primary text: check it before you bill.`);

/** Since when a code is gone, in words. @param {Gone} one */
function when({ since, last, first }) {
  if (since) return `not valid since ${DAY.format(new Date(since))}`;
  return last ? `in CMS's file until ${last}, not since ${first}` : "not in CMS's file";
}

/**
 * Have the findings of codes that are gone say so. A claim of an earlier day is told of it only where the code was gone by then, and of
 * what was there to take its place.
 * @param {Finding[]} findings those about a code that its release lacks
 * @param {{code: (finding: Finding) => string, day: string, load: (url: string) => Promise<any>, there: (codes: string[]) => Promise<string[]>}} asked `there` says which codes its release has
 */
export async function tell(findings, { code: of, day, load, there }) {
  const known = await all(load);
  for (const finding of findings) {
    const code = of(finding);
    const one = known[code];
    if (!one) continue;
    finding.sources = [[`${code}, no longer in use`, `/codes/${code}/`]];
    if (day && day < (one.since ?? one.from ?? '9999')) continue;
    const { by: named = [] } = one;
    const by = named[0] ? await there(named) : [];
    // What is said is about all of them.
    const whole = by.length === named.length;
    finding.say = `${code} is deleted: ${when(one)}.`;
    if (whole) finding.why = advice(one);
    finding.do = by[1] ? `Bill the one that fits instead: ${either(by)}.` : by[0] ? `Bill ${by[0]} instead.` : 'Find the code that stands for the service, or take the line off.';
    finding.codes = by;
    if (whole && by[0] && !by[1]) finding.instead = { old: code, now: by[0] };
  }
}
