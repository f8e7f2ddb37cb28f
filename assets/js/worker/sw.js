// @ts-check
/**
 * The service worker: opens pages that were visited, and the files they asked for, when the host does not answer.
 *
 * What it keeps is of one release: pages and /data/ from the network first, files of /assets/, whose names say what they hold, from
 * what is kept first. It leaves alone whatever is no GET, /api/, other origins and all other folders. A page is kept under its path
 * alone: what somebody asked behind a ? is not kept. docs/OPERATING.md says how to take a worker back.
 */

/** What the build writes here: the release (empty for none), a name of this build's own, and the files of the page that answers for what is not kept, itself first. */
const MADE = { release: '', build: '', shell: ['/offline/'] };
/** Raise it when a script of this build could not read a file of /data/ that an earlier build wrote for the same release. */
const FORMAT = 1;
const SHELL = `shell ${MADE.build}`;
/** How many of each kind are kept of a release; the oldest go. @type {{[kind: string]: number}} */
const MOST = { pages: 100, assets: 150, data: 150 };
/** Milliseconds after which what is kept is shown, and the network's answer is for the next time. */
const PATIENCE = 3000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const named = (/** @type {string} */ kind) => `${kind} ${MADE.release} ${FORMAT}`;

/**
 * The kind of an address that may be kept; empty for one that may not.
 * @param {URL} url @param {boolean} visit whether somebody goes there
 */
function kindOf(url, visit) {
  if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return '';
  if (visit && url.pathname.endsWith('/')) return 'pages'; // /data/ is one, what lies below it is none
  if (url.pathname.startsWith('/assets/')) return 'assets';
  return url.pathname.startsWith('/data/') ? 'data' : '';
}

/**
 * Keep an answer of the host's, as the newest of its kind, and let go of the oldest beyond the bound.
 * @param {string} kind @param {string} path @param {Response} answer
 */
async function keep(kind, path, answer) {
  const whole = answer.status === 200 && answer.type === 'basic' && !answer.redirected;
  if (!whole || path === MADE.shell[0] || /no-store/.test(answer.headers.get('cache-control') ?? '')) return;
  const cache = await caches.open(named(kind));
  // A page's answer holds the whole address it was asked by; a new one around its text holds none.
  await cache.put(path, kind === 'pages' ? new Response(answer.body, { headers: answer.headers }) : answer);
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST[kind])).map((one) => cache.delete(one)));
}

/** What is kept of a path; of pages and data only what is of this release. @param {string} kind @param {string} path */
async function kept(kind, path) {
  const from = (/** @type {string} */ cacheName) => caches.match(path, { cacheName, ignoreVary: true });
  return (await from(named(kind))) ?? (kind === 'assets' ? from(SHELL) : undefined);
}

/**
 * Ask the host, and keep its answer.
 * @param {FetchEvent} event @param {string} kind @param {string} path @returns {Promise<Response>}
 */
async function asked(event, kind, path) {
  // A page is asked for while this worker starts, where the browser can. A host that does not answer is an error in Chromium, and in
  // Firefox an answer that says so: then it is asked again, which fails.
  const early = await event.preloadResponse;
  const answer = early && early.type !== 'error' ? early : await fetch(event.request);
  event.waitUntil(keep(kind, path, answer.clone()).catch(() => {})); // a full disk keeps nothing
  return answer;
}

/**
 * A kept page with a line in its header that says so.
 * @param {Response} page @param {string} line
 */
async function marked(page, line) {
  const headers = new Headers(page.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const html = await page.text();
  return new Response(html.replace('</header>', `<p class="offline">${line} <a href="">Try again</a></p>\n$&`), { headers });
}

/** A page as it was kept, with the day. @param {Response} page */
function copy(page) {
  const day = new Date(page.headers.get('date') ?? '');
  const of = Number.isNaN(day.getTime()) ? '' : ` of ${day.toLocaleDateString('en-US', { dateStyle: 'long' })}`;
  return marked(page, `<b>Offline copy${of}.</b> Our host did not answer: what changed since then is not on this page.`);
}

/** Answer for a page that is not kept. @param {string} path @param {unknown} problem */
async function missing(path, problem) {
  const page = await caches.match(MADE.shell[0], { cacheName: SHELL });
  if (!page) throw problem;
  const more = path === MADE.shell[0] ? '' : ' The page you asked for is not kept in this browser: it was not opened here since this release came.';
  return marked(page, `<b>No connection.</b>${more}`);
}

/** @param {FetchEvent} event @param {string} kind @param {string} path @returns {Promise<Response>} */
async function answered(event, kind, path) {
  const had = await kept(kind, path);
  if (had && kind === 'assets') return had;
  const news = asked(event, kind, path);
  const shown = kind === 'pages' ? copy : (/** @type {Response} */ one) => one;
  if (!had) return kind === 'pages' ? news.catch((problem) => missing(path, problem)) : news;
  event.waitUntil(news.catch(() => {}));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  return (await Promise.race([news, late]).catch(() => undefined)) ?? shown(had);
}

worker.addEventListener('fetch', (event) => {
  const { method, url, mode } = event.request;
  if (method !== 'GET') return;
  const at = new URL(url);
  const kind = kindOf(at, mode === 'navigate');
  if (kind) event.respondWith(answered(event, kind, at.pathname));
});

worker.addEventListener('install', (event) => {
  // The browser's own cache may hold the page of the build before; a file whose name says what it holds is always the right one.
  const shell = MADE.shell.map((path) => new Request(path, { cache: path.endsWith('/') ? 'no-cache' : 'default' }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(shell)));
  void worker.skipWaiting();
});

worker.addEventListener('activate', (event) => {
  // Another build's page of missing pages, and all that is of another release. An open page of it goes on as without a worker: its
  // files have names of their own, and none of this build's answers for them.
  const ours = [SHELL, ...Object.keys(MOST).map(named)];
  const emptied = caches.keys().then((names) => Promise.all(names.filter((name) => !ours.includes(name)).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([emptied, worker.registration.navigationPreload?.enable()]).then(() => worker.clients.claim()));
});

// A page that was open before this worker answered for it tells what it is made of, so that it counts as visited.
worker.addEventListener('message', (event) => {
  const { release, page, files } = event.data ?? {};
  if (release !== MADE.release || !Array.isArray(files)) return;
  const all = [page, ...files].map((one) => new URL(one, location.origin));
  const wanted = all.map((url, at) => ({ kind: kindOf(url, at === 0), path: url.pathname })).filter(({ kind }) => kind);
  // As it was shown: from the browser's own cache, which spares the host.
  const each = wanted.map(({ kind, path }) => fetch(path, { cache: 'force-cache' }).then((answer) => keep(kind, path, answer)).catch(() => {}));
  event.waitUntil(Promise.all(each));
});
