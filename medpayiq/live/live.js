// @ts-check
/**
 * Loads the page again when a source was saved or the linter has found something new, and comes back to where the reader was.
 * Of the live server alone; a build has none of it.
 */

const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-stamp]'));
const KEY = `live ${location.pathname}`;

/** What the reader had open and where he was, kept over one load. */
function keep() {
  const open = [...document.querySelectorAll('details')].map((one) => one.open);
  sessionStorage.setItem(KEY, JSON.stringify({ top: scrollY, open }));
}

function comeBack() {
  const kept = sessionStorage.getItem(KEY);
  if (kept === null) return;
  sessionStorage.removeItem(KEY);
  const { top, open } = JSON.parse(kept);
  document.querySelectorAll('details').forEach((one, at) => {
    if (at < open.length) one.open = open[at];
  });
  scrollTo(0, top);
}

/** @type {EventSource | undefined} */
let source;

function listen() {
  source?.close();
  source = new EventSource('/_live/events');
  source.addEventListener('message', ({ data }) => {
    if (data === script.dataset.stamp) return;
    source?.close();
    keep();
    location.reload();
  });
}

// A browser opens six connections to one server: a tab that nobody sees takes none.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') listen();
  else source?.close();
});
addEventListener('pagehide', () => source?.close());
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) listen();
});
comeBack();
listen();
