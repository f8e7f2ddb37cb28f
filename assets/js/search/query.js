// @ts-check
/**
 * Reads what people type or paste into a search box, and finds codes in the code index. No page, no network.
 */

/**
 * One code of the index, ready to show.
 * @typedef {object} Hit
 * @property {string} code
 * @property {string} name
 * @property {string} label amount as text, or a short verdict
 * @property {string} kind `deleted` for a code that is no longer billed
 */

/**
 * The code index, column by column; `codes` is sorted.
 * @typedef {object} CodeIndex
 * @property {string[]} codes
 * @property {string[]} names every name once
 * @property {number[]} nameOf place in `names`, one per code
 * @property {string[]} labels one per code
 * @property {string[]} kinds one per code
 */

/** Longer text is cut: nobody searches with more, and a pasted page should not cost anything. */
const LONGEST = 120;

/** Blanks and control characters, to be one blank. */
const BLANKS = /[\s\p{Cc}]+/gu;
/** Characters that leave no ink: zero-width blanks, direction marks, soft hyphens. */
const INVISIBLE = /\p{Cf}+/gu;
/** Marks that hang on a brand name, taken off before NFKC writes them out as letters. */
const MARKS = /[®™℠©]/gu;
const DASHES = /[‐-―−]/gu;
/** What is pasted around a code: quotes, number signs, commas, brackets. */
const EDGES = /^[\s"'“”„‘’‚«»`´#,;:.!?*()[\]{}<>|/\\-]+|[\s"'“”„‘’‚«»`´#,;:.!?*()[\]{}<>|/\\-]+$/gu;
/** "CPT", "HCPCS code", "CPT/HCPCS:", but only in front of something with a digit. */
const LEAD = /^(?:(?:cpt|hcpcs(?:\s+level\s+ii)?|cdt|codes?)[\s:#./-]*)+(?=[a-z]*\d)/iu;
/** A whole code, then up to four modifiers. */
const WITH_MODIFIERS = /^(\d{5}|\d{4}[a-z]|[a-z]\d{4})(?:[\s,:/-]+[a-z0-9]{2}){1,4}$/iu;
/** Up to five letters and digits with at least one digit: a code or the beginning of one. */
const CODE_LIKE = /^(?=.*\d)[a-z0-9]{1,5}$/iu;
/** CPT (I, II, III, administrative, multianalyte and laboratory codes) and HCPCS Level II. */
const CODE = /^(?:\d{5}|\d{4}[FTUMA]|[A-Z]\d{4})$/u;

/**
 * The text that is meant: without the blanks, quotes and labels people paste, a code in capitals and without its modifiers.
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
  let clean = text;
  for (;;) {
    // Taking one thing off can lay another bare ("#(97761)"), so go on until nothing changes.
    const next = once(clean);
    if (next === clean) return clean;
    clean = next;
  }
}

/** @param {string} text */
function once(text) {
  const plain = text.replace(MARKS, '').normalize('NFKC').replace(INVISIBLE, '').replace(DASHES, '-').replace(BLANKS, ' ');
  const clean = [...plain].slice(0, LONGEST).join('').replace(EDGES, '').replace(LEAD, '');
  const code = WITH_MODIFIERS.exec(clean)?.[1] ?? clean;
  return CODE_LIKE.test(code) ? code.toUpperCase() : code;
}

/**
 * The five-character code that the text is, whether or not it exists; null for anything else.
 * With an index, any five characters that it knows are a code too (`GXXX1`).
 * @param {string} text
 * @param {CodeIndex} [index]
 * @returns {string | null}
 */
export function asCode(text, index) {
  const code = normalise(text).toUpperCase();
  if (CODE.test(code)) return code;
  return index && find(index, code) ? code : null;
}

/**
 * The entry of exactly this code, or null.
 * @param {CodeIndex} index
 * @param {string} code
 * @returns {Hit | null}
 */
export function find(index, code) {
  const at = lowerBound(index.codes, code);
  return index.codes[at] === code ? hit(index, at) : null;
}

/**
 * Codes that begin with the text, in order; then codes whose name has a word beginning with each word of the text,
 * names that begin with it first. Names are asked only when the text has letters and is no code.
 * @param {CodeIndex} index
 * @param {string} text
 * @param {number} [limit]
 * @returns {Hit[]}
 */
export function matches(index, text, limit = 8) {
  const wanted = normalise(text);
  if (wanted === '') return [];
  const places = withPrefix(index, wanted.toUpperCase(), limit);
  if (places.length < limit && /\p{L}/u.test(wanted) && asCode(wanted, index) === null) {
    const seen = new Set(places);
    for (const at of withWords(index, words(wanted), limit + seen.size)) {
      if (places.length >= limit) break;
      if (!seen.has(at)) places.push(at);
    }
  }
  return places.map((at) => hit(index, at));
}

/**
 * Where pressing Enter leads: to the page of a code, else to the search page.
 * A deleted code has a page too, which says what replaced it.
 * @param {CodeIndex | null} index
 * @param {string} text
 * @returns {string} root-relative URL
 */
export function destination(index, text) {
  const code = index && asCode(text, index);
  const known = index && code ? find(index, code) : null;
  return known ? codeUrl(known.code) : searchUrl(text);
}

/** @param {string} code */
export function codeUrl(code) {
  return `/codes/${encodeURIComponent(code)}/`;
}

/** @param {string} text */
export function searchUrl(text) {
  // URLSearchParams, not encodeURIComponent: half an emoji must not throw.
  return `/search/?${new URLSearchParams({ q: text })}`;
}

/**
 * @param {CodeIndex} index
 * @param {number} at
 * @returns {Hit}
 */
function hit(index, at) {
  return { code: index.codes[at], name: index.names[index.nameOf[at]], label: index.labels[at], kind: index.kinds[at] };
}

/**
 * The first place whose code is not before `wanted`.
 * @param {string[]} codes
 * @param {string} wanted
 */
function lowerBound(codes, wanted) {
  let low = 0;
  let high = codes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (codes[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {CodeIndex} index
 * @param {string} prefix
 * @param {number} limit
 * @returns {number[]}
 */
function withPrefix(index, prefix, limit) {
  const places = [];
  for (let at = lowerBound(index.codes, prefix); places.length < limit && index.codes[at]?.startsWith(prefix); at++) places.push(at);
  return places;
}

/**
 * @param {CodeIndex} index
 * @param {string[]} wanted
 * @param {number} limit
 * @returns {number[]}
 */
function withWords(index, wanted, limit) {
  if (wanted.length === 0) return [];
  // Names repeat: asking each distinct name once is what makes this fast enough for every key.
  const rank = nameWords(index).map((name) => {
    if (!wanted.every((word) => name.some((part) => part.startsWith(word)))) return 0;
    return wanted.every((word, place) => name[place]?.startsWith(word)) ? 2 : 1;
  });
  /** @type {number[]} */
  const first = [];
  /** @type {number[]} */
  const others = [];
  for (let at = 0; at < index.codes.length && first.length < limit; at++) {
    const place = rank[index.nameOf[at]];
    if (place === 2) first.push(at);
    else if (place === 1 && others.length < limit) others.push(at);
  }
  return [...first, ...others].slice(0, limit);
}

/** @type {WeakMap<CodeIndex, string[][]>} */
const split = new WeakMap();

/** @param {CodeIndex} index */
function nameWords(index) {
  const known = split.get(index) ?? index.names.map(words);
  split.set(index, known);
  return known;
}

/**
 * Words in lower case, without accents.
 * @param {string} text
 * @returns {string[]}
 */
function words(text) {
  const plain = text.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}
