/**
 * The date of service: which release answers, which days none answers, and what the page says then.
 *
 * 99213 in the office, nation, by hand from CMS's files: RVU20D (0.97 + 1.06 + 0.08) × 36.0896 = 76.1491; RVU23D (1.30 + 1.28 +
 * 0.10) × 33.8872 = 90.8177; RVU25D (1.30 + 1.35 + 0.10) × 32.3465 = 88.9529; RVU26C (1.30 + 1.46 + 0.09) × 33.4009 = 95.1926,
 * × 33.5675 = 95.6674. San Mateo County in RVU23D, 1.082 1.374 0.452: 3.21052 × 33.8872 = 108.7955. 99201 in RVU20D: (0.48 + 0.76 + 0.05) × 36.0896 = 46.5556.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { launch, needsSite, openPage, violations } from './helpers.mjs';

describe('the date of service', { ...needsSite, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A code's page for the length of a test, with its calculator at work. */
  async function open(test, code, state = '', options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.goto(`/codes/${code}/${state}`);
    await made.page.locator('#c-pos').focus();
    await made.page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    return made;
  }

  /** Set the day and wait for what is said of it. */
  async function day(page, date, says) {
    await page.locator('#c-dos').fill(date);
    await page.locator('#c-day').filter({ hasText: says }).waitFor({ state: 'attached' });
  }

  const allowed = (page) => page.locator('.result .allowed dd').filter({ visible: true }).allInnerTexts();
  const found = (name) => `Release of that day: ${name}`;

  it('answers from the release in force, with one column or two, and goes back', async (t) => {
    const { page, complaints } = await open(t, '99213');
    assert.deepEqual(await allowed(page), ['$95.19', '$95.67']);
    await day(page, '2020-10-15', found('RVU20D, October to December 2020'));
    assert.deepEqual(await allowed(page), ['$76.15']);
    assert.match(await page.locator('.result > .steps caption').innerText(), /2020-10-15/);
    assert.match(await page.locator('.result .fine').first().innerText(), /Release RVU20D, October to December 2020\.$/);
    await day(page, '2025-11-01', found('RVU25D'));
    assert.deepEqual(await allowed(page), ['$88.95']);
    await day(page, '2026-07-15', found('RVU26C, July to September 2026'));
    assert.deepEqual(await allowed(page), ['$95.19', '$95.67']);
    await day(page, '2020-12-31', found('RVU20D'));
    await page.locator('#c-dos').fill('');
    await page.waitForFunction(() => document.querySelector('.result .allowed dd')?.textContent === '$95.19');
    assert.equal(await page.locator('#c-day').innerText(), '');
    assert.deepEqual(complaints, []);
  });

  it('gives no amount for a day without a release, names the days that have one, and leaves no older answer standing', async (t) => {
    const { page } = await open(t, '99213');
    await day(page, '2023-12-31', found('RVU23D'));
    assert.deepEqual(await allowed(page), ['$90.82']);
    await day(page, '2021-05-01', 'No release of that day is loaded here. Days that can be answered: October to December 2020, October to December 2021');
    assert.deepEqual(await allowed(page), []);
    assert.equal(await page.locator('.result .pays').isVisible(), false);
    assert.equal(await page.locator('.all').isVisible(), false);
    assert.equal(await page.locator('.result .refusal').isVisible(), false);
    await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent?.includes('No release of that day'));
    await day(page, '2020-10-01', found('RVU20D'));
    assert.deepEqual(await allowed(page), ['$76.15']);
  });

  it('stands in the address behind the #, and comes back from it', async (t) => {
    const { page } = await open(t, '99213');
    await day(page, '2020-10-15', found('RVU20D'));
    // The address follows when the typing rests, or the page is left.
    await page.waitForFunction(() => window.location.hash);
    const url = new URL(await page.evaluate(() => window.location.href));
    assert.deepEqual([url.search, url.hash], ['', '#dos=2020-10-15']);
    const other = await open(t, '99213', url.hash);
    await other.page.locator('#c-day').filter({ hasText: found('RVU20D') }).waitFor();
    assert.deepEqual(await allowed(other.page), ['$76.15']);
    assert.ok(other.requests.every((one) => !new URL(one).search && !new URL(one).pathname.includes('2020')));
  });

  it('a ZIP code of a state whose localities were others is not guessed; its locality of then can be chosen, and is missed later', async (t) => {
    const { page } = await open(t, '99213');
    await page.locator('#c-zip').fill('94401');
    await page.locator('#c-where').filter({ hasText: '01112/05' }).waitFor();
    await day(page, '2023-11-01', found('RVU23D'));
    await page.locator('#c-where').filter({ hasText: '94401 may have led to another locality then' }).waitFor();
    assert.deepEqual(await allowed(page), []);
    await page.locator('#c-loc').selectOption('01112-06');
    assert.deepEqual(await allowed(page), ['$108.80']);
    await page.locator('#c-zip').fill('');
    await page.locator('#c-loc').selectOption('01112-06');
    await day(page, '2026-07-15', found('RVU26C'));
    await page.locator('#c-where').filter({ hasText: 'Locality 01112-06 is not in RVU26C. Choose another.' }).waitFor();
    assert.deepEqual(await allowed(page), []);
    await page.waitForFunction(() => window.location.hash.includes('loc=01112-06'));
    await day(page, '2022-10-01', found('RVU22D'));
    assert.equal(await page.locator('#c-loc').inputValue(), '01112-06');
    await page.locator('#c-loc').selectOption('');
    await day(page, '2026-07-15', found('RVU26C'));
    assert.deepEqual(await allowed(page), ['$95.19', '$95.67']);
  });

  it('says so when the older figures cannot be had, and has them once it can', async (t) => {
    const { page } = await open(t, '99213');
    await page.route('**/data/v1/history/99213.json', (route) => route.abort());
    await day(page, '2020-10-15', 'The release of that day could not be loaded. Try again when you are online.');
    assert.deepEqual(await allowed(page), []);
    await page.unroute('**/data/v1/history/99213.json');
    await page.locator('#c-units').fill('2');
    await page.locator('#c-day').filter({ hasText: found('RVU20D') }).waitFor();
    assert.deepEqual(await allowed(page), ['$152.30']);
  });

  it('several days in quick succession end with the last one’s answer, whatever comes first', async (t) => {
    const { page } = await open(t, '99213');
    const places = await page.evaluate(async () => {
      const { periods } = await (await fetch(document.querySelector('#calculator').dataset.releases)).json();
      return periods.find(({ release }) => release === 'RVU20D').places;
    });
    await page.route(`**${places}`, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await page.locator('#c-dos').fill('2020-10-15');
    await page.locator('#c-dos').fill('2025-11-01');
    await page.locator('#c-day').filter({ hasText: found('RVU25D') }).waitFor();
    await page.waitForTimeout(1000);
    assert.deepEqual(await allowed(page), ['$88.95']);
    assert.match(await page.locator('#c-day').innerText(), /RVU25D/);
  });

  it('a code that is gone begins with its last day', async (t) => {
    const { page, complaints } = await open(t, '99201');
    await page.locator('#c-day').filter({ hasText: found('RVU20D') }).waitFor();
    assert.equal(await page.locator('#c-dos').inputValue(), '2020-12-31');
    assert.deepEqual(await allowed(page), ['$46.56']);
    await day(page, '2026-08-01', found('RVU26C'));
    assert.match(await page.locator('.refusal').innerText(), /^99201 is not in this release\./);
    assert.deepEqual(complaints, []);
  });

  it('all localities, and their file, are those of the day', async (t) => {
    const { page } = await open(t, '99213', '#dos=2020-10-15');
    await page.locator('#c-day').filter({ hasText: found('RVU20D') }).waitFor();
    await page.getByText('All localities').click();
    await page.locator('.all tbody tr').nth(111).waitFor();
    assert.equal(await page.locator('.all tbody tr').count(), 112);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download as CSV').click()]);
    assert.equal(download.suggestedFilename(), '99213-RVU20D-localities.csv');
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 113);
    assert.ok(lines.slice(1).every((line) => line.startsWith('"99213 × 1, 2020-10-15, 11 Office","RVU20D",')));
  });

  for (const [name, date, says] of [['a day that is answered', '2020-10-15', 'Release of that day'], ['a day that is not', '2021-05-01', 'No release of that day']]) {
    it(`axe finds nothing with ${name}; nothing runs over the side of a small phone`, async (t) => {
      const { page } = await open(t, '99213', '', { viewport: { width: 320, height: 640 } });
      await day(page, date, says);
      for (const fold of await page.locator('#history summary').all()) await fold.click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
      assert.deepEqual(await violations(page), []);
    });
  }
});
