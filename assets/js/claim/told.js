// @ts-check
/** Says in sentences what was made of a text that was typed or pasted, so that nothing of it changes unseen. No word of the text is in them. */

/** @typedef {import('./read.js').Read} Read */

/** So many numbers are worth listing. */
const LISTED = 8;
const AND = new Intl.ListFormat('en-GB');
const UNITS = 'units are a whole number, 1 to 999';

/** @param {number} number @param {string} word */
const counted = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

/** `Row 3`, `Rows 2 and 3`, `12 rows`. @param {number[]} numbers @param {string} word */
function numbered(numbers, word) {
  const all = [...new Set(numbers)];
  return all.length > LISTED ? counted(all.length, word) : [all[1] ? `${word}s` : word, AND.format(all.map(String))].join(' ');
}

/** @param {string} text */
const begun = (text) => text[0].toUpperCase() + text.slice(1);

/**
 * What to say of a text, sentence by sentence, after how many lines it had.
 * @param {Read} read
 * @param {number} before lines that the claim has already
 * @param {number} room lines that it may still take
 */
export function sentences({ lines, dropped, rows, bare, refused, blank, unitless, odd, days, late, places, either }, before, room) {
  const taken = Math.min(lines.length, room);
  const apart = late.filter((at) => at < taken).map((at) => at + before + 1);
  return [
    ...(bare[0] ? [rows > 1 ? `${begun(numbered(bare, 'row'))} ${bare[1] ? 'have' : 'has'} no code.` : 'No code in it: a code has five characters, such as 99213.'] : []),
    ...(refused[0] ? [rows > 1 ? `${begun(numbered(refused, 'row'))} left out: ${UNITS}.` : `Left out: ${UNITS}.`] : []),
    ...(unitless ? ['No column of units: each line has 1.'] : []),
    ...(blank[0] ? [`No units in ${numbered(blank, 'row')}: 1 each.`] : []),
    ...(odd[0] ? [rows > 1 ? `No such modifier in ${numbered(odd, 'row')}.` : 'No such modifier.'] : []),
    ...(days > 1 ? [`The rows have ${days} dates, and the desk checks one day: leave one.` + (apart[0] ? ` Not of the first: ${numbered(apart, 'line')}.` : '')] : []),
    ...(days === 1 ? ['The date in the rows is not kept: set it below.'] : []),
    ...(either ? ['No head says which number is the place of service: set it below.'] : []),
    ...(places[1] ? [`The rows have ${places.length} places of service, and the desk takes one: set it below.`] : []),
    ...(dropped ? [`${counted(dropped, 'word')} ${dropped === 1 ? 'was' : 'were'} no code, modifier or number, and dropped.`] : []),
    ...(lines.length > taken ? [`${lines.length - taken} left out: a claim here has up to ${before + room} lines.`] : []),
  ];
}
