/**
 * The whole way of field reports, through the real function and its store: from the form, with and without a script, over a
 * publication, to the page of the code.
 *
 * BASE_URL serves a site with the function behind it; TOKEN is the operator's.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { BASE, launch, needsSite, openPage } from '../browser/helpers.mjs';

const CODE = '97110';

describe('from the form to the page', needsSite, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function choose(page) {
    await page.selectOption('#r-payer', { label: 'Noridian Healthcare Solutions' });
    await page.selectOption('#r-modifier', '59');
    await page.selectOption('#r-reason', '97');
    await page.getByLabel('Paid on a corrected claim').check();
    await page.getByLabel('Corrected the modifier').check();
    await page.selectOption('#r-role', 'biller');
  }

  /** A report as somebody without scripts sends it. */
  async function plain() {
    const { context, page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto('/contribute/');
    await page.fill('#r-code', CODE);
    await page.selectOption('#r-payer_class', 'medicare');
    await choose(page);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.waitForURL('**/contribute/thanks/');
    assert.equal(await page.locator('h1').textContent(), 'Thank you');
    await context.close();
  }

  /** A report as the script sends it from the code's own page. */
  async function scripted() {
    const { context, page, complaints } = await openPage(browser);
    await page.clock.install();
    await page.goto(`/codes/${CODE}/`);
    await page.locator('#field-reports').scrollIntoViewIfNeeded();
    await page.locator('.report-link summary').click();
    await choose(page);
    await page.clock.fastForward(60_000);
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.getByText('Thank you').waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  }

  /** What the page of the code says once it has asked the function. */
  async function said(options) {
    const { context, page } = await openPage(browser, options);
    const heard = page.waitForResponse(`**/api/reports/${CODE}`);
    await page.goto(`/codes/${CODE}/#field`);
    await page.locator('#field-reports').scrollIntoViewIfNeeded();
    const answer = await (await heard).json();
    if (answer.reports) await page.locator('#field-reports .bands').first().waitFor();
    const text = await page.locator('#field-reports').innerText();
    await context.close();
    return text;
  }

  async function publish() {
    const answer = await fetch(`${BASE}/api/operator/publish`, { method: 'POST', headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/json' }, body: '{}' });
    assert.equal(answer.status, 200, await answer.text());
  }

  it('four reports show nothing; the fifth, sent either way, shows bands once they are published', async () => {
    await scripted();
    await plain();
    await plain();
    await scripted();
    await publish();
    assert.match(await said(), /No field reports on 97110 to show yet/);
    await plain();
    assert.match(await said(), /No field reports on 97110 to show yet/);
    await publish();
    const text = await said();
    assert.match(text, /5 to 9 reports/);
    for (const line of ['97 Bundled with another service', 'Medicare Part B (MAC): Noridian Healthcare Solutions', 'Paid on a corrected claim', 'Corrected the modifier']) assert.ok(text.includes(line), line);
    assert.match(text, /Self-reported, no denominator/);
  });

  it('a form without a script that holds what is no choice is answered with what to change', async () => {
    const { context, page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto('/contribute/');
    await page.fill('#r-code', CODE);
    // A payer of another class: the one thing that the browser itself does not see.
    await page.selectOption('#r-payer_class', 'commercial');
    await choose(page);
    const [answer] = await Promise.all([page.waitForResponse('**/api/reports'), page.getByRole('button', { name: 'Send the report' }).click()]);
    assert.equal(answer.status(), 422);
    assert.match(await page.locator('main').innerText(), /Payer/);
    await context.close();
  });
});
