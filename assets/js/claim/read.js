// @ts-check
/**
 * Reads what people type or paste into claim lines. Whatever is not a code, a modifier or a number is dropped here and goes no
 * further: a pasted list may hold names, dates and record numbers, which nobody may see again.
 */

/** @typedef {{code: string, modifiers: string[], units: string, base_units?: string, minutes?: string}} Line */
/** @typedef {{lines: Line[], dropped: number}} Read lines, and how many words were dropped */

/** A CPT or HCPCS code: five digits, four and a capital, or a capital and four. */
export const CODE = /^(?:\d{4}[\dA-Z]|[A-Z]\d{4})$/;
/** A code with modifiers and units attached: `45385-59-XS`, `97530GP`, `97110-GPx2`. A longer number is no code. */
const ATTACHED = /^(\d{4}[\dA-Z]|[A-Z]\d{4})((?:[-/:+][\dA-Z]{2}|(?<![\d-])[A-Z][\dA-Z](?=$|[-/:+X]))*)(?:X(\d{1,3}))?$/;
const GLUED = /^(\d{5})([A-WYZ][\dA-Z]|X[EPSU])((?:[-/:+][\dA-Z]{2})*)(?:X(\d{1,3}))?$/;
const TIMES = /^(?:[X*](\d{1,3})|(\d{1,3})X|(\d{1,3})(?:U|UN|UNITS?))$/;
const NUMBER = /^0*([1-9]\d{0,2})$/;
const SAYS_UNITS = /^(?:X|UNITS?|U|QTY|QUANTITY|TIMES)$/;
const HEADS = { code: /^(?:CPT|HCPCS|CODE|PROC|PROCEDURE|CPT\/HCPCS)/, modifiers: /^MOD/, units: /^(?:UNITS?|QTY|QUANTITY|UOS|COUNT)/ };

/** @param {string} text */
const words = (text) => text.split(/[\s,;|"'()[\]]+/).filter(Boolean);

/** @param {string | undefined} units */
const unitsOf = (units) => NUMBER.exec(units ?? '')?.[1];

/** The parts of a word that begins with a code; undefined for any other. @param {string} word */
function codeOf(word) {
  const found = ATTACHED.exec(word);
  if (found) return { code: found[1], modifiers: found[2].match(/[\dA-Z]{2}/g) ?? [], units: found[3] };
  const glued = GLUED.exec(word);
  return glued ? { code: glued[1], modifiers: [glued[2], ...(glued[3].match(/[\dA-Z]{2}/g) ?? [])], units: glued[4] } : undefined;
}

/**
 * Read one row of free text.
 * @param {string} row
 * @param {(modifier: string) => boolean} known whether a word of two characters is a modifier
 * @returns {Read}
 */
function free(row, known) {
  /** @type {Line[]} */
  const lines = [];
  let dropped = 0;
  let says = false;
  for (const word of words(row.replace(/^\s*(?:LINE\s*)?#?\d{1,2}[.):]\s+/, ''))) {
    const line = lines[lines.length - 1];
    const began = codeOf(word);
    const times = TIMES.exec(word);
    if (began) lines.push({ ...began, units: unitsOf(began.units) ?? '' });
    else if (!line) dropped += 1;
    else if (times && unitsOf(times[1] ?? times[2] ?? times[3])) line.units ||= unitsOf(times[1] ?? times[2] ?? times[3]) ?? '';
    else if (SAYS_UNITS.test(word)) says = true;
    else if (!says && /^[\dA-Z]{2}$/.test(word) && known(word)) line.modifiers.push(word);
    else if (/^(?:[\dA-Z]{2}[-/+])+[\dA-Z]{2}$/.test(word) && words(word.replace(/[-/+]/g, ' ')).every(known)) line.modifiers.push(...words(word.replace(/[-/+]/g, ' ')));
    else if (!line.units && NUMBER.test(word)) {
      line.units = unitsOf(word) ?? '';
      says = false;
    } else dropped += 1;
  }
  // Beside words that are neither, a further number of five digits is more likely a ZIP code or an account than a second code.
  if (dropped && lines.length > 1) dropped += lines.splice(1).length;
  return { lines, dropped };
}

/**
 * Read a row whose columns were named.
 * @param {string} row
 * @param {{code: number, modifiers: number[], units: number}} columns
 * @returns {Read}
 */
function named(row, columns) {
  const cells = row.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"|"$/g, ''));
  const began = codeOf(cells[columns.code] ?? '');
  const rest = cells.filter((cell, at) => cell && at !== columns.code && at !== columns.units && !columns.modifiers.includes(at)).length;
  if (!began) return { lines: [], dropped: cells.filter(Boolean).length };
  const modifiers = columns.modifiers.flatMap((at) => (cells[at] ?? '').split(/[\s\-/:+]+/)).filter((one) => /^[\dA-Z]{2}$/.test(one));
  const units = unitsOf((cells[columns.units] ?? '').replace(/\.0+$/, ''));
  return { lines: [{ code: began.code, modifiers: [...began.modifiers, ...modifiers], units: unitsOf(began.units) ?? units ?? '' }], dropped: rest };
}

/** Columns by the names in a first row; undefined where it names no code. @param {string} row */
function columnsOf(row) {
  const cells = row.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"|"$/g, ''));
  const code = cells.findIndex((cell) => HEADS.code.test(cell));
  if (code < 0 || cells.length < 2) return undefined;
  return { code, modifiers: cells.flatMap((cell, at) => (HEADS.modifiers.test(cell) ? [at] : [])), units: cells.findIndex((cell) => HEADS.units.test(cell)) };
}

/**
 * Read text into claim lines.
 * @param {string} text
 * @param {(modifier: string) => boolean} known whether a word of two characters is a modifier
 * @returns {Read}
 */
export function readLines(text, known) {
  /** @type {Read} */
  const all = { lines: [], dropped: 0 };
  /** @type {ReturnType<typeof columnsOf>} */
  let columns;
  for (const row of text.normalize('NFKC').toUpperCase().replace(/[×✕]/g, 'X').replace(/[‐-―−]/g, '-').split(/\r\n?|\n/)) {
    if (!row.trim()) continue;
    const head = words(row).some(codeOf) ? undefined : columnsOf(row);
    if (head) {
      columns = head;
      continue;
    }
    const { lines, dropped } = columns ? named(row, columns) : free(row, known);
    all.lines.push(...lines.map((line) => ({ ...line, modifiers: [...new Set(line.modifiers)].slice(0, 8), units: line.units || '1' })));
    all.dropped += dropped;
  }
  return all;
}

/** A line as the address has it: `45385-59x2`, with base units and minutes of anesthesia `01402-AAx1b7m60`. @param {Line} line */
export const written = ({ code, modifiers, units, base_units, minutes }) => [code, ...modifiers].join('-') + `x${units}` + (base_units ? `b${base_units}` : '') + (minutes ? `m${minutes}` : '');

/**
 * The lines that an address or a stored text names; what is not a line is left out.
 * @param {string} text
 * @returns {Line[]}
 */
export const lined = (text) =>
  text.toUpperCase().split(',').flatMap((one) => {
    const found = /^([\dA-Z]{5})((?:-[\dA-Z]{2}){0,8})(?:X([1-9]\d{0,2}))?(?:B(\d{1,2}))?(?:M(\d{1,4}))?$/.exec(one);
    return found && CODE.test(found[1]) ? [{ code: found[1], modifiers: found[2].split('-').slice(1), units: found[3] ?? '1', base_units: found[4], minutes: found[5] }] : [];
  });
