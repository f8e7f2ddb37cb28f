// @ts-check
/**
 * Stands at /sw.js in the place of a worker that is taken back (site.yml, keep_offline: false): lets go of all that was kept, and of
 * itself. It answers no request. Pages that are open stay as they are.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('activate', (event) => {
  const emptied = caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(emptied.then(() => worker.registration.unregister()));
});
