/**
 * The fee schedule of a locality as a file, taken home from /localities/ as a billing office would.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { launch, needsWholeSite, openPage, settled, violations } from './helpers.mjs';

const whole = await needsWholeSite();
/** A whole locality is some seconds of work, more where other tests run beside it. */
const PATIENCE = 60_000;

describe('the fee schedule of a locality', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, { kept = '', ...options } = {}) {
    const made = await openPage(browser, options);
    test.after(() => made.context.close());
    if (kept) await made.page.addInitScript((text) => localStorage.setItem('locality', text), kept);
    await made.page.goto('/localities/');
    return made;
  }
  const press = (page) => page.getByRole('button', { name: 'Download CSV' }).click();
  const status = (page, says) => page.locator('#fees [role=status]').filter({ hasText: says }).waitFor({ timeout: PATIENCE });

  /** Press the button and read the file: its name, and its rows by code and modifier. */
  async function take(page) {
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: PATIENCE }), press(page)]);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8').trim().split('\r\n').map((line) => JSON.parse(`[${line}]`));
    const rows = lines.map((cells) => Object.fromEntries(cells.map((cell, at) => [head[at], cell])));
    return { name: download.suggestedFilename(), head, rows: new Map(rows.map((row) => [`${row.code}-${row.modifier}`, row])) };
  }

  /** The amounts of a code's calculator, non-QP and QP. */
  async function calculated(page, code, hash) {
    await page.goto(`/codes/${code}/#loc=13202-01&${hash}`);
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    await settled(page);
    return page.locator('.result .allowed dd').filter({ visible: true }).allInnerTexts();
  }

  it('has the amounts that the calculators of the codes show; nothing is fetched for it before the button', async (t) => {
    const { page, complaints, requests } = await open(t);
    await page.waitForLoadState('networkidle');
    assert.deepEqual(requests.filter((url) => /\/fees\/|rates\.json|rules\./.test(url)), []);
    await page.getByLabel('Locality', { exact: true }).selectOption('13202-01');
    const { name, head, rows } = await take(page);
    await status(page, 'Downloaded: fee-schedule-RVU26C-13202-01.csv, 19,356 rows.');
    assert.equal(name, 'fee-schedule-RVU26C-13202-01.csv');
    assert.equal(rows.size, 19_356);
    assert.deepEqual(head.slice(0, 13), ['release', 'locality', 'code', 'modifier', 'status', 'office_result', 'office_non_qp', 'office_qp', 'office_limiting_charge', 'facility_result', 'facility_non_qp', 'facility_qp', 'facility_limiting_charge']);
    assert.equal(requests.filter((url) => url.includes('rates.json')).length, 1);
    for (const [code, hash] of [['97761', '&mod=GP'], ['99214', '']]) {
      const row = rows.get(`${code}-`);
      for (const [setting, pos] of [['office', '11'], ['facility', '22']]) {
        const shown = await calculated(page, code, `pos=${pos}${hash}`);
        assert.deepEqual(shown.map((text) => text.replace(/[^\d.]/g, '')), [row[`${setting}_non_qp`], row[`${setting}_qp`]], `${code} ${setting}`);
      }
    }
    // Manhattan: (1.92 × 1.064 + 2.00 × 1.162 + 0.14 × 1.586) × 33.4009 = 153.27.
    assert.equal(rows.get('99214-').office_non_qp, '153.27');
    assert.equal(rows.get('70496-TC').facility_result, 'NOT_PAID_IN_FACILITY');
    assert.deepEqual(complaints, []);
  });

  it('the page answers while the file is made, and says how far it is; another locality meanwhile is the one that comes', async (t) => {
    const { page, complaints } = await open(t);
    await page.getByLabel('Locality', { exact: true }).selectOption('13202-01');
    await press(page);
    await status(page, 'Working out 19,356 rows…');
    await page.locator('#q').fill('99214'); // whoever works out the rows is not the page, which takes a text meanwhile
    await page.getByLabel('Locality', { exact: true }).selectOption('02102-01');
    const { name, rows } = await take(page);
    assert.equal(name, 'fee-schedule-RVU26C-02102-01.csv');
    assert.deepEqual(new Set([...rows.values()].map(({ locality }) => locality)), new Set(['02102-01']));
    assert.deepEqual(complaints, []);
  });

  it('begins with the locality that the other tools keep, by its number or by a ZIP code, and with none that is not in the list', async (t) => {
    for (const [kept, chosen] of [['loc=02102-01', '02102-01'], ['zip=10001', '13202-01']]) {
      const { page } = await open(t, { kept });
      await page.locator('#f-loc').evaluate((select, wanted) => new Promise((done) => setInterval(() => select.value === wanted && done(true), 20)), chosen);
    }
    const { page, complaints } = await open(t, { kept: 'loc=99999-99' });
    await page.waitForLoadState('networkidle');
    assert.equal(await page.locator('#f-loc').inputValue(), '');
    await press(page);
    // Without a choice the browser itself asks for one.
    assert.equal(await page.locator('#f-loc').evaluate((select) => select.matches(':invalid:focus')), true);
    assert.equal(await page.locator('#fees [role=status]').innerText(), '');
    assert.deepEqual(complaints, []);
  });

  it('says so when a file cannot be had, or is of another release, and makes the file once it can', async (t) => {
    const { page, context } = await open(t, { kept: 'loc=13202-01' });
    await context.route('**/data/v1/compare/rates.json', (route) => route.abort());
    await press(page);
    await status(page, 'could not be loaded, so nothing was downloaded');
    await context.unroute('**/data/v1/compare/rates.json');
    await context.route('**/data/v1/compare/rates.json', (route) => route.fulfill({ json: { release: 'RVU26D', words: '', rows: {} } }));
    await press(page);
    await status(page, 'another release by now. Reload this page');
    await context.unroute('**/data/v1/compare/rates.json');
    assert.equal((await take(page)).rows.size, 19_356);
    assert.equal(await page.locator('#fees .refused').count(), 0);
  });

  it('has no fault that axe finds, in light and in dark, and nothing to scroll sideways at 320 px', async (t) => {
    const { page, context } = await open(t, { kept: 'loc=13202-01', viewport: { width: 320, height: 800 } });
    await context.route('**/data/v1/compare/rates.json', (route) => route.abort());
    await press(page);
    await status(page, 'could not be loaded');
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
    assert.deepEqual(await violations(page, [['light', 320], ['dark', 320]]), []);
  });

  it('without a script there is no form, and a sentence leads to the national amounts', async (t) => {
    const { page } = await open(t, { javaScriptEnabled: false });
    const said = await page.locator('main').innerText();
    assert.match(said, /Without JavaScript, release\.csv has the national amounts/);
    assert.doesNotMatch(said, /Download CSV/);
    assert.equal((await page.request.head(await page.locator('main a', { hasText: 'release.csv' }).getAttribute('href'))).status(), 200);
  });
});
