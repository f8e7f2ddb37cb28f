/**
 * A page of each kind, for what is measured on all of them: the tests of weight and of layout, and Lighthouse in bench/.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const KINDS = {
  home: '/',
  therapy: '/codes/97761/',
  surgery: '/codes/27447/',
  imaging: '/codes/70496/',
  anesthesia: '/codes/00100/',
  unpriced: '/codes/J0897/',
  dental: '/codes/D0120/',
  deleted: '/codes/97762/',
  hub: '/browse/',
  list: '',
  search: '/search/',
  results: '/search/?q=orthotic',
  claim: '/claim/',
  compare: '/compare/',
  toolkit: '/toolkit/',
  mycodes: '/my-codes/',
  changes: '/changes/',
  release: '/changes/rvu26c/',
  field: '/field/',
  report: '/contribute/?code=97761',
  edits: '/edits/',
  denials: '/denials/',
  denial: '/denials/97/',
  modifiers: '/modifiers/',
  modifier: '/modifiers/59/',
  places: '/places/',
  practitioners: '/practitioners/',
  localities: '/localities/',
  text: '/methodology/',
};

/** The file of an address. */
export const fileOf = (/** @type {string} */ site, /** @type {string} */ address) => path.join(site, new URL(address, 'http://localhost').pathname, 'index.html');

/**
 * Kind to address; the list is the longest there is.
 * @param {string} site folder of a finished site
 */
export function kindsOf(site) {
  const lists = readdirSync(path.join(site, 'browse'), { recursive: true, encoding: 'utf8' }).filter((name) => path.basename(name) === 'index.html');
  const size = (/** @type {string} */ name) => statSync(path.join(site, 'browse', name)).size;
  const longest = lists.reduce((one, other) => (size(other) > size(one) ? other : one));
  return { ...KINDS, list: `/browse/${path.dirname(longest).split(path.sep).join('/')}/` };
}

/** Whether search engines are told not to list a page. */
export function isUnlisted(/** @type {string} */ site, /** @type {string} */ address) {
  return /<meta name="robots" content="[^"]*noindex/.test(readFileSync(fileOf(site, address), 'utf8'));
}
