// @ts-check
/** Turns the bytes of a file, or a pasted text, into rows of cells; what is no table of text is refused with a sentence. */

/** @typedef {{line: number, cells: string[], fault?: boolean}} Sheet a row; `line` is where it begins in the file, from 1; with `fault` its quotes do not close */

/** Signs that separate cells, the surest first: a comma also stands inside amounts. */
const BETWEEN = ['\t', ';', '|', ','];
/** Line breaks that one quoted cell may hold; a quote that somebody forgot would else swallow rows. */
const MOST_BREAKS = 20;

/**
 * Decode a file: UTF-8, UTF-16 with its mark, else Windows-1252.
 * @param {Uint8Array} bytes
 * @returns {{text: string} | {refused: string}}
 */
export function decoded(bytes) {
  const [one, two, three] = bytes;
  if (one === 0x50 && two === 0x4b && three < 9) return { refused: 'This is a workbook or an archive. Save the sheet as CSV, and choose that file.' };
  if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) return { text: new TextDecoder(one === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes) };
  if (bytes.subarray(0, 4096).includes(0)) return { refused: 'This is no text file. Save the sheet as CSV, and choose that file.' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes) };
  }
}

/** A text without a byte order mark, its lines ended alike. @param {string} text */
export const evened = (text) => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');

/**
 * The rows of a text, one at a time. A row whose quotes do not close is a fault of its own line; the next line is read anew.
 * @param {string} text as `evened` gives it
 * @param {string} between
 * @returns {Generator<Sheet, void>}
 */
export function* sheet(text, between) {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const whole = text.slice(at, end);
    const quoted = whole.includes('"') ? inQuotes(text, at, between) : { cells: whole.split(between), next: end + 1, lines: 1 };
    yield quoted ? { line, cells: quoted.cells } : { line, cells: [], fault: true };
    at = quoted ? quoted.next : end + 1;
    line += quoted ? quoted.lines : 1;
  }
}

/** A row in which quotes stand; undefined where they do not close as they should. @param {string} text @param {number} at @param {string} between */
function inQuotes(text, at, between) {
  const cells = [];
  let lines = 1;
  for (let from = at; ; from += 1) {
    let cell = '';
    const start = from;
    while (text[from] === ' ') from += 1;
    if (text[from] === '"') {
      for (;;) {
        const close = text.indexOf('"', from + 1);
        if (close < 0) return undefined;
        cell += text.slice(from + 1, close);
        from = close + 1;
        if (text[from] !== '"') break;
        cell += '"';
      }
      const breaks = cell.split('\n').length - 1;
      lines += breaks;
      while (text[from] === ' ') from += 1;
      if (breaks > MOST_BREAKS || (from < text.length && text[from] !== between && text[from] !== '\n')) return undefined;
    } else {
      from = start;
      while (from < text.length && text[from] !== between && text[from] !== '\n') from += 1;
      cell = text.slice(start, from);
    }
    cells.push(cell);
    if (text[from] !== between) return { cells, next: from + 1, lines };
  }
}

/**
 * What separates the cells: what a first line `sep=;` says, else the sign by which the first row has the most meaning.
 * @param {string} text as `evened` gives it
 * @param {(cells: string[]) => number} worth how much a first row says
 * @returns {{between: string, text: string, before: number}} the text without such a line, and the lines taken off
 */
export function separated(text, worth) {
  const said = /^"?sep=(.)"?\n/i.exec(text);
  if (said) return { between: said[1], text: text.slice(said[0].length), before: 1 };
  const [first = ''] = text.split('\n', 1);
  const counted = BETWEEN.map((between) => {
    const [row] = sheet(text.slice(0, first.length + 4096), between);
    const cells = row?.cells ?? [];
    return { between, worth: worth(cells) * 1000 + (between === ',' ? 0 : cells.length > 1 ? 500 : 0) + cells.length };
  });
  const best = counted.reduce((so, one) => (one.worth > so.worth ? one : so));
  return { between: best.between, text, before: 0 };
}
