// @ts-check
/** Fetches what the sheet says of each code, and finds the edits between the codes. */

import { load } from '../claim/data.js';
import { choose, edit } from '../claim/sets.js';

/** @typedef {{code: string, twin: any, gone: string, by: string[], name: string, modifiers: string, changed: string[] | null, edits: number}} Line `twin` is null for a code that is not in the release; then `gone` says why, and `by` names what stands in its place. `changed`: null where nothing is known */
/** @typedef {{one: string, two: string, indicator: string}} Pair */

/** How the code index marks a code that is no longer billed. */
const DELETED = 'deleted';

/** Kinds of codes of which the physician fee schedule's file has few or none. */
const OTHERS = /^[BCEKL]|[MU]$/;

/**
 * The edits between codes by the newest edit set.
 * @param {string[]} codes
 * @param {string} url of the claim desk's book
 * @returns {Promise<{pairs: Pair[], set: string, indicators: any}>} `set` is blank where none is loaded
 */
async function between(codes, url) {
  const desk = await load(url);
  const chosen = choose(desk.sets, 'ptp', '');
  if (!chosen) return { pairs: [], set: '', indicators: {} };
  const beginnings = [...new Set(codes.map((code) => code.slice(0, 3)))];
  const shards = Object.fromEntries(await Promise.all(beginnings.map(async (start) => [start, await load(`${chosen.folder}${start}.json`, {})])));
  /** @type {Pair[]} */
  const pairs = [];
  for (const one of codes) {
    const groups = shards[one.slice(0, 3)].ptp?.[one] ?? [];
    for (const two of codes) {
      const found = one === two ? null : edit(groups, two, chosen);
      if (found) pairs.push({ one, two, indicator: found.indicator });
    }
  }
  const { quarter, version } = chosen.edition;
  return { pairs, set: version ? `${quarter} (${version})` : quarter, indicators: desk.indicators };
}

/**
 * What is known of a code's changes: its own log where the twin has one, else what the book says.
 * @param {string} code
 * @param {any} twin
 * @param {any} book
 * @returns {string[] | null}
 */
function changesOf(code, twin, book) {
  const log = twin?.changes?.lines ?? twin?.changes;
  if (Array.isArray(log)) return log.map((one) => (typeof one === 'string' ? one : String(one.text ?? '')));
  if (!book.against || !twin) return null;
  return book.added.includes(code) ? [`New: it is not in ${book.against}.`] : (book.changed[code] ?? []);
}

/**
 * Gather the sheet of a list.
 * @param {string[]} codes
 * @param {{book: string, claims: string, release: string}} files
 * @returns {Promise<{lines: Line[], pairs: Pair[], set: string, indicators: any, against: string}>}
 */
export async function sheetOf(codes, { book: url, claims, release }) {
  const index = await import('../search/index.js').then((one) => one.load());
  const places = codes.map((code) => index.codes.indexOf(code));
  const there = (/** @type {number} */ place) => place >= 0 && index.kinds[place] !== DELETED;
  const known = codes.filter((_, at) => there(places[at]));
  const { advice, all, either } = known.length < codes.length ? await import('../claim/gone.js') : /** @type {any} */ ({});
  const [book, deleted, edits, ...twins] = await Promise.all([load(url), all?.(load), between(known, claims), ...codes.map((code, at) => (there(places[at]) ? load(`/data/v1/codes/${code}.json`) : null))]);
  const lines = codes.map((code, at) => {
    const twin = twins[at];
    const place = places[at];
    const one = deleted?.[code];
    const by = one?.by ?? [];
    const instead = by[0] ? `: see ${either(by)}` : '';
    const said = [`Deleted, not in ${release}${instead}.`, one ? advice(one) : ''].join(' ').trim();
    const unknown = `Not a code of ${release}: look at how it is written.${OTHERS.test(code) ? ' Laboratory, equipment, and hospital codes have other fee schedules.' : ''}`;
    const gone = twin ? '' : place >= 0 ? said : unknown;
    return { code, twin, gone, by, name: twin?.name ?? '', modifiers: book.modifiers[book.of[code]] ?? '', changed: changesOf(code, twin, book), edits: edits.pairs.filter(({ one, two }) => one === code || two === code).length };
  });
  return { lines, ...edits, against: book.against };
}
