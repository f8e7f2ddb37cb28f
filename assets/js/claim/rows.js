// @ts-check
/** Makes the rows of the table of lines: a field for each part of a line, and a button that removes it. */

import { el } from '../calculator/result.js';
import { timed } from './fields.js';
import { billed } from './show.js';

/** @typedef {import('./read.js').Line} Line */
/** @typedef {{change: (at: number, name: string, text: string, input: HTMLInputElement) => void, left: (at: number, name: string, input: HTMLInputElement) => void, remove: (at: number) => void}} Heard what is done when a field changes, when it is left, when its line goes; lines from 0 */

/** A point stays, so that 2.5 is refused and does not become 25. @param {string} text */
const digits = (text) => text.replace(/[^\d.,]/g, '');

/** The longest beginning of a text that may become a code. @param {string} text */
function codeIn(text) {
  return /^(\d{0,4}[\dA-Z]?|[A-Z]\d{0,4})/.exec(text)?.[0] ?? '';
}

/**
 * A row for each line, and a second one for base units and minutes where it is anesthesia.
 * @param {Line[]} lines
 * @param {Heard} heard
 */
export function rowsOf(lines, { change, left, remove }) {
  /** @param {number} at @param {string} name @param {string} label @param {string} text @param {number} size @param {(text: string) => string} clean */
  const field = (at, name, label, text, size, clean) => {
    const input = el('input', { type: 'text', value: text, maxLength: size, size, autocapitalize: 'characters', spellcheck: false, autocomplete: 'off' });
    input.setAttribute('aria-label', `${label}, line ${at + 1}`);
    input.dataset.field = name;
    input.oninput = () => {
      const place = input.selectionStart;
      const kept = clean(input.value.toUpperCase());
      if (kept !== input.value) {
        input.value = kept;
        input.setSelectionRange(place, place);
      }
      change(at, name, kept, input);
    };
    input.onblur = () => left(at, name, input);
    return input;
  };
  const cell = (/** @type {Parameters<typeof field>} */ ...all) => el('td', {}, field(...all));
  return lines.flatMap((line, at) => {
    const off = el('button', { type: 'button', className: 'quiet', title: 'Remove the line' }, '✕');
    off.setAttribute('aria-label', `Remove line ${at + 1}, ${billed(line)}`);
    off.onclick = () => remove(at);
    const row = el(
      'tr',
      {},
      el('th', { scope: 'row' }, String(at + 1)),
      cell(at, 'code', 'Code', line.code, 5, codeIn),
      cell(at, 'modifiers', 'Modifiers', line.modifiers.join(' '), 14, (text) => text.replace(/[^\dA-Z ,-]/g, '')),
      cell(at, 'units', 'Units', line.units, 3, digits),
      el('td', {}, off),
    );
    if (!timed(line.code)) return [row];
    row.className = 'over-time';
    const more = el('td', { colSpan: 4 }, el('label', {}, 'Base units ', field(at, 'base_units', 'Base units', line.base_units ?? '', 2, digits)), ' ', el('label', {}, 'Minutes ', field(at, 'minutes', 'Minutes', line.minutes ?? '', 4, digits)));
    return [row, el('tr', { className: 'timed' }, el('td', {}), more)];
  });
}
