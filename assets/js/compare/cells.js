// @ts-check
/**
 * Reads the cells of one row: exact amounts, days, codes, modifiers, places. What does not fit becomes a sentence that says what
 * is wrong and what to type. A cell is quoted in it only where it has the shape of what the column should hold: a name that stands in a
 * wrong column is shown to nobody.
 */

/** @typedef {{say: string}} Wrong */

/** @param {string} say @returns {Wrong} */
const wrong = (say) => ({ say });

/** A cell as a sentence may show it. @param {string} text @param {RegExp} shape */
const quote = (text, shape) => (text.length < 17 && shape.test(text) ? `“${text}”` : 'What stands there');

/** @param {string} text */
const bare = (text) => text.replace(/[\s\u00a0]+/g, '');

/** As reports write them in dates: 03-AUG-2026. */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FIGURES = /^[-+($]*[\d.,]+[)$-]*$/;
const GROUPED = /^(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/;

/**
 * An amount in cents, above zero.
 * @param {string} cell
 * @param {boolean} comma whether the column is known to write cents after a comma
 * @returns {bigint | Wrong}
 */
export function amountIn(cell, comma) {
  const text = bare(cell);
  if (!text) return wrong('No amount. Enter dollars and cents, or take the row out.');
  const shown = quote(text, FIGURES);
  const signed = text.replace(/^(-?)(?:USD|US\$|\$)|(?:USD|\$)$/gi, '$1');
  if (/^\(.*\d.*\)$|^-.*\d|\d.*-$/.test(signed)) return wrong(`${shown} is below zero: a payment that was taken back is no rate. Take the row out, with the one that it reverses.`);
  if (!/^[\d.,]*\d[\d.,]*$/.test(signed)) return wrong(`${shown} is no amount. Enter dollars and cents, such as 1234.50.`);
  let plain = signed;
  if (comma) {
    if (/^\d{1,3}[.,]\d{3}$/.test(signed)) return wrong(`${shown} can be thousands or decimals in this column. Write it as ${signed.replace(/[.,]/, '')},00 or with two decimals.`);
    if (!/^(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d{1,2})?$/.test(signed)) return wrong(`${shown} is no amount in this column, which writes cents after a comma. Write it as 1234,50.`);
    plain = signed.replace(/\./g, '').replace(',', '.');
  } else if (!GROUPED.test(signed)) {
    if (/^[\d.]+,\d{1,2}$/.test(signed)) return wrong(`${shown} has a comma where cents begin. Write cents after a point, such as 1234.50.`);
    return wrong(`${shown} is no amount. Enter dollars and cents, such as 1234.50.`);
  }
  const [whole, cents = ''] = plain.replace(/,/g, '').split('.');
  if (/[1-9]/.test(cents.slice(2))) return wrong(`${shown} is finer than a cent. Round it to two decimals.`);
  if (whole.length > 7) return wrong(`${shown} is above what a line can be, 9,999,999.99. Correct it.`);
  const made = BigInt((whole || '0') + cents.slice(0, 2).padEnd(2, '0'));
  return made || wrong('The amount is zero: a denial is no rate. Look up why nothing was paid, or take the row out.');
}

/**
 * Whether a column of amounts certainly writes cents after a comma: one does, and none after a point.
 * @param {Iterable<string>} cells
 */
export function commas(cells) {
  let seen = false;
  for (const cell of cells) {
    const text = bare(cell);
    if (/\.\d{1,2}\D*$|,\d{3}[.,]/.test(text)) return false;
    seen ||= /^\D*(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}\D*$/.test(text);
  }
  return seen;
}

/** A cell without what keeps a spreadsheet from reading it as a number: `="99213"`, `'99213`. @param {string} cell */
const unguarded = (cell) => cell.trim().replace(/^(?:="(.*)"|'(.*))$/, (_, quoted = '', marked = '') => quoted + marked);

/**
 * A code, and modifiers that stand behind it: `99213-25`.
 * @param {string} cell
 * @returns {{code: string, modifiers: string[]} | Wrong}
 */
export function codeIn(cell) {
  const text = unguarded(cell).trim().toUpperCase().replace(/^(\d{5})\.0+$/, '$1');
  if (!text) return wrong('No code. Enter a CPT or HCPCS code, or take the row out.');
  const found = /^(\d{4}[\dA-Z]|[A-V]\d{4})((?:[-:/ ]+[\dA-Z]{2})*)$/.exec(text);
  if (found) return { code: found[1], modifiers: found[2].match(/[\dA-Z]{2}/g) ?? [] };
  const zeros = /^\d{3,4}$/.test(text) ? ' A spreadsheet drops zeros in front: format the column as text.' : '';
  return wrong(`${quote(text, /^(?=.*\d)[\dA-Z]{1,6}$/)} is no code: a code is five digits, four and a letter, or a letter and four. Correct it.${zeros}`);
}

/**
 * Modifiers, apart or in one piece with a figure in it: `59 RT`, `59,RT`, `59RT`. Letters alone in one piece may be a word. A program
 * that takes a column for numbers writes `25.0`.
 * @param {string} cell
 * @returns {string[] | Wrong}
 */
export function modifiersIn(cell) {
  const parts = cell.toUpperCase().split(/[\s,;:/+|-]+/).map((one) => unguarded(one).replace(/^(\d\d)\.0+$/, '$1')).filter(Boolean);
  const made = parts.flatMap((one) => (/^(?=.*\d)(?:[\dA-Z]{2}){2,4}$/.test(one) ? (one.match(/../g) ?? []) : [one]));
  const odd = made.find((one) => one.length !== 2);
  return odd === undefined ? made : wrong(`${quote(odd, /^[\dA-Z]{1,3}$/)} is no modifier: a modifier is two digits or letters, such as 59 or LT. Correct it; write several apart.`);
}

/** A number of units as text; blank for none. @param {string} cell @returns {string | Wrong} */
export function unitsIn(cell) {
  const text = bare(cell).replace(/\.0*$/, '');
  if (!text) return '';
  return /^0*[1-9]\d{0,2}$/.test(text) ? text.replace(/^0+/, '') : wrong(`${quote(text, FIGURES)} is no number of units. Enter a whole number from 1 to 999; the amount is for all of them.`);
}

/**
 * A day as ISO date; blank for none.
 * @param {string} cell
 * @returns {string | Wrong}
 */
export function dayIn(cell) {
  const text = cell.trim().replace(/[T ]+\d{1,2}:.*$/, '');
  if (!text) return '';
  const shown = quote(text, /^[\d/.-]+$/);
  const iso = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})$/.exec(text) ?? /^(20\d\d)(\d\d)(\d\d)$/.exec(text);
  const written = /^(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})$/i.exec(text);
  const named = written ? MONTHS.indexOf(written[2].toLowerCase()) + 1 : 0;
  const us = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d\d)$/.exec(text);
  const [year, month, day] = (iso ? iso.slice(1) : us ? [us[3].padStart(4, '20'), us[1], us[2]] : written && named ? [written[3], named, written[1]] : []).map(Number);
  if (!year) return wrong(`${shown} is no date that is read here.${/^\d{5}$/.test(text) ? ' A spreadsheet counts days so: format the column as a date.' : ' Write 2026-07-15 or 7/15/2026.'}`);
  const made = new Date(Date.UTC(year, month - 1, day));
  if (made.getUTCMonth() !== month - 1) return wrong(`${shown} is no day of the calendar${us && month > 12 ? ' with the month first' : ''}. Write 2026-07-15 or 7/15/2026.`);
  return made.toISOString().slice(0, 10);
}

/**
 * A place of service, or a setting in words; both blank for none.
 * @param {string} cell
 * @returns {{pos: string, setting: string} | Wrong}
 */
export function placeIn(cell) {
  const text = cell.trim().toLowerCase();
  if (!text) return { pos: '', setting: '' };
  const number = /^(\d{1,2})(?:\.0+)?(?:$|\D)/.exec(text);
  if (number) return { pos: number[1].padStart(2, '0'), setting: '' };
  if (/^(facility|fac|f)$/.test(text)) return { pos: '', setting: 'facility' };
  if (/^(non[- ]?facility|non[- ]?fac|nf|office)$/.test(text)) return { pos: '', setting: 'nonfacility' };
  return wrong(`${quote(text, /^\d+$/)} is no place of service. Enter its two digits, such as 11, or facility or nonfacility.`);
}

/**
 * A locality as `carrier/locality`; blank for none.
 * @param {string} cell
 * @param {string} carrier what a column of carriers says
 * @returns {string | Wrong}
 */
export function localityIn(cell, carrier) {
  const text = cell.trim();
  const mac = carrier.trim();
  if (!text && !mac) return '';
  if (/^national$/i.test(text)) return '00000/00';
  const found = /^(\d{4,5})[-/ ]+(\d{1,2})$/.exec(text) ?? /^(\d{4,5})(\d\d)$/.exec(/^\d{6,7}$/.test(text) ? text : '') ?? (/^\d{4,5}$/.test(mac) && /^\d{1,2}$/.test(text) ? ['', mac, text] : null);
  if (found) return `${found[1].padStart(5, '0')}/${found[2].padStart(2, '0')}`;
  return wrong(`${quote(text, /^[\d/-]+$/)} names no locality.${/^\d{5}$/.test(text) ? ' ZIP codes are not read here.' : ''} Write carrier and locality as CMS numbers them, such as 12202-01.`);
}
