// @ts-check
/**
 * Reads what people type or paste into claim lines. Whatever is not a code, a modifier or a number is dropped here and goes no
 * further: a pasted list may hold names, dates and record numbers, which nobody may see again.
 */

/** @typedef {{code: string, modifiers: string[], units: string, base_units?: string, minutes?: string}} Line */
/** @typedef {{lines: Line[], dropped: number}} Read lines, and how many words were dropped */

/** A CPT or HCPCS code: five digits, four and a capital, or a capital up to V and four. */
export const CODE = /^(?:\d{4}[\dA-Z]|[A-V]\d{4})$/;
/** A code with modifiers and units attached: `45385-59-XS`, `97530GP`, `97110-GPx2`. A longer number is no code. */
const ATTACHED = /^(\d{4}[\dA-Z]|[A-V]\d{4})((?:[-/:+][\dA-Z]{2}|(?<![\d-])(?:[A-WYZ][\dA-Z]|X[EPSU])(?=$|[-/:+X]))*)(?:X(\d{1,3}))?$/;
const GLUED = /^(\d{5}|[A-V]\d{4})([A-WYZ][\dA-Z]|X[EPSU])((?:[-/:+][\dA-Z]{2})*)(?:X(\d{1,3}))?$/;
const TIMES = /^(?:[X*](\d{1,3})|(\d{1,3})X|(\d{1,3})(?:U|UN|UNITS?))$/;
const NUMBER = /^0*([1-9]\d{0,2})(?:\.0)?$/;
const SAYS_UNITS = /^(?:X|UNITS?|U|QTY|QUANTITY|TIMES)$/;
/** Words that people put around codes: neither read nor counted, as are signs alone. */
const AROUND = /^(?:CPT|HCPCS|CODES?|MODS?|MODIFIERS?|AND|WITH|PLUS|[^\dA-Z]+)$/;
/** Telephone numbers and dates in words, whose parts would else be read as units. */
const MONTH = '(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*';
const PARTS = new RegExp(`\\(\\d{3}\\)[ -]*\\d{3}[ -]?\\d{4}|\\b\\d{3}[ .-]\\d{3}[ .-]\\d{4}\\b|\\b\\d{1,2}[ -]${MONTH}\\b[ ,.-]*(?:\\d{4}\\b)?|\\b${MONTH}[ .]+\\d{1,2}\\b[ ,]*(?:\\d{4}\\b)?`, 'g');
/** Words that say of the number after them that it is no code and no units. */
const LABELS = /^(?:MRN|ZIP|ACCT|ACCOUNT|MEMBER|MBI|ID|CHART|POLICY|INVOICE|PHONE|TEL|FAX|SSN|DOB|AGE|BOX|NPI|EIN)[#.:]*$/;
const HEADS = { code: /^(?:CPT|HCPCS|CODE|PROC|PROCEDURE|CPT\/HCPCS)/, modifiers: /^MOD/, units: /^(?:UNITS?|QTY|QUANTITY|UOS|COUNT)/ };

/** A cell after each sign that separates cells; one in quotes may hold that sign. @type {{[between: string]: RegExp}} */
const CELLS = Object.fromEntries(['\t', ';', '|', ','].map((one) => [one, new RegExp(`[${one}](?:\\s*"((?:[^"]|"")*)"[^${one}]*|([^${one}]*))`, 'g')]));

/** @param {string} text */
const words = (text) => text.split(/[\s,;|"'()[\]]+/).map((word) => word.replace(/^(?:CPT|HCPCS)[#:]?(?=.{5})|[.:?!]+$/g, '')).filter(Boolean);

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
  /** Lines whose code comes right after a word that was dropped. @type {Set<Line>} */
  const doubtful = new Set();
  let dropped = 0;
  let says = false;
  let before = '';
  for (const word of words(row.replace(/^\s*(?:LINE\s*)?#?\d{1,2}[.):]\s+/, '').replace(PARTS, ' #0 '))) {
    if (AROUND.test(word)) continue;
    const line = lines[lines.length - 1];
    const began = LABELS.test(before) ? undefined : codeOf(word);
    const times = TIMES.exec(word);
    const already = dropped;
    if (began) {
      const made = { ...began, units: unitsOf(began.units) ?? '' };
      lines.push(made);
      if (before) doubtful.add(made);
    } else if (!line || LABELS.test(before)) dropped += 1;
    else if (times && unitsOf(times[1] ?? times[2] ?? times[3])) line.units ||= unitsOf(times[1] ?? times[2] ?? times[3]) ?? '';
    else if (SAYS_UNITS.test(word)) says = true;
    else if (!says && /^-?[\dA-Z]{2}$/.test(word) && known(word.slice(-2))) line.modifiers.push(word.slice(-2));
    else if (/^(?:[\dA-Z]{2}[-/+])+[\dA-Z]{2}$/.test(word) && words(word.replace(/[-/+]/g, ' ')).every(known)) line.modifiers.push(...words(word.replace(/[-/+]/g, ' ')));
    else if (!line.units && NUMBER.test(word)) {
      line.units = unitsOf(word) ?? '';
      says = false;
    } else dropped += 1;
    before = dropped > already ? word : '';
  }
  if (!dropped || lines.length < 2) return { lines, dropped };
  // Beside words that are neither, a further number of five digits is more likely a ZIP code or an account than a second code. What
  // has modifiers or units is the code, else what does not follow such a word, else the first.
  /** @param {Line} line */
  const doubt = (line) => Number(!line.modifiers[0] && !line.units) * 2 + Number(doubtful.has(line));
  const least = lines.reduce((low, line) => Math.min(low, doubt(line)), 3);
  const kept = lines.filter((line) => doubt(line) === least).slice(0, 1);
  return { lines: kept, dropped: dropped + lines.length - 1 };
}

/** The cells of a row, without their quotes. @param {string} row @param {string} between what separates them */
function cellsOf(row, between) {
  const cells = [];
  for (const [, quoted, plain] of (between + row).matchAll(CELLS[between])) cells.push((quoted ?? plain).trim());
  return cells;
}

/**
 * Read a row whose columns were named.
 * @param {string} row
 * @param {{between: string, code: number, modifiers: number[], units: number}} columns
 * @returns {Read}
 */
function named(row, columns) {
  const cells = cellsOf(row, columns.between);
  const began = codeOf(cells[columns.code] ?? '');
  const rest = cells.filter((cell, at) => cell && at !== columns.code && at !== columns.units && !columns.modifiers.includes(at)).length;
  if (!began) return { lines: [], dropped: cells.filter(Boolean).length };
  const modifiers = columns.modifiers.flatMap((at) => (cells[at] ?? '').split(/[\s\-/:+,;]+/)).filter((one) => /^[\dA-Z]{2}$/.test(one));
  const units = unitsOf((cells[columns.units] ?? '').replace(/\.0+$/, ''));
  return { lines: [{ code: began.code, modifiers: [...began.modifiers, ...modifiers], units: unitsOf(began.units) ?? units ?? '' }], dropped: rest };
}

/** Columns by the names in a first row; undefined where it names no code. @param {string} row */
function columnsOf(row) {
  const between = Object.keys(CELLS).find((one) => row.includes(one));
  if (!between) return undefined;
  const cells = cellsOf(row, between);
  const code = cells.findIndex((cell) => HEADS.code.test(cell));
  if (code < 0) return undefined;
  return { between, code, modifiers: cells.flatMap((cell, at) => (HEADS.modifiers.test(cell) ? [at] : [])), units: cells.findIndex((cell) => HEADS.units.test(cell)) };
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
    for (const line of lines) all.lines.push({ ...line, modifiers: [...new Set(line.modifiers)].slice(0, 8), units: line.units || '1' });
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
