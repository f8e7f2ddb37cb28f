// @ts-check
/**
 * Tells whether a text looks like something of a person: a name, a date, a record number, a Social Security number, a telephone
 * number, an address for e-mail. Every list of a report is closed, so that such a text could not be stored anyway; it gets a
 * sentence of its own, since whoever sent it must know that nothing was kept.
 */

/** @type {readonly (readonly [string, RegExp])[]} */
const LOOKS = [
  ['an e-mail address', /[^\s@]@[^\s@]|%40/u],
  ['a Social Security number', /(?<![0-9])[0-9]{3}[- .][0-9]{2}[- .][0-9]{4}(?![0-9])/u],
  ['a date', /(?<![0-9])(?:[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{2}|[0-9]{4})|(?:19|20)[0-9]{2}[/.-]?(?:0[1-9]|1[0-2])[/.-]?(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])/u],
  ['a date', /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -]+[0-9]{1,4}\b|\b[0-9]{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/iu],
  ['a telephone number', /(?<![0-9])(?:\+?1[-. ]?)?(?:\([0-9]{3}\)|[0-9]{3})[-. ]?[0-9]{3}[-. ][0-9]{4}(?![0-9])/u],
  ['a record or policy number', /[0-9]{6,}|\b(?:mrn|ssn|dob|mbi|member|policy|claim|chart|acct|account|record)\b/iu],
  ['a name', /\p{Lu}\p{L}*['’.-]?\p{L}*,? +\p{Lu}\p{L}+|\p{L}{2,}, *\p{L}{2,}|^\p{Lu}\p{Ll}{2,}$|^\p{Lu}{5,}$|\b(?:patient|firstname|lastname|surname|birth|phone|email|address)|\bname\b/u],
];

/**
 * Return what a text looks like, or an empty text.
 *
 * @param {string} text
 */
export function looksLike(text) {
  return LOOKS.find(([, look]) => look.test(text))?.[0] ?? '';
}
