// @ts-check
/**
 * Fetches and unpacks the code index: codes, names and amounts of every page, in one small file; and what people type for codes,
 * in another. `medpayiq/search.py` writes both and describes the columns.
 */

/** @typedef {import('./query.js').CodeIndex} CodeIndex */
/** @typedef {import('./naming.js').Phrases} Phrases */

/** What to tell the visitor when the index cannot be had. */
export const PROBLEM = 'Search could not load. Press Enter to search on the search page.';

const FORMAT = 1;

/**
 * A function that loads something once, however often it is called; after a failure the next call tries again.
 * @template T
 * @param {() => string | undefined} address where it is
 * @param {(packed: any) => T} read
 * @param {(url: string) => Promise<Response>} [get]
 * @returns {() => Promise<T>}
 */
export function loader(address, read, get = (url) => fetch(url)) {
  /** @type {Promise<T> | null} */
  let pending = null;
  const attempt = async () => {
    const url = address();
    if (!url) throw new Error('This page does not say where the code index is (data-codes).');
    const response = await get(url);
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    return read(await response.json());
  };
  return () => {
    if (!pending) {
      pending = attempt();
      pending.catch(() => {
        pending = null;
      });
    }
    return pending;
  };
}

/** The index of this page's build: `<html data-codes="/assets/codes.….json">`. */
export const load = loader(() => document.documentElement.dataset.codes, decode);

/** What people type for the codes of this index: the same digest is in both names. */
const phrases = loader(() => document.documentElement.dataset.codes?.replace('/codes.', '/words.'), decodePhrases);

/** @type {CodeIndex | null} */
let whole = null;

/** The index with what people type for its codes; as it is where that does not come, so that names at least are found. */
export async function loadWhole() {
  if (whole) return whole;
  const [index, known] = await Promise.all([load(), phrases().catch(() => null)]);
  if (!known) return index;
  whole ??= { ...index, phrases: known };
  return whole;
}

/**
 * Unpack the columns; throws on anything that is not an index of this format.
 * @param {any} packed
 * @returns {CodeIndex}
 */
export function decode(packed) {
  if (packed?.v !== FORMAT) throw new Error(`The code index has format ${packed?.v}, not ${FORMAT}.`);
  // Without codes the other columns are empty text, which would read as one run.
  if (packed.codes === '') return { codes: [], names: [], nameOf: [], labels: [], kinds: [] };
  const codes = unshare(packed.codes);
  const nameOf = places(packed.name);
  const labels = runs(packed.label).map((token) => (token[0] === '-' ? packed.labels[-1 - Number(token)] : dollars(token)));
  const kinds = places(packed.kind).map((place) => packed.kinds[place]);
  for (const column of [nameOf, labels, kinds]) {
    if (column.length !== codes.length) throw new Error('The columns of the code index differ in length.');
  }
  return { codes, names: packed.names, nameOf, labels, kinds };
}

/**
 * Unpack what people type; throws on anything that is not of this format.
 * @param {any} packed
 * @returns {Phrases}
 */
export function decodePhrases(packed) {
  if (packed?.v !== FORMAT) throw new Error(`What people type has format ${packed?.v}, not ${FORMAT}.`);
  const codes = unshare(packed.codes);
  if (codes.length !== packed.words.length) throw new Error('What people type differs in length from its codes.');
  return { codes, words: packed.words.map((/** @type {string[]} */ one) => one.join(' | ')), common: new Set(unshare(packed.common)), modifiers: new Set(packed.modifiers) };
}

/**
 * Codes from their front coding: one digit for the shared characters, then the rest up to five.
 * @param {string} text
 */
function unshare(text) {
  const codes = [];
  let before = '';
  for (let at = 0; at < text.length; ) {
    const shared = Number(text[at]);
    const rest = text.slice(at + 1, at + 6 - shared);
    before = before.slice(0, shared) + rest;
    codes.push(before);
    at += 1 + rest.length;
  }
  return codes;
}

/**
 * `a*2,b` as a, a, b.
 * @param {string} text
 * @returns {string[]}
 */
function runs(text) {
  return unrolled(text, (value) => value);
}

/**
 * Runs of places in a table, where a run without a place means the next unused one.
 * @param {string} text
 * @returns {number[]}
 */
function places(text) {
  let next = 0;
  return unrolled(text, (value) => (value === '' ? next++ : Number(value)));
}

/**
 * The values of a column, one for each code. A loop, since a column is unpacked while somebody types.
 * @template T
 * @param {string} text
 * @param {(value: string) => T} read
 */
function unrolled(text, read) {
  /** @type {T[]} */
  const all = [];
  for (const run of text.split(',')) {
    const star = run.indexOf('*');
    const value = read(star < 0 ? run : run.slice(0, star));
    for (let left = star < 0 ? 1 : Number(run.slice(star + 1)); left > 0; left--) all.push(value);
  }
  return all;
}

/**
 * Cents as an amount, by moving characters: money never becomes a float.
 * @param {string} cents
 */
function dollars(cents) {
  const digits = cents.padStart(3, '0');
  return `$${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`;
}
