// @ts-check
/**
 * Whether a day lies outside the days a release is in force. ISO dates compare as text.
 * @param {string} today day of the visitor, `2026-07-30`
 * @param {string} from first day in force
 * @param {string} to last day in force
 * @returns {boolean}
 */
function isOutside(today, from, to) {
  return today < from || today > to;
}

/**
 * The day on the visitor's own calendar, as an ISO date.
 * @param {Date} date
 * @returns {string}
 */
export function localDay(date) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Fills and shows the empty note above the amounts when the release is not in force today.
 * A page that carries the build's own note has no empty one, so nothing is said twice.
 * @param {ParentNode} root
 * @param {string} today
 * @returns {boolean} whether the note was shown
 */
export function showStale(root, today) {
  const release = /** @type {HTMLElement | null} */ (root.querySelector('header[data-from]'));
  const note = /** @type {HTMLElement | null} */ (root.querySelector('p[data-stale][hidden]'));
  const { from, to, stale } = release?.dataset ?? {};
  if (!note || !from || !to || !stale || !isOutside(today, from, to)) return false;
  note.textContent = stale;
  note.hidden = false;
  return true;
}
