// @ts-check
/**
 * Reads what people type or paste into a search box, and finds codes in the code index. No page, no network.
 */

import { withWords } from './naming.js';

/**
 * One code of the index, ready to show.
 * @typedef {object} Hit
 * @property {string} code
 * @property {string} name
 * @property {string} label amount as text, or a short verdict
 * @property {string} kind `deleted` for a code that is no longer billed, `page` for a page of this site that answers the text
 * @property {string} [url] where it leads, if not to the page of its code
 */

/**
 * The code index, column by column; `codes` is sorted.
 * @typedef {object} CodeIndex
 * @property {string[]} codes
 * @property {string[]} names every name once
 * @property {number[]} nameOf place in `names`, one per code
 * @property {string[]} labels one per code
 * @property {string[]} kinds one per code
 * @property {import('./naming.js').Phrases} [phrases] what people type for codes, once that is loaded
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
// No pattern looks back at what stands before it: Safari before 16.4 cannot read such a pattern, and would run nothing of this file.
/** A denial reason as a remittance prints it, behind its letters: `CO-97`, `co97`, `PR B7`. CARC is what the list of them is called. */
const LETTERED = /(?:^|[^a-z\d])(?:co|pr|oa|pi|cr)[ -]?([a-z]?\d{1,3})(?![a-z\d])/iu;
/** Such a reason and nothing else: whoever presses Enter on it wants no list. */
const REASON = /^(?:co|pr|oa|pi|cr)[ -]?([a-z]?\d{1,3})$/iu;
/** A number behind a word that makes it a reason: "denial 97", "denied with code 97", "reason #97". */
const SAID = /(?:^|[^a-z\d])(?:denials?|denied|reasons?|carc)(?:[ :#.-]+(?:reasons?|codes?|carc|for|with|as|number|no))*[ :#.-]*([a-z]?\d{1,3})(?![a-z\d])/iu;
/** A remark code of a remittance, alone or behind such a word: `N20`, `MA-130`, "remark M51". */
const REMARK = /(?:^|(?:^|[^a-z\d])(?:rarc|remarks?|denials?|denied)(?: code)?[ :#-]*)((?:ma|[mn])[ -]?\d{1,3})$/iu;
/** Words that ask for the page on denials. */
const OF_DENIALS = /(?:^|[^a-z\d])(?:denials?|denied|(?:un)?bundl(?:ed|ing)|remittances?|[cr]arc)(?![a-z\d])/iu;
const DENIALS = '/denials/';
/** What stands beside the word modifier, before and behind it: "modifier 59 or XU", "modifiers 25, 57", "26 modifier". */
const OF_MODIFIERS = /(?:^|[^a-z\d])(?:([a-z\d]{2})[ -])?mod(?:ifier)?s?(?:[ :#-]+([a-z\d ,/&+-]*))?$/iu;
/** Modifiers that are words as well: they are meant only right beside the word modifier. */
const ALSO_WORDS = new Set(['AI', 'AM', 'AS', 'AT', 'CO', 'ET', 'GO', 'PA', 'PM', 'US']);
/** What is explained at one place of this site: words for it, and where. */
const EXPLAINED = [
  { words: /conversion factors?/iu, code: 'Conversion factor', name: 'which amount is paid by which', url: '/methodology/#conversion-factors' },
  { words: /(?:^|\s)mues?(?:\s|$)|unit limits?|medically unlikely/iu, code: 'MUE', name: 'unit limits, and what counts against them', url: '/edits/#limits' },
  { words: /add-? ?on codes?/iu, code: 'Add-on codes', name: 'their types and primaries', url: '/edits/#add-ons' },
  { words: /ncci|ptp|(?:^|\s)cci(?:\s|$)|code pairs?|column [12]/iu, code: 'NCCI edits', name: 'what they are, and what to do when one fires', url: '/edits/' },
  { words: /(?:^|\s)gpcis?(?:\s|$)|(?:payment|pricing|medicare|mac) localit(?:y|ies)|^localit(?:y|ies)$/iu, code: 'Localities', name: 'their indices (GPCI) and counties', url: '/localities/' },
  { words: /(?:^|\s)pos(?: codes?)?(?: \d\d)?$|^pos \d\d(?:\s|$)|plac(?:e|es) of service|(?:non-?)?facility (?:or|vs\.?|versus|and) /iu, code: 'Places of service', name: 'each with its rate: facility or office', url: '/places/' },
  { words: /^(?:nps?|pas?|crnas?|cnms?|cns|l?csws?|l?mfts?|mhcs?|nurse practitioners?|physician assistants?|(?:licensed )?(?:clinical )?social workers?|nurse[ -]midwi(?:fe|ves)|nurse anesthetists?|(?:clinical )?psychologists?|dietitians?|audiologists?|marriage (?:and family )?therapists?|mental health counselors?)(?: (?:medicare|rates?|reimbursement|payment|pay|percent(?:age)?|billing|share|credentials))*$/iu, code: 'Who bills', name: 'which share of the amount each practitioner is paid', url: '/practitioners/' },
  { words: /(?:^|\s)rvus?(?:\s|$)|how .*(?:calculated|worked out)/iu, code: 'Amounts', name: 'how they are worked out', url: '/methodology/' },
  { words: /(?:local|localit(?:y|ies)|zip|county|my) .*fee schedules?|fee schedules? (?:by|for|of|in) .*(?:localit(?:y|ies)|zip|county|area|state)/iu, code: 'Fee schedule', name: 'of your locality, as CSV', url: '/localities/#fees' },
  { words: /fee schedule.*(?:csv|excel|download|file)|download.*fee schedule/iu, code: 'Data', name: 'the release as CSV and JSON', url: '/data/' },
  { words: /(?:^|\s)(?:new|deleted|changed) (?:(?:cpt|hcpcs|20\d\d) )*codes(?:\s|$)|what(?:.?s)? (?:new|changed)(?:\s|$)/iu, code: 'What changed', name: 'from one release to the next', url: '/changes/' },
  { words: /^(?:tele-?(?:health|medicine)|video)(?: (?:visits?|modifiers?|codes?|billing))*$/iu, code: '95', name: 'modifier for telehealth by video; 93 for the telephone', url: '/modifiers/95/' },
  { words: /^assist(?:ants?|ing)? (?:at )?surge(?:ons?|ry)$/iu, code: '80', name: 'modifier for a physician who assists; AS for a PA, NP or CNS', url: '/modifiers/80/' },
  { words: /under-?paid|underpayments?|compare .*(?:rates|fees|contract)/iu, code: 'Underpaid?', name: 'your payments against Medicare, row by row', url: '/compare/' },
];

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
 * Pages that answer the text, to be offered before any code: the reason that a remittance gives, and known codes of it together on one claim.
 * @param {CodeIndex | null} index
 * @param {string} text
 * @returns {Hit[]}
 */
export function offers(index, text) {
  const wanted = normalise(text);
  const codes = index ? codesIn(index, wanted).map((at) => index.codes[at]) : [];
  const made = [];
  if (codes.length > 1) made.push(offer('Check', `${codes[0]} with ${codes.slice(1).join(' and ')} on one claim`, `/claim/#add=${codes.join(',')}`));
  const denials = OF_DENIALS.test(wanted);
  // Among several codes CO and a number are modifiers, unless a word says otherwise.
  const lettered = codes.length < 2 || denials ? LETTERED.exec(wanted) : null;
  const number = (lettered ?? SAID.exec(wanted))?.[1].toUpperCase().replace(/^0+(?=\d)/u, '');
  const remark = REMARK.exec(wanted)?.[1].toUpperCase().replace(/[ -]/u, '');
  // "denial M51" has the form of both.
  if (remark) made.push(offer(remark, 'on a remittance: what to do', DENIALS));
  else if (number) made.push(offer(number, 'denial reason: what to do', `${DENIALS}#${number}`));
  else if (denials) made.push(offer('Denials', 'by the number on a remittance: what to do', DENIALS));
  for (const name of modifiersIn(index, wanted)) made.push(offer(name, 'modifier: what it does, and on which codes it stands', `/modifiers/${name}/`));
  for (const { words, code, name, url } of EXPLAINED) if (words.test(wanted)) made.push(offer(code, name, url));
  return made;
}

/**
 * Known modifiers that a text asks for, each once.
 * @param {CodeIndex | null} index
 * @param {string} wanted
 */
function modifiersIn(index, wanted) {
  const [, before, behind = ''] = OF_MODIFIERS.exec(wanted) ?? [];
  const [first = '', ...others] = behind.toUpperCase().split(/[^A-Z\d]+/u);
  const named = [before?.toUpperCase() ?? '', first, ...others.filter((one) => !ALSO_WORDS.has(one))];
  return [...new Set(named)].filter((one) => index?.phrases?.modifiers.has(one)).slice(0, 4);
}

/**
 * @param {string} code
 * @param {string} name
 * @param {string} url
 * @returns {Hit}
 */
function offer(code, name, url) {
  return { code, name, label: '', kind: 'page', url };
}

/**
 * Places of the known codes that stand among the words, each once, in the order of the text.
 * @param {CodeIndex} index
 * @param {string} wanted
 */
function codesIn(index, wanted) {
  const words = wanted.toUpperCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const found = words.filter((word) => /^(?=[A-Z]*\d)[A-Z\d]{5}$/u.test(word));
  const known = found.map((code) => ({ code, at: lowerBound(index.codes, code) })).filter(({ code, at }) => index.codes[at] === code);
  return [...new Set(known.map(({ at }) => at))];
}

/**
 * Known codes among the words of the text; codes that begin with the text, in order; then codes that its words find. These are
 * asked only when the text has letters, and neither is a code nor names one.
 * @param {CodeIndex} index
 * @param {string} text
 * @param {number} [limit]
 * @returns {Hit[]}
 */
export function matches(index, text, limit = 8) {
  const wanted = normalise(text);
  if (wanted === '') return [];
  const named = codesIn(index, wanted);
  const places = new Set([...named, ...withPrefix(index, wanted.toUpperCase(), limit)]);
  if (/\p{L}/u.test(wanted) && named.length === 0 && asCode(wanted, index) === null) {
    // What a page of this site answers is not asked of codes with half of its words.
    for (const at of withWords(index, wanted, limit, offers(index, text).length === 0)) places.add(at);
  }
  return [...places].slice(0, limit).map((at) => hit(index, at));
}

/**
 * Whether a text has words that may be looked for, so that what people type for codes is of use.
 * @param {string} text
 */
export function byWords(text) {
  return /\p{L}{2}/u.test(normalise(text));
}

/**
 * Where pressing Enter leads: to the page of a code, to what is said of a denial reason, else to the search page.
 * A deleted code has a page too, which says what replaced it.
 * @param {CodeIndex | null} index
 * @param {string} text
 * @returns {string} root-relative URL
 */
export function destination(index, text) {
  const code = index && asCode(text, index);
  const known = index && code ? find(index, code) : null;
  if (known) return codeUrl(known.code);
  return REASON.test(normalise(text)) ? offers(null, text)[0].url ?? DENIALS : searchUrl(text);
}

/**
 * Where a row leads.
 * @param {Hit} hit
 */
export function hitUrl(hit) {
  return hit.url ?? codeUrl(hit.code);
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
