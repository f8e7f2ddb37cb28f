/**
 * The list of edits on a code page: what it says of dates and reasons, its pages, and what the keyboard and a phone find.
 *
 * Counts and codes of 96523: CMS's edit set of 2026 Q3 (ccipra-v322r0-f1 to f4.txt), which leaves first days and reasons blank.
 * A list with dates and reasons is made up here and served in place of the site's.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { BASE, launch, needsWholeSite, openPage, settled, violations } from './helpers.mjs';

const whole = await needsWholeSite();

const HEAD = 'Column 1,Column 2,Modifier indicator,Effective,Deleted,Rationale,In force';
const DATED = [
  HEAD,
  '97761,36591,0,2020-01-01,none,Misuse of Column Two code with Column One code,yes',
  '97761,97110,1,2018-07-01,none,"Standards of medical/surgical practice, ""usual"" parts",yes',
  '97761,97112,1,,none,,yes',
  '97761,97140,1,2010-01-01,2015-12-31,More extensive procedure,no',
  '97150,97761,1,2019-04-01,none,Mutually exclusive procedures,yes',
  '99999,97761,9,2012-01-01,2012-01-01,More extensive procedure,no',
];
/** As CMS's practitioner files of 2026 Q3 are: no first day and no reason; here no last day either. */
const BARE = [HEAD, '97761,36591,0,,,,yes', '97761,97110,1,,,,yes'];

describe('the list of edits on a code page', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A code's page with its list shown; `rows` stand in for the site's list. */
  async function open(test, code, { rows = null, hash = '', ask = true, ...options } = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    if (rows) await made.page.route('**/data/v1/edits/*.csv', (route) => route.fulfill({ contentType: 'text/csv', body: `${rows.join('\r\n')}\r\n` }));
    await made.page.goto(`/codes/${code}/${hash}`);
    if (ask) await made.page.locator('#edit-list button').click();
    if (ask || hash) await made.page.locator('.edit-rows').first().waitFor();
    return made;
  }
  const said = async (page) => {
    await settled(page);
    return page.locator('#edit-list [role=status]').innerText();
  };
  /** The codes that a column's table lists: the first table is column 1. */
  const listed = async (page, at = 0) => {
    await settled(page);
    return page.locator('.edit-rows').nth(at).locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.cells[0].firstChild.textContent));
  };
  const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);

  it('on a phone a name has the width that the way to the claim desk leaves, above what its indicator says', async (t) => {
    const { page } = await open(t, '97761', { rows: BARE, viewport: { width: 360, height: 740 } });
    const [name, says, check] = await page.locator('.edit-rows').first().locator('tbody tr').first().locator('th, td').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
    assert.ok(says.top >= name.bottom && check.left >= name.right, JSON.stringify([name, says, check]));
    assert.ok(name.width > 240, String(name.width));
  });

  it('the codes with the most edits lead to their pages', async (t) => {
    const { page, context } = await openPage(browser);
    t.after(() => context.close());
    await page.goto('/edits/');
    const codes = await page.locator('#busiest tbody th').evaluateAll((all) => all.map((one) => [`/codes/${one.textContent}/`, one.querySelector('a')?.getAttribute('href')]));
    assert.ok(codes.length >= 10, String(codes.length));
    assert.deepEqual(codes.filter(([page, link]) => page !== link), []);
  });

  it('dates, reasons and words stand in their columns; what is blank in one row is not known there', async (t) => {
    const { page, complaints } = await open(t, '97761', { rows: DATED });
    const cells = (at) => page.locator('.edit-rows').nth(at).locator('tr').evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)));
    assert.deepEqual(await cells(0), [
      ['Modifier', 'From', 'To', 'Reason', 'Claim'],
      ['0 No modifier bypasses it', '2020-01-01', 'none', 'Misuse of Column Two code with Column One code', 'Check'],
      ['1 A modifier may bypass it', '2018-07-01', 'none', 'Standards of medical/surgical practice, "usual" parts', 'Check'],
      ['1 A modifier may bypass it', 'not known', 'none', 'not known', 'Check'],
    ]);
    assert.equal(await page.getByText('Not known from the source').count(), 0);
    assert.equal(await page.getByRole('link', { name: 'What each reason means' }).getAttribute('href'), '/edits/#rationales');
    assert.deepEqual(await page.locator('.edit-rows caption').allTextContents(), await page.locator('#edit-list h3').allTextContents());
    assert.deepEqual(complaints, []);
  });

  it('columns of which nothing is known are left out and named once', async (t) => {
    const { page } = await open(t, '97761', { rows: BARE });
    assert.deepEqual(await page.locator('.edit-rows thead th').allInnerTexts(), ['Code', 'Modifier', 'Claim']);
    await page.getByText("Not known from the source of 2026 Q3 (v322r0): the day from which each edit holds, its last day, and CMS's reason for it.").waitFor();
    assert.equal(await page.locator('.edit-rows').filter({ hasText: 'not known' }).count(), 0);
    assert.equal(await page.getByLabel('Also edits that ended').count(), 0);
  });

  it('edits that ended are there when they are asked for, and so are those that CMS took back', async (t) => {
    const { page } = await open(t, '97761', { rows: DATED });
    assert.equal(await said(page), '4 edits: 97761 is column 1 in 3, column 2 in 1.');
    await page.getByLabel('Also edits that ended').check();
    assert.equal(await said(page), '6 edits: 97761 is column 1 in 4, column 2 in 2.');
    assert.deepEqual(await listed(page), ['36591', '97110', '97112', '97140']);
    await page.getByLabel('Also edits that ended').uncheck();
    await page.getByLabel('Modifier', { exact: true }).selectOption('9');
    assert.equal(await page.getByLabel('Also edits that ended').isChecked(), true);
    assert.deepEqual([await listed(page), await listed(page, 1)], [[], ['99999']]);
    // No page has this code, so that nothing leads to one.
    assert.equal(await page.getByRole('link', { name: '99999', exact: true }).count(), 0);
  });

  it('several words must all be there, in the reason or the name; the field keeps the focus', async (t) => {
    const { page } = await open(t, '97761', { rows: DATED });
    assert.equal(await focused(page), 'e-words');
    await page.keyboard.type('USUAL standards');
    assert.deepEqual([await listed(page), await listed(page, 1)], [['97110'], []]);
    assert.equal(await said(page), '1 edit: 97761 is column 1 in 1, column 2 in 0.');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('usual exclusive');
    assert.equal(await said(page), '0 edits: 97761 is column 1 in 0, column 2 in 0.');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('port blood');
    assert.deepEqual(await listed(page), ['36591']);
    assert.equal(await focused(page), 'e-words');
  });

  it('orders by first day and back, says so in the head, and the head keeps the focus', async (t) => {
    const { page } = await open(t, '97761', { rows: DATED });
    await page.getByLabel('Also edits that ended').check();
    const head = page.locator('.edit-rows').first().locator('thead th').filter({ hasText: 'From' });
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(await listed(page), ['97112', '97140', '97110', '36591']);
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await listed(page), ['36591', '97110', '97140', '97112']);
    assert.equal(await focused(page), 'From');
    assert.deepEqual(await page.locator('.edit-rows').first().locator('th[aria-sort]').evaluateAll((all) => all.map((one) => one.ariaSort)), ['none', 'none', 'descending', 'none', 'none']);
  });

  it('96523: 10,529 rows turn page by page under the keyboard; the first row stays in view, and so does the pager', async (t) => {
    const { page } = await open(t, '96523');
    assert.equal(await said(page), '10,535 edits: 96523 is column 1 in 6, column 2 in 10,529.');
    const pager = page.locator('.pager').filter({ visible: true });
    assert.equal((await listed(page, 1)).at(-1), '00211');
    await pager.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    assert.match(await pager.innerText(), /51 to 100 of 10,529/);
    assert.equal((await listed(page, 1))[0], '00212');
    await page.locator('.edit-rows').nth(1).locator('tbody tr').last().scrollIntoViewIfNeeded();
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'Next');
    const seen = (locator) => locator.evaluate((one) => ((box) => box.top >= 0 && box.bottom <= innerHeight)(one.getBoundingClientRect()));
    assert.deepEqual([await seen(page.locator('.edit-rows').nth(1).locator('tbody tr').first()), await seen(pager)], [true, true]);
    assert.equal(await pager.locator('span').getAttribute('aria-live'), 'polite');
    // M0224 is the last code beside which CMS denies 96523.
    await page.locator('.edit-rows').nth(1).getByRole('button', { name: 'Code' }).click();
    assert.equal((await listed(page, 1))[0], 'M0224');
    await pager.getByRole('button', { name: 'Previous' }).press('Enter');
    assert.match(await pager.innerText(), /1 to 50 of 10,529/);
    assert.equal(await focused(page), 'Previous');
    assert.ok((await page.locator('#edit-list tr').count()) <= 200);
    await page.getByLabel('Filter by code or words').fill('2061');
    assert.deepEqual(await listed(page, 1), ['20615', '20612', '20611', '20610']);
    assert.equal(await page.getByRole('button', { name: 'Next' }).count(), 0);
  });

  it('where nothing fits the filter no head stands over nothing; a pager covers what it lies over', async (t) => {
    const { page } = await open(t, '97761', { viewport: { width: 768, height: 1000 } });
    const [pager, rows] = await page.locator('#edit-list').evaluate((box) => ['.pager', '.edit-rows'].map((one) => box.querySelector(one).getBoundingClientRect().width));
    assert.ok(pager >= rows, `${pager} px of ${rows} px`);
    await page.getByLabel('Filter by code or words').fill('97110');
    assert.deepEqual(await listed(page), ['97110']);
    assert.deepEqual(await page.locator('.edit-rows thead').evaluateAll((all) => all.map((one) => one.checkVisibility())), [true, false]);
    assert.equal(await page.getByText('None fits.').count(), 1);
  });

  for (const hash of ['#edits', '#edit-list']) {
    it(`an address with ${hash} shows the list at once, and leaves the focus where it is`, async (t) => {
      const { page } = await open(t, '97761', { hash, ask: false });
      assert.equal((await listed(page, 1)).length, 5);
      assert.notEqual(await focused(page), 'e-words');
    });
  }

  it('nothing is fetched before it is asked for', async (t) => {
    const { page, requests } = await open(t, '97761', { ask: false });
    await page.locator('#edit-list button').waitFor();
    await page.locator('#edits').scrollIntoViewIfNeeded();
    assert.deepEqual(requests.filter((url) => /\/edits\/|edit-words|codes\.\w+\.json/.test(url)), []);
  });

  it('says what it loads while it loads, with the counts; and that it could not when its own script fails', async (t) => {
    const { context, page } = await openPage(browser);
    t.after(() => context.close());
    let answer = () => {};
    const asked = new Promise((resolve) => {
      answer = resolve;
    });
    await page.route('**/data/v1/edits/97761.csv', async (route) => {
      await asked;
      await route.continue();
    });
    await page.goto('/codes/97761/');
    await page.locator('#edit-list button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await said(page), 'Loading bundling edits… 66 in column 1, 5 in column 2.');
    answer();
    await page.locator('.edit-rows').first().waitFor();
    assert.equal(await focused(page), 'e-words');

    await page.route('**/edits/list.js', (route) => route.abort());
    await page.reload();
    await page.locator('#edit-list button').focus();
    await page.keyboard.press('Enter');
    await page.getByText('The list could not be loaded. Try again when you are online; the CSV has the same.').waitFor();
    assert.match(await focused(page), /^Show the list of 71$/);
  });

  it('without the names of codes the list is shown all the same', async (t) => {
    const { context, page } = await openPage(browser);
    t.after(() => context.close());
    await page.route('**/assets/codes.*.json', (route) => route.abort());
    await page.goto('/codes/97761/');
    await page.locator('#edit-list button').click();
    await page.locator('.edit-rows').first().waitFor();
    assert.equal(await said(page), '71 edits: 97761 is column 1 in 66, column 2 in 5.');
    await page.getByLabel('Filter by code or words').fill('9711');
    assert.deepEqual(await listed(page), ['97110', '97112', '97116']);
  });

  for (const [state, code, options] of [
    ['dates and reasons', '97761', { rows: DATED }],
    ['a long list without them', '96523', {}],
  ]) {
    it(`${state}: axe finds nothing in light and dark, on a phone and on a desk, and nothing is wider than 320 px`, async (t) => {
      const { page } = await open(t, code, options);
      if (options.rows) await page.getByLabel('Also edits that ended').check();
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize({ width: 320, height: 700 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    });
  }
});
