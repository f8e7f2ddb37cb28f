// @ts-check
/** Makes links of the codes in a sentence. */

import { el } from '../calculator/result.js';

/**
 * Words in which each of these codes leads to its page where it stands first.
 * @param {string} text
 * @param {string[]} codes
 */
export function leading(text, codes) {
  const left = new Set(codes);
  return text.split(/\b([\dA-Z]{5})\b/).map((part) => (left.delete(part) ? el('a', { href: `/codes/${part}/` }, part) : part));
}
