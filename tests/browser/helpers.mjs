/**
 * Shared by the browser tests: where the site is, how Chromium is started, and a page that remembers what it complained about.
 *
 *     BASE_URL=http://127.0.0.1:8000 node --test tests/browser/*.test.mjs
 *
 * BASE_URL serves a complete site of RVU26C with its Content-Security-Policy. CHROMIUM names the browser.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Rules that look at colours or at sizes, and may find in another view what they did not find in the first. */
const OF_A_VIEW = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

export const BASE = process.env.BASE_URL;

/** For `describe`: these tests say nothing without a site. */
export const needsSite = { skip: BASE ? false : 'BASE_URL is not set' };

/** For `describe`: these tests need every code and the years before; the sample has neither, and of edits those between its own codes. */
export async function needsWholeSite() {
  if (needsSite.skip) return needsSite;
  const { ok } = await fetch(`${BASE}/codes/10004/`, { method: 'HEAD' });
  return { skip: ok ? false : 'the site is the sample' };
}

/**
 * What Chromium leaves out: all that playwright-core leaves out as well and that could be felt here, since only one list counts; the page
 * behind each window's address bar, which nobody sees and which takes as much work as a page of the site; and the process that each context
 * has waiting for its next page, since a context of these tests has few.
 */
const WITHOUT = [
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter'],
  ...['PaintHolding', 'ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'],
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'SpareRendererForSitePerProcess'],
];

/** Chromium without anything that would talk to anybody but the site. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${WITHOUT.join()}`,
    ],
  });
}

/**
 * A page in a context of its own, so that no test sees another's cache; `baseURL` in the options chooses another site.
 * It comes with what it complains about (exceptions, console errors, policy violations, dialogs) and the addresses it asks for.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, options = {}) {
  // A service worker would answer in the place of what a test puts between page and host; offline.test.mjs lets it.
  const context = await browser.newContext({ baseURL: BASE, serviceWorkers: 'block', ...options });
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const requests = [];
  context.on('request', (request) => requests.push(request.url()));
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A page that is not there says so in the console as well; that it is not there is what was asked for.
    const missing = message.location().url === page.url() && message.text().includes('404');
    if (message.type() === 'error' && !missing) complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.setDefaultTimeout(20_000);
  return { context, page, complaints, requests };
}

/**
 * Wait until what a key leaves for right after its picture is done.
 * @param {import('playwright-core').Page} page
 */
export const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

/** Turn to the form of the page that compares rates, and wait until its amounts are there. @param {import('playwright-core').Page} page */
export async function amountsLoaded(page) {
  await page.locator('#compare form:not([hidden])').waitFor();
  await page.locator('#u-file').focus();
  await page.locator('#u-note').filter({ hasText: 'Ready.' }).waitFor();
}

/** What axe looks at: every width in every scheme, and each width and each scheme once. */
export const ALL_VIEWS = /** @type {const} */ ([['light', 360], ['light', 1440], ['dark', 360], ['dark', 1440]]);
const TWO_VIEWS = /** @type {const} */ ([['light', 360], ['dark', 1440]]);

/**
 * What axe finds on a page as it stands, on a phone in light and on a desk in dark; `pages.test.mjs` looks at every kind of page in all four.
 * Where the views are all four, every rule is asked at each width, since a width shows elements of its own; else in the first view.
 * @param {import('playwright-core').Page} page
 * @param {readonly (readonly ['light' | 'dark', number])[]} [views]
 * @returns {Promise<string[]>}
 */
export async function violations(page, views = TWO_VIEWS) {
  await page.evaluate(AXE);
  const found = [];
  for (const [at, [colorScheme, width]] of views.entries()) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const isWhole = at === 0 || (views === ALL_VIEWS && colorScheme === 'light');
    const runOnly = isWhole ? { type: 'tag', values: RULES } : { type: 'rule', values: OF_A_VIEW };
    const { violations: each } = await page.evaluate((runOnly) => window.axe.run({ runOnly, resultTypes: ['violations'] }), runOnly);
    found.push(...each.map((one) => `${colorScheme} ${width}: ${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`));
  }
  return found;
}
