/**
 * What a visitor's first view of a page costs, and whether it stays where it is: bytes over the wire, compressed as in host.mjs, and the
 * shifts that Chromium itself reports while a page comes in over a slow network.
 *
 * SITE is the folder of a finished site.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launch, openPage } from './helpers.mjs';
import { host } from './host.mjs';
import { kindsOf } from './kinds.mjs';

const SITE = process.env.SITE;
/** Most bytes of a first view. */
const MOST = 60_000;
/** Search results answer by themselves, out of the names and search words of all codes and then the index of words. What shows the page itself keeps to the same limit; with its answer it is at most so much. */
const ANSWERS = { results: 680_000 };
const IS_PAGE = /\/$|\.(css|js|svg|png|ico|woff2?|webmanifest)$/;
/** As a phone network, so that what comes late comes after the first paint. */
const SLOW = { offline: false, latency: 100, downloadThroughput: 200_000, uploadThroughput: 100_000 };
const PHONE = { width: 412, height: 823 };
const DESK = { width: 1440, height: 900 };

describe('the first view', { skip: SITE ? false : 'SITE is not set', concurrency: 2 }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** Go to a page that nobody has seen, and wait until nothing comes any more. What the service worker fetches comes after the view. */
  async function visit(test, address, viewport, day) {
    const server = await host(SITE); // one a visit, which counts what it sends
    const { context, page, requests } = await openPage(browser, { baseURL: server.origin, viewport, serviceWorkers: 'block' });
    test.after(async () => {
      await context.close();
      await server.close();
    });
    await page.clock.setFixedTime(new Date(day));
    await page.addInitScript(() => {
      window.shifts = [];
      const named = (node) => (node instanceof Element ? `${node.tagName}.${node.className}` : node?.textContent);
      new PerformanceObserver((list) => {
        for (const one of list.getEntries()) window.shifts.push(`${one.value.toFixed(4)}: ${one.sources.map(({ node }) => named(node)).join(', ')}`);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const tools = await context.newCDPSession(page);
    await tools.send('Network.enable');
    await tools.send('Network.emulateNetworkConditions', SLOW);
    await page.goto(address);
    await page.waitForLoadState('networkidle');
    // What was shown last is painted, and what moved with it is told.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50)))));
    assert.deepEqual(requests.filter((url) => new URL(url).origin !== server.origin), []);
    return { sent: server.log, shifts: await page.evaluate(() => window.shifts) };
  }

  for (const [where, viewport] of Object.entries({ 'a phone': PHONE, 'a desk': DESK })) {
    it(`a claim that a link brings, on ${where}: nothing moves`, async (t) => {
      for (const claim of ['#l=45385-59x1,45380x1,97110-GPx2&pos=11', '#add=97761']) assert.deepEqual((await visit(t, `/claim/${claim}`, viewport, '2026-08-15T12:00:00Z')).shifts, [], claim);
    });
  }

  for (const [kind, address] of Object.entries(SITE ? kindsOf(SITE) : {})) {
    it(`${kind}, on a phone, past the dates: nothing moves, nothing comes from anybody else, and it weighs no more than it may`, async (t) => {
      const { sent, shifts } = await visit(t, address, PHONE, '2026-11-15T12:00:00Z');
      assert.deepEqual(shifts, []);
      const sum = (/** @type {typeof sent} */ some) => some.reduce((total, { bytes }) => total + bytes, 0);
      const said = sent.map((one) => `${one.bytes} ${one.address}`).join('\n');
      const [page, all] = [sum(sent.filter((one) => IS_PAGE.test(one.address) && !one.address.startsWith('/pagefind/'))), sum(sent)];
      t.diagnostic(`${kind}: ${page} of ${all} bytes`);
      assert.ok(page > 10_000 && page <= MOST, said);
      assert.ok(all <= (ANSWERS[kind] ?? MOST), said);
    });

    it(`${kind}, on a desk, within the dates: nothing moves, and nothing comes from anybody else`, async (t) => {
      assert.deepEqual((await visit(t, address, DESK, '2026-08-15T12:00:00Z')).shifts, []);
    });
  }
});
