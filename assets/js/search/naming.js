// @ts-check
/**
 * Finds codes by words: by their names, and by what people type for them. No page, no network.
 *
 * Each distinct name is a line: the name and, behind a bar each, what people type for its codes. All lines are one text, which is
 * looked through once for most keys: fast enough for all of them.
 */

/** @typedef {import('./query.js').CodeIndex} CodeIndex */

/**
 * What people type for codes, and what else they ask for.
 * @typedef {object} Phrases
 * @property {string[]} codes those of which something is known
 * @property {string[]} words their phrases in plain lower letters, ` | ` between them, one text per code
 * @property {Set<string>} common codes that come before others with the same words
 * @property {Set<string>} modifiers those that have a page
 */

/** @typedef {{ text: string, ends: number[], common: Uint8Array }} Lines the lines as one text, a blank before each word; where each ends; by code 1 for a common one */

/** What a line is worth that has every word, by how they stand in it. */
const [EXACT, BEGINS, TOGETHER, SPREAD] = [4, 3, 2, 1];
/** Words that a question has and no name needs. */
const FILLERS = new Set(
  'a am an and are as at be bill billed billing by can code codes coding cost cpt do does fee fees for from guidelines hcpcs how i in is it medicare much my of on or paid pay payment price rate reimbursement schedule the to what which with'.split(' '),
);
/** Spine levels, sides and which of several: a name seldom has them, and the code is the same. */
const WHICH = /^(?:[clst]\d{1,2}|\d+(?:st|nd|rd|th)|left|right|lt|rt|bilateral)$/u;
/** Codes of anesthesia, and the beginning of their word. */
const [OF_ANESTHESIA, ANESTHESIA] = [/^0\d{4}$/u, /^an(?:a)?es/u];
/** What needs no rules of Unicode. */
const ASCII = /^[ -~]*$/;
/** What a line without all words must have of them, as a share of their weight. */
const ENOUGH = 0.5;
/** Shorter words are not taken for misspelt. */
const LONG = 5;

/** @type {WeakMap<CodeIndex, Lines>} */
const made = new WeakMap();

/**
 * The lines of an index made ready; what costs too much for a key may be asked for before.
 * @param {CodeIndex} index
 * @returns {Lines}
 */
export function prepared(index) {
  const known = made.get(index);
  if (known) return known;
  const { phrases } = index;
  /** @type {Map<number, string>} */
  const more = new Map();
  const common = new Uint8Array(index.codes.length);
  let at = 0;
  phrases?.codes.forEach((code, place) => {
    while (index.codes[at] < code) at++;
    if (index.codes[at] !== code) return;
    more.set(index.nameOf[at], `${more.get(index.nameOf[at]) ?? ''} | ${phrases.words[place]}`);
    if (phrases.common.has(code)) common[at] = 1;
  });
  // A bar is a word of its own: nothing is read across it.
  const lines = index.names.map((name, place) => ` ${inLetters(name).replace('|', ' ')}${more.get(place) ?? ''}`).join('\n');
  const texts = inOneWay(lines.toLowerCase()).replace(/ ?[^a-z\d |\n\u0080-\uffff]+ ?/gu, ' ').split('\n');
  let end = 0;
  const ready = { text: texts.join(''), ends: texts.map((line) => (end += line.length)), common };
  made.set(index, ready);
  return ready;
}

/**
 * Places of the codes whose line has a word beginning with each word of the text: first where the text is a name or what
 * people type, then where one of these begins with it, then where one has all its words, then the others; common codes first
 * among their like, then those with an amount. Where no line has all words, and some will do, the codes whose lines have most of
 * them, a rare word counting more.
 * @param {CodeIndex} index
 * @param {string} text
 * @param {number} limit
 * @param {boolean} [some]
 * @returns {number[]}
 */
export function withWords(index, text, limit, some = true) {
  const all = words(inOneWay(text));
  if (all.length === 0) return [];
  const lines = prepared(index);
  const asked = meant(all);
  const worth = worthOfAll(lines, all.map(beginning));
  // Without its fillers a question is worth a little less, so that "with contrast" stands before what has contrast alone.
  if (asked.length < all.length) worthOfAll(lines, asked).forEach((one, line) => (worth[line] = Math.max(worth[line], one - 0.5)));
  const found = !some || worth.some((one) => one > 0) ? worth : nearest(lines, asked);
  const anesthesia = all.some((word) => ANESTHESIA.test(word));
  // Whoever looks for an operation means the surgeon's code, unless anesthesia is named.
  const last = (/** @type {number} */ at) => Number(!anesthesia && OF_ANESTHESIA.test(index.codes[at]));
  /** @type {number[]} */
  const places = [];
  index.nameOf.forEach((line, at) => found[line] > 0 && places.push(at));
  // Several keys in one: what the words are worth, and among the same whether the code is common, has an amount, or is of an emerging technology.
  const rank = (/** @type {number} */ at) => 4 * found[index.nameOf[at]] + (lines.common[at] ? 1 : 0) + (index.labels[at][0] === '$' ? 0.5 : 0) - (index.codes[at][4] === 'T' ? 0.25 : 0);
  return places.sort((one, other) => last(one) - last(other) || rank(other) - rank(one) || one - other).slice(0, limit);
}

/**
 * The words of a text, in lower case and without accents.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/**
 * The beginnings of words that are looked for: without fillers, unless there is nothing else.
 * @param {string[]} all
 * @returns {string[]}
 */
export function meant(all) {
  const rest = all.filter((word) => !FILLERS.has(word));
  return (rest.length > 0 ? rest : all).map(beginning);
}

/**
 * A word without the ending of a plural; with a blank where it is short or a number and others follow: then it is no beginning of a longer one.
 * @param {string} word
 * @param {number} at
 * @param {string[]} all
 */
function beginning(word, at, all) {
  if ((word.length < 3 || /^\d+$/u.test(word)) && at < all.length - 1) return `${word} `;
  return word.length > 3 ? word.replace(/ies$|([^s])s$/u, '$1') : word;
}

/** What is written in several ways, and the one it is read in: `x-ray`, `i&d` or `i and d`, `w/o` and `wo`, `w/` and `w`. @type {[RegExp, string][]} */
const WAYS = [
  [/\bx[- ]rays?\b/gi, 'xray'],
  [/\b([a-z]) ?(?:&|\band\b) ?([a-z])\b/gi, '$1$2'],
  [/\bw\/?o\b/gi, 'without'],
  [/\bw(?:\/ ?| )(?=[a-z])/gi, 'with '],
];

/** @param {string} text */
function inOneWay(text) {
  return WAYS.reduce((one, [way, read]) => one.replace(way, read), text);
}

/**
 * What each line is worth that has a word beginning with each of these; 0 for the others.
 * @param {Lines} lines
 * @param {string[]} wanted
 */
function worthOfAll(lines, wanted) {
  const worth = new Float32Array(lines.ends.length);
  // The word that is in the fewest lines, as a guess the longest, is looked for in the whole text.
  const rarest = wanted.reduce((one, other) => (other.length > one.length ? other : one));
  const standing = standingOf(wanted);
  eachWith(lines, rarest, (line, own) => {
    if (wanted.every((word) => own.includes(` ${word}`))) worth[line] = standing(own);
  });
  return worth;
}

/**
 * Says how all words stand in a line that has them: whole, at the beginning, or anyhow in its name or in a phrase, else spread over these.
 * @param {string[]} wanted
 * @returns {(line: string) => number}
 */
function standingOf(wanted) {
  // One look for each answer, since a first letter stands in thousands of lines. A word is letters and digits alone.
  const words = wanted.map((word) => word.trimEnd());
  const ends = words.map((word) => word + '[sy]?').join(' ');
  const starts = wanted.map((word, at) => (word === words[at] ? word + '[^ ]*' : words[at])).join(' ');
  const [whole, begun] = [new RegExp('(?:^|\\|) ' + ends + ' (?:\\||$)', 'u'), new RegExp('(?:^|\\|) ' + starts, 'u')];
  return (line) => {
    if (begun.test(line)) return whole.test(line) ? EXACT : BEGINS;
    return wanted.length === 1 || line.split('|').some((part) => wanted.every((word) => part.includes(` ${word}`))) ? TOGETHER : SPREAD;
  };
}

/**
 * What each line is worth where none has all words: without what says which side or level; else by most of the words.
 * @param {Lines} lines
 * @param {string[]} asked
 */
function nearest(lines, asked) {
  const rest = asked.filter((word) => !WHICH.test(word.trimEnd()));
  if (rest.length === 0 || rest.length === asked.length) return worthOfMost(lines, asked);
  const worth = worthOfAll(lines, rest);
  return worth.some((one) => one > 0) ? worth : worthOfMost(lines, rest);
}

/**
 * What each line is worth that has most of these words; words that no line has count as the one they are a slip of, or not at all.
 * @param {Lines} lines
 * @param {string[]} wanted
 */
function worthOfMost(lines, wanted) {
  const worth = new Float32Array(lines.ends.length);
  const words = new Uint8Array(lines.ends.length);
  let whole = 0;
  for (const word of wanted) {
    const found = linesWith(lines, word);
    const those = found.length > 0 || word.length < LONG ? found : [...new Set(slips(lines, word).flatMap((one) => linesWith(lines, one)))];
    if (those.length === 0) continue;
    const weight = Math.log(1 + worth.length / those.length);
    whole += weight;
    for (const line of those) {
      worth[line] += weight;
      words[line] += 1;
    }
  }
  const most = worth.reduce((one, other) => Math.max(one, other));
  // One strange word outweighs the rest: then two of the others will do.
  return worth.map((one, line) => (one >= ENOUGH * whole || (one === most && words[line] > 1) ? one : 0));
}

/**
 * @param {Lines} lines
 * @param {string} word
 * @returns {number[]}
 */
function linesWith(lines, word) {
  /** @type {number[]} */
  const found = [];
  eachWith(lines, word, (line) => found.push(line));
  return found;
}

/**
 * Go through the lines that have a word beginning so.
 * @param {Lines} lines
 * @param {string} word
 * @param {(line: number, own: string) => void} take
 */
function eachWith({ text, ends }, word, take) {
  let line = 0;
  for (let found = text.indexOf(` ${word}`); found >= 0; found = text.indexOf(` ${word}`, ends[line])) {
    while (ends[line] <= found) line++;
    take(line, `${text.slice(line > 0 ? ends[line - 1] : 0, ends[line])} `);
  }
}

/**
 * Words of the lines with the same first letter from which a word differs by one letter: missing, too many, wrong, or two exchanged.
 * @param {Lines} lines
 * @param {string} word
 * @returns {string[]}
 */
function slips({ text }, word) {
  const likely = text.match(new RegExp(` ${word[0]}\\p{L}{${word.length - 2},${word.length}}(?= )`, 'gu')) ?? [];
  return [...new Set(likely)].map((one) => one.slice(1)).filter((one) => oneOff(one, word));
}

/**
 * @param {string} one
 * @param {string} other
 */
function oneOff(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const [rest, others] = [one.slice(at), other.slice(at)];
  return rest.slice(1) === others || rest === others.slice(1) || rest.slice(1) === others.slice(1) || (rest.slice(2) === others.slice(2) && rest[0] === others[1] && rest[1] === others[0]);
}

/** With other letters than those of ASCII alone, and without accents: a few names have some. @param {string} name */
function inLetters(name) {
  return ASCII.test(name) ? name : plain(name).replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/**
 * In lower case, without accents.
 * @param {string} text
 */
function plain(text) {
  return text.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase();
}
