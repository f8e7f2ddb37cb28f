// @ts-check
/** Fetches what a claim needs, each file once: rules and localities of its day, rows, edits, limits and add-on codes of its codes. */

import { choose } from './sets.js';

/** @typedef {{rows?: any, ptp?: any, mue?: any, aoc?: any}} Shard what the release says of codes with one beginning */

/** @type {{[url: string]: Promise<any>}} */
const fetched = {};

/**
 * Load a file once; a code of which nothing is known has none, and one that could not be had is asked for again the next time.
 * @param {string} url
 * @param {any} [missing] in the place of a file that is not there
 * @returns {Promise<any>}
 */
export function load(url, missing) {
  fetched[url] ??= fetch(url)
    .then((answer) => (answer.ok ? answer.json() : answer.status === 404 && missing !== undefined ? missing : Promise.reject(new Error(answer.statusText))))
    .catch((problem) => {
      delete fetched[url];
      throw problem;
    });
  return fetched[url];
}

/**
 * The older rows of a code by release; one that never had an amount stands with others of its beginning.
 * @param {string} code
 * @param {string} release
 */
async function olderRows(code, release) {
  const own = await load(`/data/v1/history/${code}.json`, {});
  return own[release] ? own : ((await load(`/data/v1/unpriced/${code.slice(0, 3)}.json`, {}))[code] ?? {});
}

/**
 * What holds for codes on a day: a release with its rules, places and rows, and the edits; or the days that can be answered.
 * @param {string} day ISO date; blank for the newest release
 * @param {string[]} codes
 * @param {{claims: string, rules: string, places: string, releases: string}} files
 */
export async function gather(day, codes, files) {
  const [desk, { days, periods }] = await Promise.all([load(files.claims), load(files.releases)]);
  const newest = desk.sets[desk.sets.length - 1];
  const period = day ? periods.find((/** @type {any} */ { from, to }) => from <= day && day <= to) : { ...periods.findLast((/** @type {any} */ { release }) => release === desk.newest), rules: files.rules, places: files.places };
  if (!period) return String(days);
  const editions = { ptp: choose(desk.sets, 'ptp', day), mue: choose(desk.sets, 'mue', day), aoc: choose(desk.sets, 'aoc', day) };
  const current = period.release === desk.newest;
  const beginnings = [...new Set(codes.map((code) => code.slice(0, 3)))];
  const folders = [...new Set([...(current ? [newest.folder] : []), ...Object.values(editions).flatMap((one) => (one ? [one.folder] : []))])];
  /** @type {{[url: string]: Shard}} */
  const shards = {};
  /** @type {any} */
  let rows = {};
  const wanted = folders.flatMap((folder) => beginnings.map((start) => `${folder}${start}.json`));
  const [book, places, older] = await Promise.all([
    load(period.rules),
    load(period.places),
    Promise.all(current ? [] : [...new Set(codes)].map((code) => olderRows(code, period.release))),
    ...wanted.map(async (url) => (shards[url] = await load(url, {}))),
  ]);
  for (const one of older) rows = { ...rows, ...one[period.release] };
  if (current) for (const start of beginnings) rows = { ...rows, ...shards[`${newest.folder}${start}.json`].rows };
  /** @param {'ptp' | 'mue' | 'aoc'} table @param {string} code */
  const of = (table, code) => {
    const chosen = editions[table];
    return chosen ? shards[`${chosen.folder}${code.slice(0, 3)}.json`]?.[table]?.[code] : undefined;
  };
  const tables = { ptp: (/** @type {string} */ code) => of('ptp', code) ?? [], mue: (/** @type {string} */ code) => of('mue', code), aoc: (/** @type {string} */ code) => of('aoc', code) ?? [] };
  const facts = { rows: (/** @type {string} */ code) => rows[code], place: (/** @type {string} */ key) => places[key] };
  return { desk, book, places, facts, editions, tables, release: period.release, words: period.words, missing: period.missing };
}
