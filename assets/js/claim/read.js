// @ts-check
/**
 * Reads what people type or paste into claim lines. Whatever is not a code, a modifier or a number is dropped here and goes no
 * further: a pasted list may hold names, dates and record numbers, which nobody may see again. Fetched when the first text comes.
 */

/** @typedef {{code: string, modifiers: string[], units: string, base_units?: string, minutes?: string}} Line */
/** @typedef {{lines: Line[], dropped: number, odd: boolean, days: string[], place: string, either?: boolean}} Row what one row says: `odd` where a modifier would stand, none does; units are blank where none are said, `?` where they are no whole number; days to be compared and let go; `either` where several numbers might be the place */
/**
 * What a text says. Rows are numbered as they were typed, from 1.
 * @typedef {object} Read
 * @property {Line[]} lines
 * @property {number} dropped words
 * @property {number} rows those that are neither blank nor a head
 * @property {number[]} bare rows without a code
 * @property {number[]} refused rows with a line left out, whose units are no whole number
 * @property {number[]} blank rows whose units were left blank, in a table that has a column of them
 * @property {boolean} unitless whether a table had no column of units
 * @property {number[]} odd rows where something that is no modifier stood in the place of one
 * @property {number} days how many days of service there are, none of which is kept
 * @property {number[]} late lines, from 0, that are not of the first of these
 * @property {string[]} places numbers of places of service
 * @property {boolean} either whether a number may be the place of service, or something else
 */

// No pattern looks back at what stands before it: Safari before 16.4 cannot read such a pattern, and would run nothing of this file.
/** What ends a code or a modifier: a letter, or a digit that no further modifier is glued to. */
const LAST = '(?:[A-Z]|\\d(?=$|[-/:+]|X\\d))';
/** A code with modifiers and units attached: `45385-59-XS`, `97530GP`, `97110-GPx2`. A longer number is no code. */
const ATTACHED = new RegExp(`^(\\d{4}${LAST}|[A-V]\\d{3}(?=\\d)${LAST})((?:[-/:+][\\dA-Z]${LAST}|(?:[A-WYZ]${LAST}|X[EPSU])(?=$|[-/:+X]))*)(?:X(\\d{1,3}(?:\\.\\d+)?))?$`);
const GLUED = /^(\d{5}|[A-V]\d{4})([A-WYZ][\dA-Z]|X[EPSU])((?:[-/:+][\dA-Z]{2})*)(?:X(\d{1,3}(?:\.\d+)?))?$/;
const TIMES = /^(?:[X*](\d{1,3}|\d\.\d+)|(\d{1,3}(?:\.\d+)?)X|(\d{1,3}(?:\.\d+)?)(?:U|UN|UNITS?))$/;
const NUMBER = /^0*([1-9]\d{0,2})(?:\.0)?$/;
/** A number that would be units, were it a whole one above zero. With two decimals it is more likely a price. */
const BROKEN = /^(?:0+|\d\.\d)$/;
const SAYS_UNITS = /^(?:X|UNITS?|U|QTY|QUANTITY|TIMES)$/;
/** Words that people put around codes: neither read nor counted, as are signs alone. */
const AROUND = /^(?:CPT|HCPCS|CODES?|MODS?|MODIFIERS?|AND|WITH|PLUS|[^\dA-Z]+)$/;
/** Telephone numbers and dates in words, whose parts would else be read as units. */
const MONTH = '(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*';
const PARTS = new RegExp(`\\(\\d{3}\\)[ -]*\\d{3}[ -]?\\d{4}|\\b\\d{3}[ .-]\\d{3}[ .-]\\d{4}\\b|\\b\\d{1,2}[ -]${MONTH}\\b[ ,.-]*(?:\\d{4}\\b)?|\\b${MONTH}[ .]+\\d{1,2}\\b[ ,]*(?:\\d{4}\\b)?`, 'g');
/**
 * A number with what it measures: minutes and base units of anesthesia, which are kept, and what else a sentence counts. It is no units:
 * what a unit of a code stands for, a milligram or ten, a minute or fifteen, the sentence does not say.
 */
const MEASURED = /\b(\d{1,4}(?:\.\d+)?)[ -]?(MIN(?:S|UTES?)?|BASE(?: UNITS?)?|BU|HRS|HOURS?|MG|MCG|ML|MM|CM|SQ(?:UARE|\.)? ?CM|IU)(?![\w-])/g;
/** Anesthesia, as `timed` of fields.js has it: this file is fetched by itself, and imports nothing. */
const TIMED = /^0(?:0[1-9]|1\d)\d\d$/;
const PLACE = /\b(?:POS|PLACE OF SERVICE)[ :#=]{0,3}(\d{1,2})(?![\w./-])/;
/** Words that say of the number after them that it is no code and no units. */
const LABELS = /^(?:MRN|ZIP|ACCT|ACCOUNT|MEMBER|MBI|ID|CHART|POLICY|INVOICE|PHONE|TEL|FAX|SSN|DOB|AGE|BOX|NPI|EIN)[#.:]*$/;
/** Heads of columns, with the wording of CMS-1500 among them: "Days or Units". */
const HEADS = {
  code: /^(?:(?:CPT|HCPCS|CODE|PROC)(?!.*\bDATE)|(?:SERVICE|BILLING) CODE)/,
  modifiers: /^MOD/,
  units: /^(?:.*\bUNITS?\b(?! (?:PRICE|CHARGE|COST|FEE|RATE|AMOUNT|TYPE|OF MEASURE))|QTY|QUANTITY|UOS|COUNT\b)/,
  place: /^(?:POS|PLACE)\b/,
  day: /\bDOS\b|^FROM\b|\b(?:SERVICE|SVC|PROC\w*) DATE|\bDATES?\b.*\b(?:SERVICE|SVC)|^DATES?$/,
};
/** What stands before a date, a date of birth being called one, and the date: in digits or with its month in letters. */
const DATES = new RegExp(`(\\b(?:DOB|BORN|BIRTH)[ :.]{0,3}|^|[^\\w/.-])(\\d{1,2}([/.-])\\d{1,2}\\3(?:\\d{4}|\\d{2})|\\d{4}([/.-])\\d{1,2}\\4\\d{1,2}|\\d{1,2}[ -]${MONTH}[ -]\\d{4}|${MONTH}[ .]+\\d{1,2}[ ,]+\\d{4})(?!\\w)`, 'g');

/** A cell after each sign that separates cells; one in quotes may hold that sign. @type {{[between: string]: RegExp}} */
const CELLS = Object.fromEntries(['\t', ';', '|', ','].map((one) => [one, new RegExp(`[${one}](?:\\s*"((?:[^"]|"")*)"[^${one}]*|([^${one}]*))`, 'g')]));

/** @param {string} text */
const words = (text) => text.split(/[\s,;|"'()[\]]+/).map((word) => word.replace(/^(?:CPT|HCPCS)[#:]?(?=.{5})|[.:?!]+$/g, '')).filter(Boolean);

/** @param {string | undefined} units */
const unitsOf = (units) => NUMBER.exec(units ?? '')?.[1];

/** Units as they were said: blank where none were, `?` where they are no whole number that a line may have. @param {string | undefined} said */
const wholeOf = (said) => (said ? (unitsOf(said) ?? '?') : '');

/** A date in one form, so that two may be compared. @param {string} text */
function dayOf(text) {
  const [one = '', two, three] = text.match(/\d+/g) ?? [];
  if (!three) return text.replace(/[^\dA-Z]+/g, ' ').trim();
  const [year, month, day] = one.length > 2 ? [one, two, three] : [three, one, two];
  return [year, month, day].map((part) => Number(part) % 100).join('-');
}

/** The parts of a word that begins with a code; undefined for any other. @param {string} word */
function codeOf(word) {
  const found = ATTACHED.exec(word);
  if (found) return { code: found[1], modifiers: found[2].match(/[\dA-Z]{2}/g) ?? [], units: found[3] };
  const glued = GLUED.exec(word);
  return glued ? { code: glued[1], modifiers: [glued[2], ...(glued[3].match(/[\dA-Z]{2}/g) ?? [])], units: glued[4] } : undefined;
}

/** The sign that separates the cells of a row. @param {string} row */
const signOf = (row) => Object.keys(CELLS).find((one) => row.includes(one));

/** The cells of a row, without their quotes. @param {string} row @param {string} between what separates them */
function cellsOf(row, between) {
  const cells = [];
  for (const [, quoted, plain] of (between + row).matchAll(CELLS[between])) cells.push((quoted ?? plain).trim());
  return cells;
}

/**
 * Set apart what stands behind the units in a row of cells without a head. Where modifiers have cells of their own, before the units, two
 * digits behind these are none, though 22, 24 and 95 are modifiers too: beside a charge in dollars and cents they are the place of
 * service, else a place or a charge in dollars.
 * @param {string} row
 * @param {(modifier: string) => boolean} known
 * @returns {{row: string, dropped: number, place: string, either: boolean}}
 */
function behind(row, known) {
  const none = { row, dropped: 0, place: '', either: false };
  const between = signOf(row);
  if (!between) return none;
  const cells = cellsOf(row, between);
  const code = cells.findIndex(codeOf);
  const units = code + 1 + cells.slice(code + 1).findIndex((cell) => !words(cell).every(known));
  if (code < 0 || units < code + 2 || !unitsOf(cells[units])) return none;
  const rest = cells.slice(units + 1);
  const two = rest.filter((cell) => /^\d\d$/.test(cell));
  if (!two[0]) return none;
  const sure = !two[1] && rest.some((cell) => /^\$?\d[\d,]*\.\d\d$/.test(cell));
  const left = [...cells.slice(0, units + 1), ...rest.filter((cell) => !two.includes(cell))];
  return { row: left.join(between), dropped: sure ? 0 : two.length, place: sure ? two[0] : '', either: !sure };
}

/**
 * Read one row of free text.
 * @param {string} whole
 * @param {(modifier: string) => boolean} known whether a word of two characters is a modifier
 * @returns {Row}
 */
function free(whole, known) {
  const { row, place, either, dropped: more } = behind(whole, known);
  /** @type {Line[]} */
  const lines = [];
  /** Lines whose code comes right after a word that was dropped. @type {Set<Line>} */
  const doubtful = new Set();
  /** Lines with a number that might be their units, and is no whole one. @type {Set<Line>} */
  const broken = new Set();
  const days = [...row.matchAll(DATES)].flatMap(([, before, text]) => (before[1] ? [] : [dayOf(text)])); // no date of birth
  let dropped = more;
  let measured = 0;
  let odd = false;
  let says = false;
  let before = '';
  const said = PLACE.exec(row);
  // 26 and MG are modifiers too, and stand for them side by side.
  const mark = (/** @type {string} */ all, /** @type {string} */ number, /** @type {string} */ unit) => (known(number) && known(unit) ? all : ` #${/^(?:MIN|B)/.exec(unit)?.[0][0] ?? 'U'}${number} `);
  const marked = row.replace(/^\s*(?:LINE\s*)?#?\d{1,2}[.):]\s+/, '').replace(PARTS, ' #0 ').replace(PLACE, ' ').replace(MEASURED, mark);
  for (const word of words(marked)) {
    if (AROUND.test(word)) continue;
    const line = lines[lines.length - 1];
    const [, what, number] = /^#([MBU])(\d.*)$/.exec(word) ?? [];
    if (what) {
      const field = what === 'M' ? 'minutes' : 'base_units';
      if (what !== 'U' && line && TIMED.test(line.code) && !line[field] && NUMBER.test(number) && (what === 'M' || Number(number) < 100)) line[field] = String(Number(number));
      else measured += 1;
      before = '';
      continue;
    }
    const began = LABELS.test(before) ? undefined : codeOf(word);
    const times = TIMES.exec(word);
    const already = dropped;
    if (began) {
      const made = { ...began, units: wholeOf(began.units) };
      lines.push(made);
      says = false;
      if (before) doubtful.add(made);
    } else if (!line || LABELS.test(before)) dropped += 1;
    else if (times) line.units ||= wholeOf(times[1] ?? times[2] ?? times[3]);
    else if (SAYS_UNITS.test(word)) says = !line.units;
    else if (!says && /^-?[\dA-Z]{2}$/.test(word) && known(word.slice(-2))) line.modifiers.push(word.slice(-2));
    else if (/^(?:[\dA-Z]{2}[-/+])+[\dA-Z]{2}$/.test(word) && words(word.replace(/[-/+]/g, ' ')).every(known)) line.modifiers.push(...words(word.replace(/[-/+]/g, ' ')));
    else if (!line.units && NUMBER.test(word)) {
      line.units = unitsOf(word) ?? '';
      says = false;
    } else if (!line.units && (BROKEN.test(word) || (says && /^\d/.test(word)))) broken.add(line);
    else {
      odd ||= !before && !line.units && /^[\dA-Z]{2}$/.test(word);
      dropped += 1;
    }
    before = dropped > already ? word : '';
  }
  for (const line of broken) line.units ||= '?';
  const told = { odd, days, place: said ? said[1].padStart(2, '0') : place, either };
  if (!dropped || lines.length < 2) return { lines, dropped: dropped + measured, ...told };
  // Beside words that are neither, a further number of five digits is more likely a ZIP code or an account than a second code. What
  // has modifiers or units is the code, else what does not follow such a word, else the first.
  /** @param {Line} line */
  const doubt = (line) => Number(!line.modifiers[0] && !line.units) * 2 + Number(doubtful.has(line));
  const least = lines.reduce((low, line) => Math.min(low, doubt(line)), 3);
  const kept = lines.filter((line) => doubt(line) === least).slice(0, 1);
  return { lines: kept, dropped: dropped + measured + lines.length - 1, ...told };
}

/**
 * Read a row whose columns were named.
 * @param {string} row
 * @param {{between: string, code: number, modifiers: number[], units: number, place: number, day: number}} columns
 * @returns {Row}
 */
function named(row, columns) {
  const cells = cellsOf(row, columns.between);
  const began = codeOf(cells[columns.code] ?? '');
  const [place] = /^\d{1,2}(?!\d)/.exec(cells[columns.place] ?? '') ?? [''];
  const rest = cells.filter((cell, at) => cell && at !== columns.code && at !== columns.units && !columns.modifiers.includes(at) && !(place && at === columns.place)).length;
  if (!began) return { lines: [], dropped: cells.filter(Boolean).length, odd: false, days: [], place: '' };
  const all = columns.modifiers.flatMap((at) => (cells[at] ?? '').split(/[\s\-/:+,;]+/)).filter(Boolean);
  const modifiers = all.filter((one) => /^[\dA-Z]{2}$/.test(one));
  const units = wholeOf(began.units) || wholeOf((cells[columns.units] ?? '').replace(/(?:\.0+)?\s*(?:U|UN|UNITS?|EA)?$/, ''));
  const line = { code: began.code, modifiers: [...began.modifiers, ...modifiers], units };
  return { lines: [line], dropped: rest, odd: modifiers.length < all.length, days: [dayOf(cells[columns.day] ?? '')].filter(Boolean), place: place && place.padStart(2, '0') };
}

/** Columns by the names in a first row; undefined where it names no code. @param {string} row */
function columnsOf(row) {
  const between = signOf(row);
  if (!between) return undefined;
  const cells = cellsOf(row, between).map((cell) => cell.replace(/^24[A-J][.:]?\s*/, '').replace(/\s+/g, ' '));
  /** @param {'code' | 'units' | 'place' | 'day'} name */
  const first = (name) => cells.findIndex((cell) => HEADS[name].test(cell));
  const code = first('code');
  if (code < 0) return undefined;
  return { between, code, modifiers: cells.flatMap((cell, at) => (HEADS.modifiers.test(cell) ? [at] : [])), units: first('units'), place: first('place'), day: first('day') };
}

/**
 * Read text into claim lines.
 * @param {string} text
 * @param {(modifier: string) => boolean} known whether a word of two characters is a modifier
 * @returns {Read}
 */
export function readLines(text, known) {
  /** @type {Read} */
  const all = { lines: [], dropped: 0, rows: 0, bare: [], refused: [], blank: [], unitless: false, odd: [], days: 0, late: [], places: [], either: false };
  /** @type {ReturnType<typeof columnsOf>} */
  let columns;
  /** The days at each place of a row, of which the first counts. @type {Set<string>[]} */
  const days = [];
  text.normalize('NFKC').toUpperCase().replace(/[×✕]/g, 'X').replace(/[‐-―−]/g, '-').split(/\r\n?|\n/).forEach((row, before) => {
    if (!row.trim()) return;
    const head = words(row).some(codeOf) ? undefined : columnsOf(row);
    if (head) {
      columns = head;
      return;
    }
    // A head of one column, or one without a sign between its names.
    if (!/\d/.test(row) && HEADS.code.test(row.trim())) return;
    const number = before + 1;
    const found = columns ? named(row, columns) : free(row, known);
    all.rows += 1;
    all.dropped += found.dropped;
    if (found.odd) all.odd.push(number);
    all.either ||= Boolean(found.either);
    if (!found.lines[0]) all.bare.push(number);
    else {
      if (found.place && !all.places.includes(found.place)) all.places.push(found.place);
      found.days.forEach((day, at) => (days[at] ??= new Set()).add(day));
    }
    const late = found.days.some((day, at) => !found.lines[0] || day !== [...days[at]][0]);
    for (const line of found.lines) {
      if (line.units === '?') {
        all.refused.push(number);
        continue;
      }
      if (late) all.late.push(all.lines.length);
      if (columns && !line.units) {
        if (columns.units < 0) all.unitless = true;
        else all.blank.push(number);
      }
      all.lines.push({ ...line, modifiers: [...new Set(line.modifiers)].slice(0, 8), units: line.units || '1' });
    }
  });
  all.days = Math.max(0, ...days.map(({ size }) => size));
  return all;
}
