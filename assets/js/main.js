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
  let known = location.search || (location.hash.includes('=') ? location.hash : '');
  try {
    known ||= localStorage.getItem('locality') ?? '';
  } catch {
    // A browser may forbid storage.
  }
  if (known) load();
  else section.addEventListener('focusin', load, { once: true });
}

/**
 * Runs the claim desk; without its script the page says where else to look.
 * @param {HTMLElement} section
 */
export function prepareDesk(section) {
  const note = /** @type {HTMLElement} */ (section.querySelector('#k-note'));
  const again = /** @type {HTMLButtonElement} */ (section.querySelector('#k-again'));
  const load = () => {
    again.hidden = true;
    import('./claim/desk.js')
      .then((desk) => desk.attach(section))
      .catch(() => {
        note.textContent = note.dataset.fail ?? '';
        again.hidden = false;
      });
  };
  again.onclick = load;
  load();
}

/**
 * Lists a code's edits when somebody asks for them, or at once where an address leads to them. What cannot be loaded leaves the button.
 * @param {HTMLElement} box
 */
export function prepareEdits(box) {
  const button = /** @type {HTMLButtonElement} */ (box.querySelector('button'));
  const said = Object.assign(document.createElement('p'), { className: 'fine', role: 'status' });
  let loading = false;
  box.append(said);
  // Not disabled meanwhile: a disabled button loses the focus.
  button.onclick = () => {
    if (loading) return;
    loading = true;
    said.textContent = `Loading bundling edits… ${box.dataset.ones} in column 1, ${box.dataset.twos} in column 2.`;
    import('./edits/list.js')
      .then((list) => list.attach(box, said))
      .catch(() => {
        said.textContent = 'The list could not be loaded. Try again when you are online; the CSV has the same.';
        loading = false;
      });
  };
  if (['#edits', '#edit-list'].includes(location.hash)) button.click();
}

/**
 * Field reports of a code: asks for the newest when the part comes into view, and unfolds the form in its place.
 * @param {HTMLElement} box
 */
export function prepareReports(box) {
  new IntersectionObserver((seen, watch) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    import('./field/show.js').then((show) => show.refresh(box)).catch(() => {});
    const link = box.parentElement?.querySelector('.report-link a');
    if (link instanceof HTMLAnchorElement) import('./field/fold.js').then((one) => one.fold(link, box.dataset.code ?? '')).catch(() => {});
  }).observe(box);
}

/**
 * The form on its own page, with the code that the address names. Its script does not ask for the kind of payer: what it will hide is hidden
 * before the first paint, so that nothing moves.
 * @param {HTMLFormElement} form
 */
export function prepareReport(form) {
  const kind = form.querySelector('[name="payer_class"]')?.closest('p');
  kind?.setAttribute('hidden', '');
  import('./field/form.js')
    .then((one) => one.attach(form, new URLSearchParams(location.search).get('code') ?? ''))
    .catch(() => kind?.removeAttribute('hidden'));
}

/**
 * The fee schedule of a locality as a file: what makes it is fetched when somebody asks for it. The locality that this browser remembers is chosen.
 * @param {HTMLElement} section
 */
export function prepareFees(section) {
  const [form, select, said] = ['form', 'select', '[role=status]'].map((one) => /** @type {HTMLElement} */ (section.querySelector(one)));
  form.onsubmit = () => {
    import('./fees/download.js').then((one) => one.download(section)).catch(() => (said.textContent = said.dataset.fail ?? ''));
    return false;
  };
  try {
    const kept = localStorage.getItem('locality');
    if (kept) import('./fees/remembered.js').then((one) => one.choose(/** @type {HTMLSelectElement} */ (select), kept)).catch(() => {});
  } catch {
    // A browser may forbid storage.
  }
}

/**
 * Puts what only a script can use into its place. Till then it is text: a browser without scripts shows none of it, not even one that knows
 * no `hidden`.
 * @param {Document} page
 */
export function unfold(page) {
  for (const one of /** @type {NodeListOf<HTMLScriptElement>} */ (page.querySelectorAll('script[type="text/html"]'))) one.outerHTML = one.text;
}

unfold(document);
showStale(document, localDay(new Date()));
for (const form of document.querySelectorAll('form[data-search]')) prepareSearch(/** @type {HTMLFormElement} */ (form));
const main = document.querySelector('main');
if (main) prepareResults(main);
const calculator = document.getElementById('calculator');
if (calculator) prepareCalculator(calculator);
const desk = document.getElementById('desk');
if (desk) prepareDesk(desk);
const edits = document.getElementById('edit-list');
if (edits) prepareEdits(edits);
const fees = document.getElementById('fees');
if (fees) prepareFees(fees);
const reports = document.getElementById('field-reports');
if (reports) prepareReports(reports);
const report = document.querySelector('form#report');
if (report instanceof HTMLFormElement) prepareReport(report);

// Where this browser keeps visited pages; see there.
const kept = document.getElementById('kept');
if (kept) import('./offline/list.js').then((list) => list.show(kept)).catch(() => {});
// Nothing of the page waits for it. A page that promises to ask for nothing once it is loaded is left out, as is one that is being
// written: `serve --live` gives it a script with a stamp, and has no worker.
const keep = document.querySelector('header[data-keep]')?.getAttribute('data-keep');
if (keep && 'serviceWorker' in navigator && !document.querySelector('#compare, script[data-stamp]')) {
  addEventListener('load', () => import('./offline/register.js').then((one) => one.register(keep)).catch(() => {}));
}

// The page for unknown addresses stands at the address that was asked for.
const capitals = document.body.classList.contains('missing') ? inCapitals(location.pathname) : null;
if (capitals) location.replace(capitals + location.search + location.hash);
