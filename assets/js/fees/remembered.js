// @ts-check
/** Chooses in a list the locality that the other tools of this site keep in the browser, as a ZIP code or by its number. */

import { fetched } from '../compare/fetched.js';

/**
 * Choose it, unless one is chosen already or it is not in the list.
 * @param {HTMLSelectElement} select
 * @param {string} kept `zip=13202` or `loc=13202-01`
 */
export async function choose(select, kept) {
  const known = new URLSearchParams(kept);
  const zip = /^\d{5}$/.exec(known.get('zip') ?? '')?.[0];
  const found = known.get('loc') ?? (zip ? (await fetched(`/data/v1/zip/${zip.slice(0, 3)}.json`)).zips[zip] : '') ?? '';
  const wanted = found.replace('/', '-');
  if (!select.value && [...select.options].some(({ value }) => value === wanted)) select.value = wanted;
}
