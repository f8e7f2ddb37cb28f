// @ts-check
import { inCapitals } from './address.js';
import { localDay, showStale } from './stale.js';

/**
 * Loads the search box the first time a search form is used. If it cannot be loaded,
 * the form still submits to the search page.
 * @param {HTMLFormElement} form
 */
export function prepareSearch(form) {
  const load = () => import('./search/box.js').then((box) => box.attach(form)).catch(() => {});
  form.addEventListener('focusin', load, { once: true });
  if (form.contains(document.activeElement)) {
    form.removeEventListener('focusin', load);
    load();
  }
}

/**
 * Runs the search page where the document is one; without the script its own words stay.
 * @param {HTMLElement} main
 */
export function prepareResults(main) {
  if (!main.querySelector('#results')) return;
  import('./search/page.js').then((page) => page.run(main)).catch(() => {});
}

showStale(document, localDay(new Date()));
for (const form of document.querySelectorAll('form[data-search]')) prepareSearch(/** @type {HTMLFormElement} */ (form));
const main = document.querySelector('main');
if (main) prepareResults(main);

// The page for unknown addresses stands at the address that was asked for.
const capitals = document.body.classList.contains('missing') ? inCapitals(location.pathname) : null;
if (capitals) location.replace(capitals + location.search + location.hash);
