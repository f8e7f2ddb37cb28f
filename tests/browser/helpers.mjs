/**
 * Shared by the browser tests: where the site is, how Chromium is started, and a page that remembers what it complained about.
 *
 *     BASE_URL=http://127.0.0.1:8000 node --test tests/browser/*.test.mjs
 *
 * BASE_URL serves a complete site of RVU26C with its Content-Security-Policy. CHROMIUM names the browser.
 */

import { chromium } from 'playwright-core';

export const BASE = process.env.BASE_URL;

/** For `describe`: these tests say nothing without a site. */
export const needsSite = { skip: BASE ? false : 'BASE_URL is not set' };

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
  const context = await browser.newContext({ baseURL: BASE, ...options });
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
  page.setDefaultTimeout(8000);
  return { context, page, complaints, requests };
}
