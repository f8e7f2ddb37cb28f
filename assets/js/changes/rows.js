// @ts-check
/** Rows of a list of changes: read from CSV, written for people, filtered and ordered. */

/** @typedef {string[]} Row */

/**
 * Read CSV (RFC 4180).
 * @param {string} text
 * @returns {Row[]}
 */
export function parse(text) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {Row} */
  let row = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (!end && !row.length && !bare && quoted === undefined) break;
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
    if (!end) break;
  }
  return rows;
}

/**
 * Write a cell as the page has it: dollars with their sign, a change with its own.
 * @param {string} cell
 * @param {string} kind
 */
export function shown(cell, kind) {
  if (!cell || (kind !== 'money' && kind !== 'change')) return cell;
  const [whole, cents] = cell.replace('-', '').split('.');
  const dollars = `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
  if (kind === 'money' || Number(cell) === 0) return dollars;
  return `${cell.startsWith('-') ? '−' : '+'}${dollars}`;
}

/**
 * Return the rows that hold every word, whatever its case.
 * @param {Row[]} rows
 * @param {string} words
 */
export function fitting(rows, words) {
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  return asked.length ? rows.filter((row) => asked.every((word) => row.some((cell) => cell.toLowerCase().includes(word)))) : rows;
}

/**
 * Return rows in the order of a column; blank cells stand last either way, rows that are alike as they stood.
 * @param {Row[]} rows
 * @param {number} by
 * @param {string} kind
 * @param {boolean} backwards
 */
export function ordered(rows, by, kind, backwards) {
  const numeric = ['number', 'money', 'change'].includes(kind);
  const number = (/** @type {string} */ cell) => Number(cell.replace('−', '-').replace(/[$,+]/g, ''));
  const sign = backwards ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[by], other[by]];
    if (!a || !b) return a ? -1 : b ? 1 : 0;
    return sign * (numeric ? number(a) - number(b) : a < b ? -1 : a > b ? 1 : 0);
  });
}
