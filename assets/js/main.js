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

/**
 * Shows the calculator. Its script is loaded with the page; the rules and localities come when it is first used, or at once where the
 * address or this browser already knows an input.
 * @param {HTMLElement} section
 */
export function prepareCalculator(section) {
  const said = /** @type {HTMLElement} */ (section.querySelector('#c-said'));
  const load = () => {
    said.textContent = said.dataset.wait ?? '';
    import('./calculator/form.js')
      .then((form) => form.attach(section))
      .then(
        () => said.remove(),
        () => {
          said.textContent = said.dataset.fail ?? '';
          section.addEventListener('focusin', load, { once: true });
        },
      );
  };
  section.hidden = false;
  document.querySelector('.jump')?.removeAttribute('hidden');
  let known = location.search || (location.hash.includes('=') ? location.hash : '');
  try {
    known ||= localStorage.getItem('locality') ?? '';
  } catch {
    // A browser may forbid storage.
  }
  if (known) load();
  else section.addEventListener('focusin', load, { once: true });
}

showStale(document, localDay(new Date()));
for (const form of document.querySelectorAll('form[data-search]')) prepareSearch(/** @type {HTMLFormElement} */ (form));
const main = document.querySelector('main');
if (main) prepareResults(main);
const calculator = document.getElementById('calculator');
if (calculator) prepareCalculator(calculator);

// The page for unknown addresses stands at the address that was asked for.
const capitals = document.body.classList.contains('missing') ? inCapitals(location.pathname) : null;
if (capitals) location.replace(capitals + location.search + location.hash);
