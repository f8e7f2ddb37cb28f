// @ts-check
/** The list of codes: read from text, from the address and from this browser's storage; no page, no network. */

/** A CPT or HCPCS code: five digits, four and a capital, or a capital up to V and four. */
const CODE = /^(?:\d{4}[\dA-Z]|[A-V]\d{4})$/;
/** A modifier, a number of units, an ordinal: beside codes they are expected, and not counted as lost. */
const BESIDE = /^(?:[A-Z\d]{1,2}|X\d{1,3}|CPT|HCPCS|CODES?|MODS?|UNITS?)$/;
const KEY = 'my-codes';
const NAME = 'codes';

/**
 * Read text into codes, each once, in their order.
 * @param {string} text
 * @returns {{codes: string[], words: number}} and how many words are no codes
 */
export function read(text) {
  const all = text.normalize('NFKC').toUpperCase().match(/[\p{L}\d]+/gu) ?? [];
  const codes = all.filter((word) => CODE.test(word));
  return { codes: [...new Set(codes)], words: all.filter((word) => !CODE.test(word) && !BESIDE.test(word)).length };
}

/**
 * Add codes to a list as far as there is room.
 * @param {string[]} list
 * @param {string[]} codes
 * @param {number} most
 * @returns {{list: string[], added: string[], already: string[], left: string[]}} `left`: those for which there is no room
 */
export function join(list, codes, most) {
  const already = codes.filter((code) => list.includes(code));
  const fresh = codes.filter((code) => !list.includes(code));
  const added = fresh.slice(0, Math.max(0, most - list.length));
  return { list: [...list, ...added], added, already, left: fresh.slice(added.length) };
}

/** The codes of an address; null where it names none. @param {string} search */
export function named(search) {
  const text = new URLSearchParams(search).get(NAME);
  return text === null ? null : read(text);
}

/** The codes that another page asks to add: `#add=97110`. @param {string} hash */
export const asked = (hash) => read(new URLSearchParams(hash.slice(1)).get('add') ?? '').codes;

/** An address with the list. @param {string[]} list */
export const address = (list) => (list[0] ? `?${NAME}=${list.join(',')}` : '');

/** The list that this browser keeps, as far as there is room. @param {number} most @returns {string[]} */
export function kept(most) {
  try {
    return read(localStorage.getItem(KEY) ?? '').codes.slice(0, most);
  } catch {
    return []; // A browser may forbid storage.
  }
}

/** Keep a list, or nothing. @param {string[]} list @returns {boolean} whether the browser took it */
export function keep(list) {
  try {
    if (list[0]) localStorage.setItem(KEY, list.join(','));
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false; // The address has it.
  }
}
