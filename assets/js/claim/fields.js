// @ts-check
/** What may stand in the fields of a line. */

import { CODE } from './lines.js';

/** @typedef {import('./read.js').Line} Line */

const FORMS = /** @type {{[name: string]: string}} */ ({ code: 'a code has five characters', modifiers: 'a modifier has two characters', units: 'units are a whole number, 1 to 999' });

/** The form of a field, in words. @param {string} name */
export const formOf = (name) => FORMS[name] ?? 'a whole number';

/** Whether a code is anesthesia (00100 to 01999), which is paid by base units and minutes. @param {string} code */
export const timed = (code) => /^0(?:0[1-9]|1\d)\d\d$/.test(code);

/**
 * Take in what was typed in a field, and say whether it may stand there; what may not changes nothing.
 * @param {Line} line
 * @param {string} name
 * @param {string} text
 */
export function takeIn(line, name, text) {
  if (name === 'code') {
    if (!CODE.test(text)) return false;
    if (timed(text) !== timed(line.code)) line.base_units = line.minutes = undefined;
    line.code = text;
  } else if (name === 'modifiers') {
    const all = text.split(/[ ,-]+/).filter(Boolean);
    if (all.some((one) => one.length !== 2)) return false;
    line.modifiers = all;
  } else if (name === 'units') {
    if (!/^0*[1-9]\d*$/.test(text)) return false;
    line.units = String(Number(text));
  } else {
    if (/\D/.test(text)) return false;
    line[/** @type {'minutes'} */ (name)] = text;
  }
  return true;
}
