// @ts-check
/** Which edits answer for a day: the edition of its quarter, else the nearest that is loaded; and which rows of it hold. */

/** @typedef {{quarter: string, version: string, first: string, last: string}} Edition */
/** @typedef {{release: string, folder: string, ptp: Edition | null, mue: Edition | null, aoc: Edition | null}} Loaded files of one release */
/** @typedef {'newest' | 'in_force' | 'newer_only' | 'older_only'} Relation no day was given; the edition's quarter holds the day, begins after it, or ended before it */
/** @typedef {{folder: string, edition: Edition, relation: Relation, day: string}} Chosen `day` is the one for which its rows are judged */
/** @typedef {[indicator: string, effective: string, deleted: string, rationale: string, codes: string]} Group edits of one column 1 code that are alike */
/** @typedef {{indicator: string, rationale: string, dated: boolean}} Edit */

/**
 * Choose the edition of a table for a day (ISO date; blank for today's, which the newest answers).
 * @param {Loaded[]} sets oldest first
 * @param {'ptp' | 'mue' | 'aoc'} table
 * @param {string} day
 * @returns {Chosen | null} null where none is loaded
 */
export function choose(sets, table, day) {
  const all = sets.flatMap(({ folder, [table]: edition }) => (edition ? [{ folder, edition }] : [])).sort((one, other) => (one.edition.first < other.edition.first ? -1 : 1));
  const newest = all[all.length - 1];
  if (!newest) return null;
  if (!day) return { ...newest, relation: 'newest', day: newest.edition.last };
  const within = all.find(({ edition }) => edition.first <= day && day <= edition.last);
  if (within) return { ...within, relation: 'in_force', day };
  const later = all.find(({ edition }) => edition.first > day);
  // A later set keeps what ended before it, so that its dates may answer; an older one knows nothing of what came after it.
  return later ? { ...later, relation: 'newer_only', day } : { ...newest, relation: 'older_only', day: newest.edition.last };
}

/** Whether a row holds on a day, as far as its dates are known. @param {string} effective @param {string} deleted @param {string} day */
export const holds = (effective, deleted, day) => effective <= day && (!/\d/.test(deleted) || day <= deleted);

/**
 * The edit between two codes on the chosen day; null where none holds.
 *
 * Of several rows the one with the latest first day counts; of rows alike in that, or whose first day is not known, the one that ends
 * first; of rows alike in both, the one that no modifier bypasses.
 * @param {Group[]} groups edits of the column 1 code
 * @param {string} two column 2
 * @param {Chosen} chosen
 * @returns {Edit | null}
 */
export function edit(groups, two, chosen) {
  const rows = groups.filter(([indicator, effective, deleted, , codes]) => indicator !== '9' && holds(effective, deleted, chosen.day) && codes.includes(two));
  const end = (/** @type {string} */ deleted) => (/\d/.test(deleted) ? deleted : '9999');
  rows.sort((one, other) => (one[1] !== other[1] ? (one[1] > other[1] ? -1 : 1) : end(one[2]) !== end(other[2]) ? (end(one[2]) < end(other[2]) ? -1 : 1) : one[0] < other[0] ? -1 : 1));
  const [row] = rows;
  return row ? { indicator: row[0], rationale: row[3], dated: Boolean(row[1]) || chosen.relation !== 'newer_only' } : null;
}
