/**
 * The claim desk and the list of edits, used as a biller would: paste a claim, read the findings; open a code's edits, filter them.
 *
 * Which pairs are edits: the edit sets of 2026 Q3 and 2024 Q3; amounts are worked out in tests/golden/claims.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { BASE, launch, needsWholeSite, openPage, violations } from './helpers.mjs';

const whole = await needsWholeSite();
const THERAPY = '97530 GP\n97110 GP x2\n97140 GP 59\n97761 GP';

describe('the claim desk', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, hash = '', options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.goto(`/claim/${hash}`);
    if (options.javaScriptEnabled !== false) await made.page.locator('#desk form:not([hidden])').waitFor();
    return made;
  }
  /** Paste as a person does: by the clipboard's event. */
  async function paste(page, text) {
    await page.locator('#k-text').focus();
    await page.evaluate((words) => {
      const box = document.querySelector('#k-text');
      box.value = words;
      box.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }));
    }, text);
    await page.locator('#k-heard').filter({ hasText: 'read' }).waitFor();
  }
  const done = (page) => page.locator('.desk-result:not([hidden])').waitFor();
  const findings = (page) => page.locator('.findings li').evaluateAll((all) => all.map((one) => [one.className, one.querySelector('.on')?.textContent.trim() ?? '', one.querySelector('.say').textContent]));
  const amounts = (page) => page.locator('.claim-amounts tbody tr').evaluateAll((all) => all.map((row) => row.cells[2].textContent));
  const total = (page) => page.locator('.claim-amounts tfoot td').nth(1).textContent();

  it('when asked it names the pairs of codes that no edit of the set joins, and only those', async (t) => {
    const { page, complaints } = await open(t, '#l=97110,97761,97140,97530');
    await done(page);
    const fold = page.locator('.desk-result details').filter({ hasText: 'Pairs without an edit' });
    assert.equal(await fold.locator('li').count(), 0);
    await fold.locator('summary').click();
    // In the set, 97761 has 97110 and 97140 in column 2; the edit of 97140 and 97530 ended in 2019.
    assert.deepEqual(await fold.locator('li').allTextContents(), [
      'No edit between 97110 and any of 97140, 97530 in 2026 Q3 (v322r0).',
      'No edit between 97761 and 97530 in 2026 Q3 (v322r0).',
      'No edit between 97140 and 97530 in 2026 Q3 (v322r0).',
    ]);
    await page.locator('[data-field=code]').first().fill('99214');
    await fold.locator('li').filter({ hasText: '99214' }).first().waitFor();
    await page.getByRole('button', { name: 'Remove line 4' }).click();
    await page.getByRole('button', { name: 'Remove line 3' }).click();
    await page.getByRole('button', { name: 'Remove line 2' }).click();
    await fold.waitFor({ state: 'hidden' });
    assert.deepEqual(complaints, []);
  });

  it('a pasted therapy day: what is denied, why, what to do, and what the rest pays', async (t) => {
    const { page, complaints } = await open(t);
    await paste(page, THERAPY);
    await done(page);
    const all = await findings(page);
    assert.deepEqual(all.map(([kind, lines]) => [kind, lines]), [['deny', 'Line 2'], ['note', 'Line 3'], ['note', '']]);
    assert.match(all[0][2], /97110 is denied beside 97761/);
    const first = page.locator('.findings li').first();
    assert.match(await first.locator('.next').innerText(), /XE, XS, XP, XU before 59/);
    assert.match(await first.innerText(), /2026 Q3 \(v322r0\)/);
    assert.match(await first.locator('a').first().getAttribute('href'), /^https:\/\/www\.cms\.gov\//);
    assert.deepEqual(await amounts(page), ['$25.05', 'denied', '$21.21', '$40.42']);
    assert.equal(await total(page), '$86.68');
    assert.match(new URL(page.url()).hash, /^#l=97530-GPx1,97110-GPx2,97140-GP-59x1,97761-GPx1/);
    assert.equal(new URL(page.url()).search, '');
    assert.deepEqual(complaints, []);
  });

  it('what is no code, modifier or number is nowhere afterwards: not on the page, in the address, in storage or in a request', async (t) => {
    const { page, requests } = await open(t);
    await paste(page, 'Elm, Wren 99213 25 MRN 88123456\nborn 01/02/1950 20610 RT 1 acct 55512\nJane Elm');
    await done(page);
    assert.match(await page.locator('#k-heard').innerText(), /^2 lines read\. Row 3 has no code\. .*\d+ words were no code/);
    const everywhere = await page.evaluate(() => [document.documentElement.outerHTML, location.href, JSON.stringify({ ...localStorage, ...sessionStorage }), ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value)].join('\n'));
    for (const secret of [/\bDoe\b/i, /Wren/i, /88123456/, /1950/, /55512/, /\bMRN\b/i]) {
      assert.doesNotMatch(everywhere, secret);
      for (const { url } of requests.map((one) => (typeof one === 'string' ? { url: one } : one))) assert.doesNotMatch(String(url), secret);
    }
    assert.deepEqual(await amounts(page), ['$95.19', '$68.81']);
  });

  it('a line is changed in its fields, added by typing, removed; the address follows', async (t) => {
    const { page } = await open(t, '#l=99213x1,20610x1&pos=11');
    await done(page);
    assert.match((await findings(page))[0][2], /visit 99213 is inside the payment for 20610/);
    await page.getByLabel('Modifiers, line 1').fill('25');
    await page.locator('.claim-amounts').filter({ hasText: '$95.19' }).waitFor();
    assert.match(page.url(), /#l=99213-25x1,20610x1/);
    await page.locator('#k-text').fill('93000');
    await page.locator('#k-text').press('Enter');
    await page.locator('#k-lines tbody tr').nth(2).waitFor();
    assert.equal(await page.locator('#k-text').inputValue(), '');
    await page.getByRole('button', { name: 'Remove line 2, 20610' }).click();
    await page.waitForURL(/#l=99213-25x1,93000x1&/);
    await page.getByLabel('Code, line 1').fill('HERON');
    assert.equal(await page.getByLabel('Code, line 1').inputValue(), 'H');
    assert.doesNotMatch(page.url(), /HERON|=H,/);
  });

  it('a code page adds its code to the claim of the tab', async (t) => {
    const { page } = await open(t);
    await page.goto('/codes/45385/');
    await page.getByRole('link', { name: 'Add to claim' }).click();
    await done(page);
    await page.goto('/codes/45378/');
    await page.getByRole('link', { name: 'Add to claim' }).click();
    await page.locator('#k-lines tbody tr').nth(1).waitFor();
    await page.locator('.findings .deny').waitFor();
    assert.match((await findings(page))[0][2], /45378 is denied beside 45385/);
    await page.getByRole('button', { name: 'Clear' }).last().click();
    assert.equal(await page.evaluate(() => sessionStorage.getItem('claim')), null);
    await page.reload();
    await page.locator('#desk form:not([hidden])').waitFor();
    assert.equal(await page.locator('#k-lines').isVisible(), false);
  });

  it('Enter reads the lines in the box, whichever field it is pressed in', async (t) => {
    const { page } = await open(t);
    await page.locator('#desk form:not([hidden])').waitFor();
    for (const [field, text, lines] of [['#k-text', '45385', 1], ['#k-pos', '97110-GP', 2], ['#k-zip', '99213', 3]]) {
      await page.locator('#k-text').fill(text);
      await page.locator(field).press('Enter');
      await page.locator('#k-lines tbody tr').nth(lines - 1).waitFor();
      assert.equal(await page.locator('#k-text').inputValue(), '');
    }
    assert.equal(await page.locator('#k-lines tbody tr').count(), 3);
  });

  it('a claim of 2024 is judged by the edits of its quarter, and a day without a release is named', async (t) => {
    const { page } = await open(t, '#l=57550x1,58150x1&pos=21&dos=2024-08-15');
    await done(page);
    assert.match(await page.locator('.findings li').first().innerText(), /2024 Q3 \(v302r0\)/);
    assert.equal(await total(page), '$1,019.26');
    await page.locator('#k-dos').fill('2019-05-01');
    await page.locator('#k-dos').dispatchEvent('change');
    await page.locator('#k-note').filter({ hasText: 'No release of that day' }).waitFor();
    assert.equal(await page.locator('.desk-result').isVisible(), false);
  });

  it('the locality counts, by ZIP code, and comes back', async (t) => {
    const { page } = await open(t, '#l=99213x1&pos=11&qp=non_qp');
    await done(page);
    await page.locator('#k-zip').fill('20001');
    await page.locator('#k-where').filter({ hasText: 'DC' }).waitFor();
    // DC 12202/01: (1.30 × 1.054 + 1.46 × 1.178 + 0.09 × 1.113) × 33.4009 = 106.56.
    await page.locator('.claim-amounts').filter({ hasText: '$106.56' }).waitFor();
    assert.match(page.url(), /loc=12202-01/);
  });

  it('an anesthesia line asks for base units and minutes, in fields that are labelled, and forgets them with its code', async (t) => {
    const { page } = await open(t, '#l=99213x1&pos=22&qp=non_qp');
    await done(page);
    await page.getByLabel('Modifiers, line 1').fill('AA');
    await page.getByLabel('Code, line 1').fill('01402');
    assert.equal(await page.getByLabel('Code, line 1').evaluate((field) => field === document.activeElement), true);
    await page.getByText('Base units', { exact: true }).waitFor();
    await page.getByLabel('Base units, line 1').fill('7');
    await page.getByLabel('Minutes, line 1').fill('60');
    // Chapter 12, section 50: (7 base units + 60 ÷ 15 time units) × the national anesthesia factor of 20.49754 in RVU26C = 225.47.
    await page.locator('.claim-amounts').filter({ hasText: '$225.47' }).waitFor();
    assert.match(page.url(), /#l=01402-AAx1b7m60&/);
    await page.getByLabel('Code, line 1').fill('99213');
    await page.waitForURL(/#l=99213-AAx1&/);
    assert.equal(await page.getByLabel('Minutes, line 1').count(), 0);
  });

  it('a key makes anew only what it changes: a row that says the same stays the element it was', async (t) => {
    const { page } = await open(t, '#l=99213x1,97110x1&pos=11');
    await page.locator('.claim-amounts tbody tr').nth(1).waitFor();
    const [first, second] = await page.locator('.claim-amounts tbody tr').elementHandles();
    const before = await page.locator('.claim-amounts tbody tr').first().innerText();
    await page.getByLabel('Units, line 1').fill('2');
    await page.waitForFunction((text) => document.querySelector('.claim-amounts tbody tr')?.innerText !== text, before);
    assert.deepEqual([await first.evaluate((row) => row.isConnected), await second.evaluate((row) => row.isConnected)], [false, true]);
  });

  it('what cannot stand in a field goes when the field is left', async (t) => {
    const { page } = await open(t, '#l=99213-25x2&pos=11');
    await done(page);
    for (const [field, typed, stays] of [['Code', 'Q12', '99213'], ['Modifiers', 'HERON', '25'], ['Units', '0', '2'], ['Units', '2.5', '2']]) {
      const input = page.getByLabel(`${field}, line 1`);
      await input.fill(typed);
      assert.equal(await input.getAttribute('aria-invalid'), 'true');
      await input.blur();
      assert.equal(await input.inputValue(), stays);
      assert.match(await page.locator('#k-heard').innerText(), new RegExp(`^Line 1: .*(five characters|two characters|a whole number).* It stays ${stays}\\.$`));
    }
    assert.match(page.url(), /#l=99213-25x2&/);
  });

  it('words in the place of service go nowhere, and how many lines were read stays there', async (t) => {
    const { page } = await open(t, '#pos=Heron&l=99213x1');
    await done(page);
    assert.equal(await page.locator('#k-pos').inputValue(), '11 Office');
    await paste(page, '93000 Oak');
    await page.locator('#k-lines tbody tr').nth(1).waitFor();
    await page.locator('#k-pos').fill('Oak');
    await page.locator('#k-pos').dispatchEvent('change');
    await page.locator('[data-part=about]').filter({ hasText: 'no place of service' }).waitFor();
    assert.doesNotMatch(await page.locator('.desk-result').innerText(), /Oak/);
    assert.doesNotMatch(page.url(), /Oak/);
    await page.locator('[role=status].visually-hidden').filter({ hasText: /\S/ }).waitFor({ state: 'attached' });
    assert.match(await page.locator('#k-heard').innerText(), /^1 line read, added to the 1 here\. 1 word was no code/);
  });

  it('therapy without a discipline is denied without a locality too; who bills is part of the answer', async (t) => {
    const { page } = await open(t, '#l=97110x1&pos=11&who=NP&par=nonpar');
    await done(page);
    assert.match((await findings(page))[0].join(' '), /^deny Line 1 97110 is a therapy service: add GP, GO or GN/);
    assert.match(await page.locator('[data-part=about]').innerText(), /Nurse practitioner, Not participating/);
  });

  it('offers to try again where the desk itself could not be loaded', async (t) => {
    const { page } = await openPage(browser);
    t.after(() => page.context().close());
    await page.route('**/assets/claims.*.json', (route) => route.abort());
    await page.goto('/claim/#l=99213x1');
    await page.locator('#k-note').filter({ hasText: 'could not be loaded' }).waitFor();
    await page.unroute('**/assets/claims.*.json');
    await page.locator('#k-again').click();
    await done(page);
    assert.equal(await total(page), '$95.19');
  });

  it('holds 25 lines and says what it left out', async (t) => {
    const { page } = await open(t);
    await paste(page, Array.from({ length: 30 }, (_, at) => `${99202 + (at % 4)} 25`).join('\n'));
    await done(page);
    assert.equal(await page.locator('#k-lines tbody tr').count(), 25);
    assert.match(await page.locator('#k-heard').innerText(), /5 left out: a claim here has up to 25 lines/);
  });

  it('another ZIP code lets go of the locality of the one before, and says so', async (t) => {
    const { page } = await open(t, '#l=99213x1&pos=11&qp=non_qp');
    const about = page.locator('[data-part=about]');
    await page.locator('#k-zip').fill('60614');
    await about.filter({ hasText: '06102/16' }).waitFor();
    await page.locator('#k-zip').fill('00000');
    await about.filter({ hasText: 'national' }).waitFor();
    await page.locator('#k-where').filter({ hasText: /^00000 is not in .* national/ }).waitFor();
    await page.locator('[role=status].visually-hidden').filter({ hasText: /00000 is not in .*Total/ }).waitFor({ state: 'attached' });
    assert.doesNotMatch(page.url(), /loc=/);
    assert.equal(await page.evaluate(() => localStorage.getItem('locality')), null);
    // What stands there is typed over, by a click too.
    await page.locator('#k-text').focus();
    await page.locator('#k-zip').click();
    await page.waitForFunction(() => [document.activeElement.selectionStart, document.activeElement.selectionEnd].join() === '0,5');
    await page.keyboard.type('20001');
    await about.filter({ hasText: 'DC' }).waitFor();
  });

  it('a place is its number, its name or the only one that fits; else the numbers are offered', async (t) => {
    const { page } = await open(t, '#l=99213x1&pos=11');
    await done(page);
    for (const [typed, stands, words] of [['home', '12 Home', '12 Home'], ['emergency', '23 Emergency room', '23 Emergency room'], ['outpatient', 'outpatient', 'Several places fit: 19, 22, 62. Type the number.']]) {
      await page.locator('#k-pos').fill(typed);
      await page.locator('#k-pos').dispatchEvent('change');
      assert.equal(await page.locator('#k-pos').inputValue(), stands);
      await page.locator('.desk-result').filter({ hasText: words }).waitFor();
    }
    // What was typed asks for a number; no line is denied for it.
    assert.deepEqual((await findings(page)).map(([kind, , say]) => [kind, say]), [['check', 'Several places fit: 19, 22, 62. Type the number.']]);
  });

  it('on a tablet every figure of a claim with a line priced elsewhere is in sight', async (t) => {
    const { page } = await open(t, `#l=${'97140-GP-59x1,'.repeat(9)}36415x1&pos=11`, { viewport: { width: 768, height: 1000 } });
    await done(page);
    await page.locator('.claim-amounts').filter({ hasText: 'not priced here' }).waitFor();
    const beyond = await page.locator('.claim-amounts').evaluate((one) => one.parentElement.scrollWidth - one.parentElement.clientWidth);
    assert.equal(beyond, 0);
  });

  it('what came back in the tab can be left for what is pasted, and on a phone a link leads to the findings', async (t) => {
    const { page } = await open(t, '#l=99213x1,93000x1&pos=11', { viewport: { width: 390, height: 800 } });
    await done(page);
    await paste(page, 'CPT\tPOS\tDays or Units\n97110\t22\t2');
    assert.equal(await page.locator('#k-heard').innerText(), '1 line read, added to the 2 here. Place of service 22, as in the rows.');
    assert.match(await page.locator('#k-pos').inputValue(), /^22 /);
    await page.setViewportSize({ width: 768, height: 800 });
    const [end, start] = await page.locator('#k-next button:not([hidden])').evaluateAll(([one, other]) => [one.getBoundingClientRect(), other.getBoundingClientRect()].map((box) => [box.right, box.left, box.top]));
    assert.ok(start[1] - end[0] >= 12, 'two ways look like one');
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole('button', { name: 'Start again with the new lines' }).click();
    await page.waitForURL(/#l=97110x2&pos=22/);
    await page.getByRole('button', { name: 'see findings' }).click();
    await page.waitForFunction(() => document.activeElement.textContent === 'Findings' && document.activeElement.getBoundingClientRect().top < innerHeight);
    assert.match(page.url(), /#l=97110x2/);
  });

  it('rows of a spreadsheet on a phone: what became of them is in sight, and every figure of the amounts too', async (t) => {
    const { page } = await open(t, '', { viewport: { width: 360, height: 640 } });
    await paste(page, '97530\tGP\t1\t60.00\t22\t08/03/2026\n97761\tGP\t2\t180.00\t22\t08/03/2026');
    await done(page);
    assert.match(await page.locator('#k-heard').innerText(), /^2 lines read\. Place of service 22, as in the rows\. The date in the rows is not kept/);
    const seen = await page.locator('#k-heard').evaluate((one) => [one.getBoundingClientRect().top >= 0, one.getBoundingClientRect().bottom <= innerHeight]);
    assert.deepEqual(seen, [true, true]);
    const beyond = await page.locator('.claim-amounts :is(th, td)').evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent));
    assert.deepEqual(beyond, []);
  });

  it('a claim without a finding says what was checked', async (t) => {
    const { page } = await open(t, '#l=27447-80-RTx1&pos=21&dos=2026-08-03');
    await done(page);
    assert.match((await page.locator('.findings li').first().innerText()), /Nothing was found that denies a line[\s\S]*edits of 2026 Q3 \(v322r0\), unit limits of 2026 Q2/);
    assert.match(await page.locator('[data-part=count]').innerText(), /^No denial found, \d+ notes?\.$/);
    assert.equal(await total(page), '$185.50');
  });

  it('says so when the edits cannot be had, keeps the lines, and tries again', async (t) => {
    const { page } = await open(t);
    await page.route('**/data/v1/claims/**', (route) => route.abort());
    await paste(page, '99213');
    await page.locator('#k-note').filter({ hasText: 'could not be loaded' }).waitFor();
    assert.equal(await page.locator('#k-lines tbody tr').count(), 1);
    await page.unroute('**/data/v1/claims/**');
    await page.locator('#k-again').click();
    await done(page);
    assert.equal(await total(page), '$95.19');
  });

  it('fetches only what the claim needs, each file once', async (t) => {
    const { page } = await open(t);
    const asked = [];
    page.on('request', (request) => request.url().includes('/data/v1/claims/') && asked.push(new URL(request.url()).pathname));
    await paste(page, THERAPY);
    await done(page);
    await page.getByLabel('Units, line 1').fill('2');
    await page.locator('.claim-amounts').filter({ hasText: '97530-GP × 2' }).waitFor();
    assert.deepEqual(asked.sort(), ['/data/v1/claims/rvu26c/971.json', '/data/v1/claims/rvu26c/975.json', '/data/v1/claims/rvu26c/977.json']);
  });

  it('a deleted code is told with what stands in its place; a button puts the one that there is, and it can be undone', async (t) => {
    const { page, complaints } = await open(t, '#l=20610x1,99201-25x1,J1030x1&pos=11');
    await done(page);
    // 99201 went on January 1, 2021; J1030 on April 1, 2024, and J1010 counts other units.
    const told = page.locator('.findings li').filter({ hasText: '99201 is deleted' });
    assert.match(await told.innerText(), /^.*Denied Line 2 99201 is deleted: not valid since January 1, 2021\.\s+Bill 99202 instead\./);
    assert.equal(await told.getByRole('link', { name: '99202' }).getAttribute('href'), '/codes/99202/');
    assert.equal(await told.getByRole('link', { name: '99201, no longer in use' }).getAttribute('href'), '/codes/99201/');
    await told.getByRole('button', { name: 'Put 99202 in its place' }).click();
    await page.waitForURL(/#l=20610x1,99202-25x1,J1030x1&/);
    await page.locator('.claim-amounts').filter({ hasText: '99202-25 × 1' }).waitFor();
    assert.match(await page.locator('#k-heard').innerText(), /^Line 2: 99202 in the place of 99201\. The lowest new patient/);
    await page.getByRole('button', { name: 'Put J1010 in its place' }).click();
    // What is still to be done stays on the page when the finding is gone.
    assert.match(await page.locator('#k-heard').innerText(), /^Line 3: J1010 in the place of J1030\. .*Change the units with the code/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForURL(/#l=20610x1,99202-25x1,J1030x1&/);
    assert.equal(await page.getByRole('button', { name: 'Undo' }).isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('where several codes stand in the place of one they are links, and none is put there for the biller', async (t) => {
    const { page } = await open(t, '#l=99217x1&pos=11');
    const told = page.locator('.findings li').filter({ hasText: '99217 is deleted' });
    assert.match(await told.innerText(), /not valid since January 1, 2023\.\s+Bill the one that fits instead: 99238 or 99239\./);
    assert.deepEqual(await told.locator('.next a').evaluateAll((all) => all.map((one) => one.getAttribute('href'))), ['/codes/99238/', '/codes/99239/']);
    assert.equal(await told.getByRole('button').count(), 0);
  });

  it('a code is deleted from its day on: before it stands, and what had not come yet is not called deleted', async (t) => {
    const { page } = await open(t, '#l=99201x1,71271x1&pos=11&dos=2020-12-01');
    await done(page);
    // 71271 came in 2021: in RVU20D it is no code.
    assert.deepEqual((await findings(page)).filter(([kind]) => kind === 'deny').map(([, lines, say]) => [lines, say]), [['Line 2', '71271 is not in this release. It may be deleted, misspelt or newer.']]);
    assert.match((await amounts(page))[0], /^\$/);
    // A vaccine's own codes went with RVU24A; 90480, which stands in their place, has no amount in any release.
    await page.goto('/privacy/');
    await page.goto('/claim/#l=0001Ax1&pos=11&dos=2024-02-03');
    await page.getByRole('button', { name: 'Put 90480 in its place' }).waitFor();
    assert.equal((await findings(page))[0][2], "0001A is deleted: in CMS's file until RVU23D, not since RVU24A.");
  });

  it('what is known of deleted codes comes when a code is not found; where it cannot be had the code is still refused', async (t) => {
    const { page, requests } = await open(t, '#l=99213x1&pos=11');
    await done(page);
    const asked = () => requests.filter((url) => /gone\.js/.test(url)).length;
    assert.equal(asked(), 0);
    await page.route('**/data/v1/claims/gone.json', (route) => route.abort());
    await page.getByLabel('Code, line 1').fill('99201');
    await page.locator('.findings .deny').filter({ hasText: '99201 is not in this release' }).waitFor();
    assert.equal(await page.locator('#k-note').isVisible(), false);
    assert.ok(asked() > 0);
  });

  it('00000 is no code: it is refused as any other, and asked for no base units', async (t) => {
    const { page } = await open(t, '#l=00000x1,00100x1,01999x1&pos=22');
    await done(page);
    // Anesthesia is 00100 to 01999 (RVU26C has nothing below).
    assert.deepEqual(await page.getByLabel(/^Base units/).evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel)), ['Base units, line 2', 'Base units, line 3']);
    assert.deepEqual((await findings(page)).find(([, lines]) => lines === 'Line 1').slice(1), ['Line 1', '00000 is not in this release. It may be deleted, misspelt or newer.']);
  });

  it('on an older day a code that never had a national amount is no unknown code', async (t) => {
    // 0100T and 0275T have status C and R in RVU24C.
    const { page } = await open(t, '#l=0100Tx1,0275Tx1&pos=22&dos=2024-08-15');
    await done(page);
    assert.deepEqual((await findings(page)).filter(([, , say]) => /not in this release|deleted/.test(say)), []);
    assert.match((await findings(page)).find(([, lines]) => lines.startsWith('Line'))[2], /MAC/);
  });

  it('a laboratory code of another fee schedule is not called deleted or misspelt', async (t) => {
    // 0001U has a unit limit of 1 in CMS's table of 2026 Q2, and no row in RVU26C.
    const { page } = await open(t, '#l=0001Ux1,99213x1&pos=11');
    await done(page);
    assert.deepEqual((await findings(page)).filter(([kind]) => kind !== 'note'), [['check', 'Line 1', "0001U is not in CMS's physician fee schedule file. CMS has a unit limit for it, so it is in use: another fee schedule prices it."]]);
    assert.deepEqual(await amounts(page), ['not priced here', '$95.19']);
  });

  it('a line that was removed and a claim that was cleared come back', async (t) => {
    const { page } = await open(t, '#l=99213-25x1,20610x1,93000x1&pos=11');
    await done(page);
    await page.getByRole('button', { name: 'Remove line 2' }).click();
    assert.equal(await page.locator('#k-heard').innerText(), 'Line 2, 20610 × 1, removed.');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForURL(/#l=99213-25x1,20610x1,93000x1&/);
    await page.locator('#k-clear').click();
    assert.equal(await page.locator('#k-lines').isVisible(), false);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForURL(/#l=99213-25x1,20610x1,93000x1&/);
    // A change of what is left, or new lines, end what can be undone.
    await page.getByRole('button', { name: 'Remove line 3' }).click();
    await page.getByLabel('Units, line 1').fill('2');
    assert.equal(await page.getByRole('button', { name: 'Undo' }).isVisible(), false);
    await page.getByRole('button', { name: 'Remove line 2' }).click();
    await paste(page, '97110 GP');
    assert.equal(await page.getByRole('button', { name: 'Undo' }).isVisible(), false);
  });

  it('hostile addresses show nothing but codes', async (t) => {
    const { page, complaints } = await open(t, `#l=${encodeURIComponent('<img src=x onerror=alert(1)>,99213x1,"><script>,45385-59x2')}&pos=${encodeURIComponent('<b>x')}&who=${encodeURIComponent('"><i>')}&dos=javascript:1`);
    await done(page);
    assert.equal(await page.locator('#k-lines tbody tr').count(), 2);
    assert.equal(await page.locator('#desk :is(img, script:not([type]), i)').count(), 0);
    assert.doesNotMatch(page.url(), /script|img|%3C/);
    assert.deepEqual(complaints, []);
  });

  it('gives the claim as CSV, and as a sheet without the form', async (t) => {
    const { page } = await open(t, '#l=97530-GPx1,97110-GPx2,97140-GP-59x1,97761-GPx1&pos=11&dos=2026-08-03');
    await done(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    assert.equal(download.suggestedFilename(), 'claim-RVU26C.csv');
    const csv = readFileSync(await download.path(), 'utf8');
    for (const part of ['"2","97110","GP","2","",', '"1","97530","GP","1","25.05",', 'In the edit set of 2026 Q3 (v322r0)', 'Unit limits of 2026 Q2', 'Claims Manual 23 §20.9.1.1']) assert.ok(csv.includes(part), `${part}\n${csv}`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('#desk form').isVisible(), false);
    assert.equal(await page.locator('.findings').isVisible(), true);
    // A list that is worked out once it is unfolded is there before the sheet is made.
    const free = await page.evaluate(() => {
      dispatchEvent(new Event('beforeprint'));
      return [...document.querySelectorAll('[data-part=free] li')].map((one) => one.textContent);
    });
    assert.equal(free[0], 'No edit between 97530 and any of 97110, 97140, 97761 in 2026 Q3 (v322r0).');
  });

  it('works where storage is forbidden', async (t) => {
    const made = await openPage(browser);
    t.after(() => made.context.close());
    await made.page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: () => { throw new DOMException('no', 'SecurityError'); } });
    });
    await made.page.goto('/claim/#add=99213');
    await done(made.page);
    assert.equal(await total(made.page), '$95.19');
    assert.deepEqual(made.complaints, []);
  });

  it('has no fault that axe finds, and nothing to scroll sideways at 320 px', async (t) => {
    const { page } = await open(t, '#l=97530-GPx1,97110-GPx2,45378x1,01402-AAx1b7m60&pos=11', { viewport: { width: 320, height: 800 } });
    await done(page);
    await page.getByText('How each amount is worked out').click();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
    assert.deepEqual(await violations(page), []);
  });

  it('without a script says what is needed and where else to look', async (t) => {
    const { page } = await open(t, '', { javaScriptEnabled: false });
    assert.match(await page.locator('main').innerText(), /needs JavaScript: it works in your browser/);
  });
});

describe('the list of edits', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function list(test, code, options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.goto(`/codes/${code}/`);
    await made.page.locator('#edit-list button').first().click();
    return made;
  }
  const found = (page) => page.locator('#edit-list [role=status]');
  const codes = (page) => page.locator('#edit-list tbody tr th a').allInnerTexts();

  it('97761: columns apart, filtered by code and words, by indicator; each pair leads to the desk', async (t) => {
    const { page, complaints } = await list(t, '97761');
    // The set of 2026 Q3 has 66 pairs with 97761 in column 1, and 5 with it in column 2.
    await found(page).filter({ hasText: '71 edits: 97761 is column 1 in 66, column 2 in 5.' }).waitFor();
    await page.getByLabel('Filter by code or words').fill('9711');
    await found(page).filter({ hasText: 'column 1 in' }).waitFor();
    assert.ok((await codes(page)).includes('97110'));
    assert.ok((await codes(page)).every((code) => code.startsWith('9711')));
    await page.getByLabel('Filter by code or words').fill('99213');
    await found(page).filter({ hasText: 'No edit of 97761 with 99213 in 2026 Q3 (v322r0). If it was denied' }).waitFor();
    await page.getByLabel('Filter by code or words').fill('');
    await page.getByLabel('Modifier', { exact: true }).selectOption('0');
    await found(page).filter({ hasText: /^4 edits/ }).waitFor();
    await page.getByLabel('Modifier', { exact: true }).selectOption('');
    await page.getByRole('link', { name: /^Check 97150 and 97761/ }).click();
    await page.locator('.desk-result:not([hidden])').waitFor();
    assert.equal(await page.locator('#k-lines tbody tr').count(), 2);
    assert.deepEqual(complaints, []);
  });

  it('96523: 10,535 pairs, a page at a time', async (t) => {
    const { page } = await list(t, '96523');
    await found(page).filter({ hasText: '10,535 edits' }).waitFor();
    assert.ok((await page.locator('#edit-list tr').count()) < 120);
    const pager = page.locator('#edit-list section').last().locator('..').locator('.pager').last();
    await pager.getByRole('button', { name: 'Next' }).click();
    assert.match(await pager.innerText(), /51 to 100 of/);
    await page.getByLabel('Filter by code or words').fill('99213');
    await found(page).filter({ hasText: /^1 edit:/ }).waitFor();
  });

  it('orders by a column', async (t) => {
    const { page } = await list(t, '97761');
    await found(page).filter({ hasText: '71 edits' }).waitFor();
    const button = page.locator('#edit-list').getByRole('button', { name: 'Code' }).first();
    await button.click();
    assert.equal(await page.locator('#edit-list th[aria-sort]').first().getAttribute('aria-sort'), 'descending');
  });

  it('says that it loads, and that it could not, and tries again', async (t) => {
    const made = await openPage(browser);
    t.after(() => made.context.close());
    await made.page.route('**/data/v1/edits/*.csv', (route) => route.abort());
    await made.page.goto('/codes/97761/');
    await made.page.locator('#edit-list button').click();
    await found(made.page).filter({ hasText: 'could not be loaded' }).waitFor();
    await made.page.unroute('**/data/v1/edits/*.csv');
    await made.page.locator('#edit-list button').click();
    await found(made.page).filter({ hasText: '71 edits' }).waitFor();
  });

  it('has no fault that axe finds, and nothing to scroll sideways at 320 px', async (t) => {
    const { page } = await list(t, '97761', { viewport: { width: 320, height: 800 } });
    await found(page).filter({ hasText: '71 edits' }).waitFor();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
    assert.deepEqual(await violations(page), []);
  });

  it('without a script the counts and a link to the same list stand there', async (t) => {
    const made = await openPage(browser, { javaScriptEnabled: false });
    t.after(() => made.context.close());
    await made.page.goto('/codes/97761/');
    assert.match(await made.page.locator('#edits').innerText(), /Column 1 in 66 edits[\s\S]*Column 2 in 5 edits/);
    assert.equal(await made.page.locator('#edits a[href$=".csv"]').getAttribute('href'), '/data/v1/edits/97761.csv');
    assert.equal(await made.page.locator('#edit-list').isVisible(), false);
  });
});
