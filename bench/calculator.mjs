/**
 * Measures how long the calculator takes from an input to its result in the document, in Chromium, against a frame of 60 a second.
 *
 *     .venv/bin/python build.py serve &
 *     BASE_URL=http://127.0.0.1:8000 node bench/calculator.mjs [changes]
 *
 * Each change is an input event; its handler works the amounts out and writes them. A frame has 16.7 ms: a ratio below 1
 * means that the result stands in the next one. The second column has the processor slowed six times.
 */

import { launch, openPage } from '../tests/browser/helpers.mjs';

const FRAME = 1000 / 60;
const CODES = ['97761', '27447', '71260', '45385', '66984', '99213', '01402', '70496'];
const changes = Number(process.argv[2] ?? 60);

/** Milliseconds of each change: units, or minutes of anesthesia, to and fro. */
async function measure(page) {
  return page.evaluate((times) => {
    const field = document.querySelector('#calculator [name="min"], #calculator [name="units"]');
    const taken = [];
    for (let at = 0; at < times; at += 1) {
      field.value = String(1 + (at % 7));
      const start = performance.now();
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      void document.querySelector('.result').offsetHeight; // the layout that a visitor waits for is part of it
      taken.push(performance.now() - start);
    }
    return taken.sort((one, other) => one - other);
  }, changes);
}

const ratio = (/** @type {number} */ ms) => (ms / FRAME).toFixed(2);
const browser = await launch();
console.log(`frames taken by one of ${changes} changes, median and 95th in a hundred; the same on a processor six times slower`);
for (const code of CODES) {
  const row = [];
  for (const rate of [1, 6]) {
    const { context, page } = await openPage(browser);
    await page.goto(`/codes/${code}/?loc=13202-01${code === '01402' ? '&base=7&min=60&mod=AA' : ''}`);
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    const tools = await context.newCDPSession(page);
    await tools.send('Emulation.setCPUThrottlingRate', { rate });
    const taken = await measure(page);
    row.push(ratio(taken[taken.length >> 1]), ratio(taken[Math.floor(taken.length * 0.95)]));
    await context.close();
  }
  console.log(`${code}  ${row[0]} ${row[1]}   ${row[2]} ${row[3]}`);
}
await browser.close();
