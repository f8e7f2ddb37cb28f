// @ts-check
/** Has the browser run the service worker, which keeps visited pages for days without connection (assets/js/worker/sw.js). */

/**
 * Register the worker, once the page is loaded. A page that asked for its files before the worker answered for it says which.
 * @param {string} release what the build calls its release; the worker keeps pages of one release
 */
export function register(release) {
  const workers = navigator.serviceWorker;
  workers.addEventListener('controllerchange', () => {
    const files = performance.getEntriesByType('resource').map(({ name }) => name);
    workers.controller?.postMessage({ release, page: location.pathname, files });
  });
  workers.register('/sw.js', { scope: '/' }).catch(() => {}); // a browser may forbid it
}
