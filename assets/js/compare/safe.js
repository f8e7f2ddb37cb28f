// @ts-check
/** Writes a cell of a CSV so that no spreadsheet takes it for a formula. */

/** A cell in quotes; what a spreadsheet would read as a formula begins with an apostrophe, which it shows as text. @param {string} text */
export const safe = (text) => '"' + (/^[\s\0]*[=+\-@|%]|^[\t\r\n]/.test(text) ? "'" : '') + text.replace(/"/g, '""') + '"';
