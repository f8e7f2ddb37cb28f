/**
 * Field reports in a browser: the part of a code page as it refreshes itself, the form with and without a script, by keyboard and on a phone.
 *
 * The site is served without its function; answers of one are made up here. The way through the real one: tests/test_field_way.py.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launch, needsSite, openPage, violations } from './helpers.mjs';

const FIGURES = {
  code: '97761',
  reports: '10-24',
  period: { from: '2026Q3', to: '2026Q4' },
  published: '2026-11-28',
  reasons: [{ key: '97', band: '10-24' }, { key: '4', band: '5-9' }],
  payers: [{ key: 'medicare/noridian', band: '5-9' }],
  outcomes: [],
  worked: [{ key: 'corrected_modifier', band: '5-9' }],
};

describe('field reports', { ...needsSite, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A page before which the function answers as told; `sent` gathers what was posted. */
  async function open(test, path, { figures = { code: '97761', reports: null, published: null }, status = 200, taken = { status: 201, json: { stored: true } }, ...options } = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    const sent = [];
    await made.context.route('**/api/reports**', (route) => {
      const request = route.request();
      if (request.method() !== 'POST') return route.fulfill({ status, json: figures });
      sent.push({ headers: request.headers(), text: request.postData() });
      return route.fulfill(taken);
    });
    await made.page.goto(path);
    return { ...made, sent };
  }
  const box = (page) => page.locator('#field-reports');
  const answered = (page) => page.waitForResponse('**/api/reports/97761');

  async function choose(page) {
    await page.selectOption('#r-payer', { label: 'Noridian Healthcare Solutions' });
    await page.selectOption('#r-modifier', '59');
    await page.selectOption('#r-reason', '97');
    await page.getByLabel('Paid on a corrected claim').check();
    await page.getByLabel('Corrected the modifier').check();
    await page.selectOption('#r-role', 'biller');
  }

  it('a code page asks for the newest figures when the part comes into view, and shows them', async (t) => {
    const { page, requests, complaints } = await open(t, '/codes/97761/', { figures: FIGURES });
    await page.waitForLoadState('load');
    assert.equal(requests.filter((url) => url.includes('/api/')).length, 0);
    await box(page).scrollIntoViewIfNeeded();
    await box(page).getByText('10 to 24 reports').waitFor();
    assert.deepEqual(await box(page).locator('h3').allTextContents(), ['Denied for', 'Denied by', 'What worked']);
    assert.deepEqual(await box(page).locator('li').first().locator('span, b').allTextContents(), ['97 Bundled with another service', '10 to 24']);
    const widths = await box(page).locator('.bands b').evaluateAll((all) => all.map((one) => getComputedStyle(one, '::before').width));
    assert.equal(new Set(widths.slice(1)).size, 1);
    assert.ok(parseFloat(widths[0]) > parseFloat(widths[1]));
    assert.deepEqual(complaints, []);
    assert.deepEqual(await violations(page), []);
  });

  for (const [what, given] of Object.entries({
    'an answer that does not fit': { figures: { ...FIGURES, reasons: [{ key: '<img src=x>', band: '5-9' }] } },
    'a number in the place of a band': { figures: { ...FIGURES, reports: 12 } },
    "another code's figures": { figures: { ...FIGURES, code: '97110' } },
    'a page of a host without the function': { status: 204, figures: {} },
  })) {
    it(`${what} leaves what the build wrote`, async (t) => {
      const { page } = await open(t, '/codes/97761/', given);
      const before = await box(page).innerHTML();
      const heard = Promise.all([answered(page), page.waitForResponse('**/assets/field.*.json')]);
      await box(page).scrollIntoViewIfNeeded();
      for (const answer of await heard) await answer.finished();
      await page.locator('.report-link summary').waitFor();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      assert.equal(await box(page).innerHTML(), before);
    });
  }

  it('where the site takes no reports in, nobody is asked', async (t) => {
    const { page, requests, complaints } = await open(t, '/codes/97761/');
    // As the build writes it with take_reports: false.
    await page.evaluate(() => {
      delete document.getElementById('field-reports').dataset.code;
      document.querySelector('.report-link').remove();
    });
    const loaded = page.waitForResponse('**/field/show.js');
    await box(page).scrollIntoViewIfNeeded();
    await (await loaded).finished();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    assert.deepEqual(requests.filter((url) => url.includes('/api/') || /assets\/field\.[^/]*\.json/.test(url)), []);
    assert.deepEqual(complaints, []);
  });

  it('the form unfolds on the code page, filled in with its code, and sends itself without leaving it', async (t) => {
    const { page, sent, complaints } = await open(t, '/codes/97761/');
    await box(page).scrollIntoViewIfNeeded();
    await page.locator('.report-link summary').click();
    await page.locator('#report').waitFor();
    assert.equal(await page.locator('#r-code').inputValue(), '97761');
    assert.equal(await page.locator('#r-payer_class').isVisible(), false);
    await choose(page);
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.getByText('Thank you').waitFor();
    assert.match(page.url(), /\/codes\/97761\/$/);
    assert.equal(sent.length, 1);
    assert.deepEqual(JSON.parse(sent[0].text), {
      code: '97761', payer_class: 'medicare', payer: 'noridian', reason: '97', modifier: '59', outcome: 'paid_corrected', role: 'biller', worked: ['corrected_modifier'], website: '',
    });
    assert.match(sent[0].headers['idempotency-key'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.ok(Number(sent[0].headers['form-seconds']) >= 0);
    assert.deepEqual(complaints, []);
  });

  it('what is missing is said at its field, the first one gets the focus, and nothing is sent', async (t) => {
    const { page, sent } = await open(t, '/contribute/?code=9776');
    await page.getByRole('button', { name: 'Send the report' }).click();
    assert.deepEqual(await page.locator('#report .wrong').evaluateAll((all) => all.map((one) => one.id.replace('r-wrong-', '')).sort()), ['code', 'modifier', 'outcome', 'payer', 'reason', 'role']);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'r-code');
    assert.deepEqual(await violations(page), []);
    await page.fill('#r-code', 'g0283');
    await choose(page);
    assert.equal(await page.locator('#r-code').inputValue(), 'G0283');
    for (const name of ['Corrected the units', 'Sent the records', 'Wrote an appeal']) await page.getByLabel(name).check();
    await page.getByRole('button', { name: 'Send the report' }).click();
    assert.deepEqual(await page.locator('#report .wrong').filter({ visible: true }).allTextContents(), ['At most 3 of them.']);
    assert.equal(sent.length, 0);
    await page.getByLabel('Wrote an appeal').uncheck();
    assert.equal(await page.locator('#report .wrong').filter({ visible: true }).count(), 0);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.getByText('Thank you').waitFor();
    assert.equal(JSON.parse(sent[0].text).worked.length, 3);
  });

  it('what the function finds wrong is said at the field it names; choices stay, and the same report has the same key', async (t) => {
    const taken = { status: 422, json: { error: { kind: 'fields', message: 'Some fields need another choice.', fields: [{ field: 'reason', message: 'The reason: choose <b>one</b>.' }] } } };
    const { page, sent } = await open(t, '/contribute/?code=97761', { taken });
    await choose(page);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.locator('#r-wrong-reason').waitFor();
    assert.equal(await page.locator('#r-wrong-reason').textContent(), 'The reason: choose <b>one</b>.');
    assert.equal(await page.locator('#r-reason').inputValue(), '97');
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.locator('#r-wrong-reason').waitFor();
    assert.equal(await page.locator('#report [role="status"]').textContent(), 'The report was not taken. Some fields need another choice. Your choices are kept here.');
    assert.equal(sent.length, 2);
    assert.equal(sent[0].headers['idempotency-key'], sent[1].headers['idempotency-key']);
  });

  const error = (message, fields = []) => ({ error: { kind: 'any', message, fields } });
  for (const [what, taken, said] of [
    ['a limit with its own words and seconds', { status: 429, json: error('Many <b>reports</b> came.'), headers: { 'Retry-After': '1380' } }, 'The report was not taken. Many <b>reports</b> came. Try again in 23 minutes. Your choices are kept here.'],
    ['a limit without any', { status: 429, json: {} }, 'The report was not taken. Too many reports came from your connection. Your choices are kept here.'],
    ['a failure that is over in a minute', { status: 503, json: error('Not now.'), headers: { 'Retry-After': '60' } }, 'Not now. Try again in a minute. Your choices are kept here. Sent again, it is stored once.'],
    ['a failure that is over in two hours', { status: 503, json: error('Not now.'), headers: { 'Retry-After': '7200' } }, 'Not now. Try again in 2 hours. Your choices are kept here. Sent again, it is stored once.'],
    ['a failure without words', { status: 502, body: '<html>', headers: { 'Retry-After': 'soon' } }, 'It is not known whether the report was taken in. Your choices are kept here. Sent again, it is stored once.'],
    ['a refusal of the whole', { status: 422, json: error('Leave it empty.', [{ field: '', message: 'A field too much.' }, { field: 'website', message: 'The trap.' }]) }, 'The report was not taken. Leave it empty. A field too much. The trap. Your choices are kept here.'],
  ]) {
    it(`what the function answers is what the form says: ${what}`, async (t) => {
      const { page } = await open(t, '/contribute/?code=97761', { taken });
      await choose(page);
      await page.getByRole('button', { name: 'Send the report' }).click();
      await page.locator('#report [role="status"]').filter({ hasText: 'kept here' }).waitFor();
      assert.equal(await page.locator('#report [role="status"]').textContent(), said);
      assert.equal(await page.locator('#r-reason').inputValue(), '97');
    });
  }

  it('no answer, and nobody knows whether the report was taken: choices and key stay, and sending again can end well', async (t) => {
    const { page, sent } = await open(t, '/contribute/?code=97761');
    let arrived = '';
    await page.route('**/api/reports', (route) => {
      arrived = route.request().headers()['idempotency-key'];
      return route.abort('connectionreset');
    }, { times: 1 });
    await choose(page);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.locator('#report [role="status"]').filter({ hasText: 'kept here' }).waitFor();
    assert.equal(await page.locator('#report [role="status"]').textContent(), 'It is not known whether the report was taken in. Your choices are kept here. Send it again when you are online: it is stored once.');
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.getByText('Thank you').waitFor();
    assert.deepEqual(sent.map(({ headers }) => headers['idempotency-key']), [arrived]);
  });

  it('what worked is asked where the claim was paid, and what is no longer asked is not sent', async (t) => {
    const { page, sent } = await open(t, '/contribute/?code=97761');
    await choose(page);
    const offered = () => page.locator('[name="worked"]').filter({ visible: true }).evaluateAll((all) => all.map((one) => one.value));
    const paid = await offered();
    assert.ok(paid.length > 5 && !paid.includes('nothing_worked'));
    for (const name of ['Corrected the units', 'Sent the records', 'Wrote an appeal']) await page.getByLabel(name).check();
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.locator('#r-wrong-worked').filter({ visible: true }).waitFor();
    await page.getByLabel('Denial upheld').check();
    assert.deepEqual(await offered(), ['nothing_worked']);
    assert.equal(await page.locator('#r-wrong-worked').filter({ visible: true }).count(), 0);
    await page.getByLabel('Nothing so far').check();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.getByText('Thank you').waitFor();
    assert.deepEqual(JSON.parse(sent[0].text).worked, ['nothing_worked']);
  });

  it('a link within the unfolded form looks like any other of a text', async (t) => {
    const { page } = await open(t, '/codes/97761/');
    await box(page).scrollIntoViewIfNeeded();
    await page.locator('.report-link summary').click();
    await page.locator('#report').waitFor();
    const look = (link) => link.evaluate((one) => [getComputedStyle(one).display, getComputedStyle(one).fontWeight]);
    const within = await look(page.locator('#report a'));
    assert.equal(await page.locator('#report noscript').isVisible(), false);
    await page.goto('/contribute/');
    assert.deepEqual(within, await look(page.locator('#report a')));
  });

  it('without a script the invitation leads to the form, and the form sends every field by itself', async (t) => {
    const { page, sent } = await open(t, '/codes/97761/', { javaScriptEnabled: false, taken: { status: 303, headers: { Location: '/contribute/thanks/' } } });
    await page.getByRole('link', { name: 'Report a denial of 97761' }).click();
    await page.waitForURL('**/contribute/?code=97761');
    await page.fill('#r-code', '97761');
    await page.selectOption('#r-payer_class', 'medicare');
    await choose(page);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.waitForURL(/thanks|api/);
    assert.equal(sent.length, 1);
    const fields = [...new URLSearchParams(sent[0].text)].map(([name, one]) => `${name}=${one}`).sort();
    assert.deepEqual(fields, ['code=97761', 'modifier=59', 'outcome=paid_corrected', 'payer=noridian', 'payer_class=medicare', 'reason=97', 'role=biller', 'state=', 'website=', 'worked=corrected_modifier']);
  });

  it('the trap is out of sight, out of the order of keys and out of what is read aloud', async (t) => {
    const { page } = await open(t, '/contribute/');
    const trap = await page.locator('#r-website').evaluate((field) => ({ hidden: field.closest('[aria-hidden="true"]') !== null, tab: field.tabIndex, width: field.parentElement.getBoundingClientRect().width, filled: field.value }));
    assert.deepEqual(trap, { hidden: true, tab: -1, width: 1, filled: '' });
  });
});

// RANKING_URL serves a site with figures of several codes; tests/test_field.py names one.
if (process.env.RANKING_URL) {
  it('the ranking has a block a code on a phone and columns on a desk', async (t) => {
    const browser = await launch();
    t.after(() => browser.close());
    const { page } = await openPage(browser, { baseURL: process.env.RANKING_URL, viewport: { width: 360, height: 800 } });
    await page.goto('/field/');
    const rows = page.locator('.field-codes tbody tr');
    const seen = () =>
      rows.evaluateAll((all) =>
        all.map((row) =>
          Array.from(row.children, (cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            const { left, right } = range.getBoundingClientRect();
            return { left, right, top: cell.getBoundingClientRect().top, before: getComputedStyle(cell, '::before').content };
          }),
        ),
      );
    const phone = await seen();
    assert.ok(phone.length > 1);
    for (const cells of phone) {
      assert.ok(cells.every(({ left, right }) => left >= 0 && right <= 360), JSON.stringify(cells));
      assert.equal(new Set(cells.map(({ top }) => top)).size, cells.length);
      assert.deepEqual(cells.map(({ before }) => before), ['none', 'none', '"Reports"', '"Denied most for"', '"Worked most"']);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    for (const cells of await seen()) assert.deepEqual([new Set(cells.map(({ top }) => top)).size, ...new Set(cells.map(({ before }) => before))], [1, 'none']);
    assert.deepEqual(await violations(page), []);
  });
}
