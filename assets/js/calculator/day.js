// @ts-check
/** Finds the release that was in force on a day of service, and loads what it says: its rules, its localities, a code's rows. */

/** @typedef {{from: string, to: string, release: string, words: string, rules: string, places: string, moved: string[], missing: string}} Period ISO dates; in `moved` the localities that a ZIP code of today does not lead to, in `missing` the release that CMS put in its place, which is not here */
/** @typedef {{release: string, words: string, book: any, places: any, rows: any, moved: string[], missing: string}} Release what holds on a day, for one code */

/** @type {{[url: string]: Promise<any>}} */
const loaded = {};

/**
 * Load a file once; one that could not be had is asked for again the next time.
 * @param {string} url
 * @returns {Promise<any>}
 */
function get(url) {
  loaded[url] ??= fetch(url)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .catch((problem) => {
      delete loaded[url];
      throw problem;
    });
  return loaded[url];
}

/**
 * Return what holds on a day, or the days that can be answered where no release here has it; rejects where a file cannot be had.
 * @param {string} day ISO date
 * @param {{releases?: string, past?: string, release?: string}} files addresses of the page's calculator, and the release that the page shows
 * @param {any} rows the code's rows in that release
 * @returns {Promise<Release | string>}
 */
export async function on(day, { releases = '', past, release }, rows) {
  const { days, periods } = await get(releases);
  const found = /** @type {Period | undefined} */ (periods.find((/** @type {Period} */ { from, to }) => from <= day && day <= to));
  if (!found) return days;
  const older = found.release !== release;
  const [book, places, its] = await Promise.all([get(found.rules), get(found.places), older && past ? get(past) : null]);
  return { release: found.release, words: found.words, book, places, rows: older ? (its?.[found.release] ?? {}) : rows, moved: found.moved, missing: found.missing };
}
