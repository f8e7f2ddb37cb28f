/**
 * Measures how long the page that compares rates takes for 50,000 rows, in Chromium, and how long it keeps the page from answering.
 *
 *     .venv/bin/python build.py serve &
 *     BASE_URL=http://127.0.0.1:8000 node bench/compare.mjs [rows]
 *
 * The rows are of all codes that pay something in an office, with a modifier and a locality each, so that few are alike. A ratio below 1
 * means within 10 s for the rows, and within 100 ms for the longest task of the page's own thread. The second line has the
 * processor slowed four times.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { amountsLoaded, launch, openPage } from '../tests/browser/helpers.mjs';

const WHOLE = 10_000;
const LONGEST = 100;
const rows = Number(process.argv[2] ?? 50_000);
const MODIFIERS = ['', '59', 'RT', '25', '80', '26'];

const browser = await launch();
const ask = await openPage(browser);
await ask.page.goto('/compare/');
await ask.page.locator('#compare form:not([hidden])').waitFor();
const { codes, places } = await ask.page.evaluate(async () => {
  const { rates, places: where } = document.querySelector('#compare').dataset;
  const [all, localities] = await Promise.all([rates, where].map(async (url) => (await fetch(url)).json()));
  return { codes: Object.keys(all.rows).filter((code) => /[ART]/.test(all.rows[code]['']?.[0])), places: Object.keys(localities) };
});
await ask.context.close();
const text = ['code,modifiers,amount,locality', ...Array.from({ length: rows }, (_, at) => [codes[(at * 7919) % codes.length], MODIFIERS[at % MODIFIERS.length], `${(at * 31) % 900}.25`, places[(at * 13) % places.length].replace('/', '-')].join(','))].join('\n');
const folder = mkdtempSync(path.join(tmpdir(), 'compare-'));
const file = path.join(folder, 'rates.csv');
writeFileSync(file, text); // a file of the disk: bytes that a test hands over are unpacked by the page itself
console.log(`${rows} rows of ${codes.length} codes: share of ${WHOLE} ms until the result stands, share of ${LONGEST} ms that the longest task of the page takes`);
for (const rate of [1, 4]) {
  const { context, page } = await openPage(browser);
  page.setDefaultTimeout(300_000);
  await page.goto('/compare/');
  await amountsLoaded(page);
  await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate });
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (window.longest = Math.max(window.longest, duration)))).observe({ type: 'longtask' });
  });
  const start = performance.now();
  await page.locator('#u-file').setInputFiles(file);
  await page.locator('.rates tbody tr').first().waitFor();
  const taken = performance.now() - start;
  console.log(`${rate === 1 ? 'as it is' : 'four times slower'}: ${(taken / WHOLE).toFixed(2)} ${((await page.evaluate(() => window.longest)) / LONGEST).toFixed(2)}   ${await page.locator('[data-part=count]').innerText()}`);
  await context.close();
}
await browser.close();
rmSync(folder, { recursive: true });
