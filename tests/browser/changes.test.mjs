/**
 * The pages of what changed: lists sorted and filtered, a list that is longer than its page fetched whole, no script, a phone, the keyboard.
 *
 * A list longer than its page is served here in place of the site's, so that the test holds for the sample and for a whole release.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launch, needsSite, openPage, violations } from './helpers.mjs';

const PAGE = '/changes/rvu26c/';
/** A table of changes with two rows of two hundred; the file has all of them. */
const LONG = `<section id="amounts" class="change-list"><h2>National amounts</h2><p>200 rows. <a href="/data/v1/changes/rvu26c/amounts.csv" download>Download as CSV</a></p>
<section class="scroll" tabindex="0" aria-label="National amounts, table"><table aria-label="National amounts" data-linked data-file="/data/v1/changes/rvu26c/amounts.csv" data-rows="200">
<thead><tr><th scope="col" data-kind="code">Code</th><th scope="col" data-kind="money" class="n">After</th><th scope="col" data-kind="change" class="n">Change</th><th scope="col" data-kind="text">Name</th></tr></thead>
<tbody><tr><th scope="row"><a href="/codes/99213/">99213</a></th><td class="n">$1,000.00</td><td class="n">−$5.00</td><td>One</td></tr><tr><th scope="row"><a href="/codes/99214/">99214</a></th><td class="n">$20.00</td><td class="n">+$3.00</td><td>Two</td></tr></tbody></table></section>
<p class="fine more-rows">The first 2 of 200 rows; all of them are in the file.</p></section>`;
/** Amounts 1.00 to 200.00, every second one down; a name with a comma and a quotation mark. */
const CSV = ['code,after,change,name', ...Array.from({ length: 200 }, (_, at) => `${10000 + at},${at + 1}.00,${at % 2 ? '-' : ''}${at}.50,${at === 7 ? '"Seven, ""quoted"""' : `Row ${at}`}`)].join('\r\n') + '\r\n';

describe('what changed', { ...needsSite, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    return made;
  }
  /** Serve the page with the long list alone in its main part. */
  async function withLong(page, csv = CSV, list = LONG) {
    await page.route(`**${PAGE}`, async (route) => {
      const answer = await route.fetch();
      const html = (await answer.text()).replace(/<section id="[^"]*" class="change-list">[\s\S]*<section id="near">/, `${list}<section id="near">`);
      assert.ok(html.includes(list));
      return route.fulfill({ response: answer, body: html });
    });
    await page.route('**/data/v1/changes/rvu26c/amounts.csv', (route) => (csv === null ? route.abort() : route.fulfill({ contentType: 'text/csv', body: csv })));
  }
  const codes = (page, id = 'amounts') => page.locator(`#${id} tbody tr`).evaluateAll((rows) => rows.map((row) => row.cells[0].textContent));

  it('without a script every list stands there with a file, and no control that does nothing', async (t) => {
    const { page } = await open(t, { javaScriptEnabled: false });
    await page.goto(PAGE);
    assert.ok((await page.locator('.change-list').count()) > 2);
    assert.equal(await page.locator('.change-list').count(), await page.locator('.change-list a[download]').count());
    assert.equal(await page.locator('#change-filter').isVisible(), false);
    assert.equal(await page.locator('.change-list thead button').count(), 0);
  });

  it('a head sorts by figures, and turns the order at the next press', async (t) => {
    const { page, complaints } = await open(t);
    await withLong(page);
    await page.goto(PAGE);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.locator('#amounts tbody tr').nth(149).waitFor();
    // Of 0.50, -1.50, 2.50 ... -199.50 the least is that of the last row.
    assert.deepEqual((await codes(page)).slice(0, 3), ['10199', '10197', '10195']);
    assert.equal(await page.locator('#amounts th[aria-sort]').getAttribute('aria-sort'), 'ascending');
    assert.match(await page.locator('#amounts .more-rows').innerText(), /first 150 of 200 rows/);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    assert.deepEqual((await codes(page)).slice(0, 2), ['10198', '10196']);
    const cells = await page.locator('#amounts tbody tr').first().locator('th, td').allInnerTexts();
    assert.deepEqual(cells, ['10198', '$199.00', '+$198.50', 'Row 198']);
    // On a phone its head stands before a cell.
    assert.deepEqual(await page.locator('#amounts tbody tr').first().locator('td').evaluateAll((all) => all.map((cell) => cell.dataset.label)), ['After', 'Change', 'Name']);
    assert.deepEqual(complaints, []);
  });

  it('the filter looks through the whole list, not the rows of the page alone, and says how many fit', async (t) => {
    const { page, complaints } = await open(t);
    await withLong(page);
    await page.goto(PAGE);
    await page.getByLabel('Filter all lists').fill('SEVEN quoted');
    await page.getByText('1 row fits, in 1 of 1 lists.').waitFor();
    assert.deepEqual(await codes(page), ['10007']);
    assert.equal(await page.locator('#amounts td').last().innerText(), 'Seven, "quoted"');
    await page.getByLabel('Filter all lists').fill('nothing such');
    await page.getByText('0 rows fit').waitFor();
    assert.match(await page.locator('#amounts .more-rows').innerText(), /No row fits/);
    assert.equal(await page.locator('#amounts thead').isVisible(), false);
    await page.getByLabel('Filter all lists').fill('');
    await page.locator('#amounts tbody tr').nth(149).waitFor();
    assert.equal(await page.locator('#change-said').innerText(), '');
    assert.deepEqual(complaints, []);
  });

  it('a file that cannot be had leaves the rows of the page, sorted, and says so', async (t) => {
    const { page } = await open(t);
    await withLong(page, null);
    await page.goto(PAGE);
    await page.getByRole('button', { name: 'After', exact: true }).click();
    await page.getByText('The whole list could not be loaded').waitFor();
    assert.deepEqual(await codes(page), ['99214', '99213']);
  });

  it('a list of one row has nothing to sort by', async (t) => {
    const { page } = await open(t);
    await withLong(page, null, LONG.replace(/ data-file="[^"]*" data-rows="200"/, '').replace(/<tr><th scope="row"><a href="\/codes\/99214.*?<\/tr>/, ''));
    await page.goto(PAGE);
    await page.getByLabel('Filter all lists').fill('99213');
    await page.getByText('1 row fits, in 1 of 1 lists.').waitFor();
    assert.deepEqual(await page.locator('#amounts thead th').allInnerTexts(), ['Code', 'After', 'Change', 'Name']);
    assert.equal(await page.locator('#amounts thead button').count(), 0);
  });

  it('nothing to complain of for axe, and no more than the screen is wide', async (t) => {
    const { page, complaints } = await open(t);
    for (const url of [PAGE, '/changes/', '/changes/rvu25d/']) {
      await page.goto(url);
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize({ width: 320, height: 700 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), url);
    }
    assert.deepEqual(complaints, []);
  });

  it('feeds and the calendar are where the page says', async (t) => {
    const { page } = await open(t);
    await page.goto('/changes/');
    const links = await page.locator('#feeds a, link[rel="alternate"][type]').evaluateAll((found) => found.map((one) => one.getAttribute('href')));
    assert.ok(links.includes('/changes/feed.xml') && links.includes('/changes/feed.json') && links.includes('/changes/releases.ics'));
    for (const link of new Set(links)) assert.equal((await page.request.get(link)).status(), 200, link);
  });
});
