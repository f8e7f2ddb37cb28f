/** The service worker over answers that Chromium never gives it, whose own tests are in tests/browser/offline.test.mjs. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const SOURCE = readFileSync(new URL('../../assets/js/worker/sw.js', import.meta.url), 'utf8');
const ORIGIN = 'https://medpayiq.example';
const page = (/** @type {string} */ text) => new Response(`<header></header><p>${text}</p>`, { headers: { 'content-type': 'text/html', date: 'Mon, 24 Aug 2026 00:00:00 GMT' } });

/**
 * Runs the worker over caches that hold some pages, and a host that does not answer; gives what asks it for a page.
 * @param {{[path: string]: string}} kept
 */
function worker(kept) {
  /** @type {{[name: string]: (event: any) => void}} */
  const heard = {};
  vm.runInNewContext(SOURCE, {
    URL,
    Headers,
    Request,
    Response,
    setTimeout: () => 0,
    location: new URL('/sw.js', ORIGIN),
    fetch: () => Promise.reject(new TypeError('the host does not answer')),
    caches: { match: async (/** @type {string} */ path) => (path in kept ? page(kept[path]) : undefined) },
    self: { addEventListener: (/** @type {string} */ name, /** @type {(event: any) => void} */ run) => (heard[name] = run) },
  });
  return (/** @type {string} */ path, /** @type {Promise<Response | undefined>} */ preloadResponse) =>
    new Promise((resolve) => heard.fetch({ request: { method: 'GET', url: ORIGIN + path, mode: 'navigate' }, preloadResponse, waitUntil: () => {}, respondWith: resolve }));
}

// What a page that is asked for ahead comes to without a host: Chromium and WebKit reject, Firefox gives an answer of the type error.
for (const [browser, preloaded] of /** @type {const} */ ([['rejected', () => Promise.reject(new TypeError('no connection'))], ['an answer of the type error', async () => Response.error()], ['none', async () => undefined]])) {
  test(`without a host a page that was visited opens, and another says that it is not kept: asked for ahead it is ${browser}`, async () => {
    const ask = worker({ '/codes/97761/': 'visited', '/offline/': 'what is kept' });
    assert.match(await (await ask('/codes/97761/', preloaded())).text(), /Offline copy of August 2\d, 2026.*visited/s);
    assert.match(await (await ask('/codes/27447/', preloaded())).text(), /No connection.*is not kept in this browser.*what is kept/s);
  });
}
