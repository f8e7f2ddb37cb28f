// @ts-check
/**
 * Knows the codes that the site has pages of: those of the index that its search box loads, `assets/codes.<digest>.json`.
 */

import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';


/** In the place of a folder: every code of the right form is taken. For one's own machine. */
export const ANY = 'any';

/**
 * Where a deployed function finds the files of the site that went along with it (`included_files` in netlify.toml).
 */
const FOLDER = 'site/assets';

/** As CMS's file has them: GXXX1 is one. */
const CODE = /^(?=.*[0-9])[0-9A-Z]{5}$/;

const INDEX = /^codes\.[0-9a-f]+\.json$/;

/**
 * Return whether there is a code, by the index of a folder.
 *
 * @param {string} [folder]
 * @returns {Promise<(code: string) => boolean>}
 * @throws {Error} there is no index, or it holds no codes
 */
export async function knownCodes(folder = FOLDER) {
  if (folder === ANY) return () => true;
  const path = resolve(process.cwd(), folder);
  const names = (await readdir(path)).filter((name) => INDEX.test(name));
  /** @type {Set<string>} */
  const codes = new Set();
  for (const name of names) for (const code of unpacked(JSON.parse(await readFile(join(path, name), 'utf8')).codes)) codes.add(code);
  if (codes.size === 0) throw new Error('the index of codes is empty');
  return (code) => codes.has(code);
}

/**
 * Return the codes of an index: for each a digit that says how many characters it shares with the one before, then its others.
 *
 * @param {string} text
 */
export function unpacked(text) {
  /** @type {string[]} */
  const codes = [];
  let before = '';
  for (let at = 0; at < text.length; ) {
    const shared = Number(text[at]);
    before = before.slice(0, shared) + text.slice(at + 1, at + 6 - shared);
    if (!(shared < 5) || !CODE.test(before)) throw new Error('the index of codes cannot be read');
    codes.push(before);
    at += 6 - shared;
  }
  return codes;
}
