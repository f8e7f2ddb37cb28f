// @ts-check
/**
 * Loads the page again when a source was saved or the linter has found something new, and comes back to where the reader was.
 * Of the live server alone; a build has none of it.
 */

const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-stamp]'));
const KEY = `live ${location.pathname}`;

/** What opens, each with its place within the nearest part that has a name: of that part there may be more or less after a save. */
function openings() {
  /** @type {Map<Element | null, number>} */
  const seen = new Map();
  return [...document.querySelectorAll('details')].map((one) => {
    const part = one.parentElement?.closest('[id]') ?? null;
    const nth = seen.get(part) ?? 0;
    seen.set(part, nth + 1);
    return { one, key: `${part?.id ?? ''} ${nth}` };
  });
}

/** The last part with a name that begins at the upper edge of the window or above it. */
function partInView() {
  return [...document.querySelectorAll('main [id]')].findLast((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().top <= 0);
}

/** A page that could not be made has nothing of what is kept: it waits for the next. */
let waits = false;

/** What the reader had open and where he was, kept over one load: so far below the beginning of a part, since a finding may come or go above. */
function keep() {
  if (waits) return;
  const part = partInView();
  const below = part ? -part.getBoundingClientRect().top : scrollY;
  sessionStorage.setItem(KEY, JSON.stringify({ id: part?.id, below, open: openings().map(({ one, key }) => [key, one.open]) }));
}

function comeBack() {
  const kept = sessionStorage.getItem(KEY);
  if (kept === null) return;
  const { id, below, open } = JSON.parse(kept);
  const part = id === undefined ? document.querySelector('main [id]') : document.getElementById(id);
  waits = part === null;
  if (part === null) return;
  sessionStorage.removeItem(KEY);
  const was = new Map(open);
  for (const { one, key } of openings()) one.open = was.get(key) ?? one.open;
  scrollTo(0, below + (id === undefined ? 0 : part.getBoundingClientRect().top + scrollY));
}

/** @type {EventSource | undefined} */
let source;
/** Whether this page goes because it is loaded again. */
let load = false;

function listen() {
  source?.close();
  source = new EventSource('/_live/events');
  source.addEventListener('message', ({ data }) => {
    if (data === script.dataset.stamp) return;
    source?.close();
    keep();
    load = true;
    location.reload();
  });
}

// A browser opens six connections to one server: a tab that nobody sees takes none.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') listen();
  else source?.close();
});
addEventListener('pagehide', () => {
  source?.close();
  history.scrollRestoration = load ? 'manual' : 'auto'; // else the browser scrolls as well, after us
});
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) listen();
});
comeBack();
listen();
