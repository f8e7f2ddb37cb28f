// @ts-check
/** The rows of a code's list of edits: read from its CSV, filtered, ordered. */

/** @typedef {{one: boolean, other: string, indicator: string, effective: string, deleted: string, rationale: string, held: boolean, name: string, text: string}} Row `one`: the page's code is in column 1; `held`: in force in the set; `text`: what the filter looks through */
/** @typedef {{words: string, indicator: string, ended: boolean}} Filter */

/** Cells of a CSV row; quotes hold commas. @param {string} row */
const cells = (row) => (row.includes('"') ? [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted ?? plain).replace(/""/g, '"')) : row.split(','));

/**
 * Read the CSV of a code.
 * @param {string} csv
 * @param {string} code
 * @param {Map<string, string>} names code to its name
 * @returns {Row[]}
 */
export const parse = (csv, code, names) =>
  csv
    .split('\r\n')
    .slice(1)
    .filter(Boolean)
    .map((row) => {
      const [first, second, indicator, effective, deleted, rationale, held] = cells(row);
      const one = first === code;
      const other = one ? second : first;
      const name = names.get(other) ?? '';
      return { one, other, indicator, effective, deleted, rationale, held: held === 'yes', name, text: `${other} ${name} ${rationale}`.toLowerCase() };
    });

/**
 * Rows that fit: every word stands in one of code, name and reason; a word of digits is the beginning of a code.
 * @param {Row[]} rows
 * @param {Filter} filter
 */
export function fitting(rows, { words, indicator, ended }) {
  const all = words.toLowerCase().split(/\s+/).filter(Boolean);
  const starts = all.filter((word) => /^\d+$/.test(word));
  const parts = all.filter((word) => !starts.includes(word));
  return rows.filter(({ text, other, held, indicator: its }) => (ended || held) && (!indicator || its === indicator) && starts.every((word) => other.startsWith(word)) && parts.every((word) => text.includes(word)));
}

/**
 * Rows by one of their fields, then by code.
 * @param {Row[]} rows
 * @param {'other' | 'indicator' | 'effective' | 'deleted' | 'rationale'} by
 * @param {boolean} backwards
 */
export const ordered = (rows, by, backwards) =>
  [...rows].sort((a, b) => (a[by] === b[by] ? 0 : (a[by] < b[by]) === backwards ? 1 : -1) || (a.other < b.other ? -1 : a.other > b.other ? 1 : a.effective < b.effective ? -1 : 1));
