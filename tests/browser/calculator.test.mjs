/**
 * The calculator of a code page, used as a biller would: ZIP code, place of service, modifiers, and what stands in the result.
 *
 * Expected amounts are worked out by hand from CMS's own files; the sum stands beside each. RVUs: PPRRVU2026_Jul_nonQPP.csv.
 * Indices (work, practice expense, malpractice): GPCI2026.csv: Manhattan 13202/01 1.064 1.162 1.586, Alaska 02102/01 1.500 1.065
 * 0.551, DC 12202/01 1.054 1.178 1.113, Portland 02302/01 1.016 1.111 0.744. ZIP codes: ZIP5_JAN2026.xlsx. Conversion factors
 * 33.4009 (non-QP) and 33.5675 (QP). Medicare pays 80%, less 2%.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { BASE, launch, needsSite, openPage, settled, violations } from './helpers.mjs';

describe('the calculator', { ...needsSite, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A code's page for the length of a test, with its calculator at work. */
  async function open(test, code, query = '', { fast = false, ...options } = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    // A slow processor, what this one may be beside other tests, is what the page's clock finds to be one (slow.test.mjs).
    if (fast) await made.page.addInitScript(() => (performance.now = () => 0));
    await made.page.goto(`/codes/${code}/${query}`);
    if (options.javaScriptEnabled !== false) {
      await made.page.locator('#c-pos').focus();
      await made.page.locator('.result').waitFor({ state: 'attached' });
      await made.page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    }
    return made;
  }

  /** Type a ZIP code and wait for its locality. */
  async function zip(page, code, says) {
    await page.locator('#c-zip').fill(code);
    await page.locator('#c-where').filter({ hasText: says }).waitFor();
  }

  /** Allowed amounts, and Medicare's and the patient's part, as they stand there. */
  async function result(page) {
    await settled(page);
    const texts = (selector) => page.locator(`.result ${selector}`).filter({ visible: true }).allInnerTexts();
    return {
      allowed: await texts('.allowed dd'),
      medicare: await texts('.pays tr:nth-child(1) td'),
      patient: await texts('.pays tr:nth-child(2) td'),
      refused: (await texts('.refusal')).join().replace(/\s*Source:.*/s, ''),
    };
  }

  /** The address that the page gives itself, as somebody finds it who leaves the page to copy it. */
  const address = (page) =>
    page.evaluate(() => {
      window.dispatchEvent(new Event('blur'));
      return window.location.href;
    });

  /** What an address says of the form: all of it stands behind the #, which no host sees. */
  const said = (url) => {
    assert.equal(new URL(url).search, '');
    return new URLSearchParams(new URL(url).hash.slice(1));
  };

  /** The arithmetic of the first conversion factor: label and amount of each row. */
  const steps = async (page) => {
    await settled(page);
    return page.locator('.result > .steps tbody tr').evaluateAll((rows) => rows.map((row) => [row.cells[0].firstChild.textContent.trim().replace(/:$/, ''), row.cells[1].textContent]));
  };

  it('the amount does not come to stand over the field that was touched', async (t) => {
    const { page, context } = await openPage(browser, { viewport: { width: 360, height: 640 } });
    t.after(() => context.close());
    await page.goto('/codes/97761/');
    const zip = page.locator('#c-zip');
    await zip.evaluate((one) => scrollBy(0, one.getBoundingClientRect().bottom - innerHeight + 4));
    await zip.evaluate((one) => one.focus({ preventScroll: true }));
    await page.locator('.result:not([hidden])').waitFor();
    const [field, amount] = await page.evaluate(() => [document.activeElement.getBoundingClientRect().bottom, document.querySelector('.allowed').getBoundingClientRect().top]);
    assert.ok(field <= amount, `the field ends at ${field} px, the amount begins at ${amount} px`);
  });

  it('a page that is loaded again, or left and come back to, right after a key has what that key wrote', async (t) => {
    const { page, complaints } = await open(t, '97110');
    const back = async () => {
      await page.locator('#c-pos').focus();
      await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    };
    await page.locator('[name=units]').fill('3');
    await page.keyboard.press('F5'); // the page hears it; without a window it does nothing by itself
    await page.reload();
    await back();
    assert.equal(await page.locator('[name=units]').inputValue(), '3');
    await page.locator('[name=units]').fill('5');
    await page.evaluate(() => window.location.assign('/release/'));
    await page.waitForURL('**/release/');
    await page.goBack();
    await back();
    assert.equal(await page.locator('[name=units]').inputValue(), '5');
    assert.match(page.url(), /units=5/);
    assert.deepEqual(complaints, []);
  });

  it('97761: three units with an assistant in Manhattan, for a non-QP and for a QP', async (t) => {
    const { page, complaints, requests } = await open(t, '97761');
    await zip(page, '10001', 'Manhattan (13202/01)');
    await page.locator('#c-units').fill('3');
    await page.locator('[value="CQ"]').check();
    // First unit (0.50 × 1.064 + 0.70 × 1.162 + 0.01 × 1.586) × 33.4009 = 1.36126 × 33.4009 = 45.4673, 45.47;
    // later ones with half the practice expense: (0.532 + 0.4067 + 0.01586) × 33.4009 = 31.8832, 31.88. 45.47 + 2 × 31.88 = 109.23.
    // QP: 1.36126 × 33.5675 = 45.6941, 45.69; 0.95456 × 33.5675 = 32.0422, 32.04; 45.69 + 64.08 = 109.77.
    // Medicare: 109.23 × 0.80 × 0.85 = 74.2764, 74.28, less 1.49 = 72.79; 109.77 × 0.68 = 74.6436, 74.64, less 1.49 = 73.15.
    // Patient: 109.23 − 87.38 = 21.85; 109.77 − 87.82 = 21.95.
    assert.deepEqual(await result(page), { allowed: ['$109.23', '$109.77'], medicare: ['$72.79', '$73.15'], patient: ['$21.85', '$21.95'], refused: '' });
    assert.deepEqual(await steps(page), [
      ['Fee schedule amount', '45.47'],
      ['Later therapy units at half the practice expense', '109.23'],
      ['Allowed amount', '109.23'],
      ["Medicare's share", '87.38'],
      ['Therapy assistant', '74.28'],
      ['Sequestration', '72.79'],
      ['Patient pays', '21.85'],
    ]);
    assert.equal(await page.locator('[value="GP"]').isChecked(), true);
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests.filter((url) => new URL(url).origin !== BASE), []);
  });

  it('27447: both sides in Alaska, and 45 of 90 days of care after it', async (t) => {
    const { page } = await open(t, '27447');
    await page.locator('#c-loc').selectOption('02102-01');
    await page.locator('[value="50"]').check();
    await page.locator('#c-pos').fill('21');
    // (19.11 × 1.5 + 11.58 × 1.065 + 4.02 × 0.551) × 33.4009 = 43.21272 × 33.4009 = 1443.3437, 1443.34; × 150% = 2165.01.
    // 43.21272 × 33.5675 = 1450.5430, 1450.54; × 150% = 2175.81.
    assert.deepEqual((await result(page)).allowed, ['$2,165.01', '$2,175.81']);
    await page.locator('[value="50"]').uncheck();
    await page.locator('[value="55"]').check();
    await page.getByLabel('Days of care you took over').fill('45');
    // 1443.34 × 0.21 = 303.1014, 303.10; × 45 ÷ 90 = 151.55. 1450.54 × 0.21 = 304.6134, 304.61; ÷ 2 = 152.305, 152.31.
    assert.deepEqual((await result(page)).allowed, ['$151.55', '$152.31']);
    await page.locator('[value="55"]').uncheck();
    await settled(page);
    assert.equal(await page.getByLabel('Days of care you took over').isVisible(), false);
  });

  it('71260: the reading in a hospital, the whole in a hospital, and a scanner off the dose standard', async (t) => {
    const { page } = await open(t, '71260', '#zip=20001&qp=non_qp&pos=22&mod=26');
    await page.locator('#c-where').filter({ hasText: 'DC + MD/VA suburbs (12202/01)' }).waitFor();
    // (1.13 × 1.054 + 0.41 × 1.178 + 0.07 × 1.113) × 33.4009 = 1.75191 × 33.4009 = 58.5154, 58.52; × 80% = 46.82, less 0.94 = 45.88.
    assert.deepEqual(await result(page), { allowed: ['$58.52'], medicare: ['$45.88'], patient: ['$11.70'], refused: '' });
    await page.locator('[value="26"]').uncheck();
    assert.match((await result(page)).refused, /covers the technical part of 71260\. Bill the reading alone, with 26\./);
    await page.locator('#c-pos').fill('office');
    await page.locator('[value="CT"]').check();
    // Technical part (0 + 3.36 × 1.178 + 0.02 × 1.113) × 33.4009 = 3.98034 × 33.4009 = 132.9469, 132.95; × 85% = 113.0075;
    // 58.52 + 113.0075 = 171.5275, 171.53.
    assert.deepEqual((await result(page)).allowed, ['$171.53']);
  });

  it('45385: in an ambulatory surgical center, and an assistant whom the law bars', async (t) => {
    const { page } = await open(t, '45385', '#loc=13202-01&pos=24&qp=non_qp');
    // (4.46 × 1.064 + 1.72 × 1.162 + 0.51 × 1.586) × 33.4009 = 7.55294 × 33.4009 = 252.2750, 252.27; × 80% = 201.82, less 4.04 = 197.78.
    assert.deepEqual(await result(page), { allowed: ['$252.27'], medicare: ['$197.78'], patient: ['$50.45'], refused: '' });
    await page.locator('[value="AS"]').check();
    assert.match((await result(page)).refused, /The law bars payment for an assistant at 45385\./);
    assert.deepEqual((await result(page)).allowed, []);
  });

  it('66984: the surgery alone, with another doctor for the care after it', async (t) => {
    const { page } = await open(t, '66984', '#qp=non_qp');
    await zip(page, '97201', 'Portland (02302/01)');
    await page.locator('#c-pos').fill('24 Ambulatory surgical center');
    await page.locator('[value="54"]').check();
    await page.locator('[value="RT"]').check();
    // (7.17 × 1.016 + 6.14 × 1.111 + 0.54 × 0.744) × 33.4009 = 14.50802 × 33.4009 = 484.5809, 484.58; × 0.80 = 387.664, 387.66.
    assert.deepEqual((await result(page)).allowed, ['$387.66']);
  });

  it('99213: not participating with its limiting charge; a nurse practitioner; a lower charge; the deductible', async (t) => {
    const { page } = await open(t, '99213', '#loc=12202-01');
    await page.getByText('Who bills, and what').first().click();
    // (1.30 × 1.054 + 1.46 × 1.178 + 0.09 × 1.113) = 3.19025; × 33.4009 = 106.5572, 106.56; × 33.5675 = 107.0887, 107.09.
    assert.deepEqual((await result(page)).allowed, ['$106.56', '$107.09']);
    await page.locator('#c-par').selectOption('nonpar');
    // 106.56 × 95% = 101.232, 101.23; 107.09 × 95% = 101.7355, 101.74. Limiting charge 106.56 × 109.25% = 116.4168, 116.42; 107.09 × 109.25% = 116.9958, 117.00.
    assert.deepEqual((await result(page)).allowed, ['$101.23', '$101.74']);
    assert.deepEqual(await page.locator('.pays tr:nth-child(3) td').allInnerTexts(), ['$116.42', '$117.00']);
    await page.locator('#c-par').selectOption('');
    await page.locator('#c-who').selectOption('NP');
    // 106.56 × 85% = 90.576, 90.58; 107.09 × 85% = 91.0265, 91.03.
    assert.deepEqual((await result(page)).allowed, ['$90.58', '$91.03']);
    await page.locator('#c-who').selectOption('');
    await page.locator('#c-charge').fill('$100');
    await page.locator('#c-ded').fill('40.00');
    // The lower of 106.56 and 100.00; (100.00 − 40.00) × 80% = 48.00, less 0.96 = 47.04; patient 40.00 + 12.00.
    assert.deepEqual(await result(page), { allowed: ['$100.00', '$100.00'], medicare: ['$47.04', '$47.04'], patient: ['$52.00', '$52.00'], refused: '' });
  });

  it('01402: asks for base units, minutes and the role, then prices a directed case', async (t) => {
    const { page } = await open(t, '01402', '#loc=13202-01');
    assert.match((await result(page)).refused, /Enter both; CMS lists the base units in another file\./);
    await page.locator('#c-base').fill('7');
    await page.locator('#c-min').fill('95');
    assert.match((await result(page)).refused, /Say who gave the anesthesia/);
    await page.locator('[value="QK"]').check();
    // 95 ÷ 15 = 6.33, 6.3; (7 + 6.3) × 22.81 = 303.373, 303.37, half of it 151.685, 151.69. QP: 13.3 × 22.92 = 304.836, 304.84, half 152.42.
    assert.deepEqual((await result(page)).allowed, ['$151.69', '$152.42']);
    assert.equal(await page.locator('#c-units').count(), 0);
  });

  it('both amounts stand there without a choice, non-QP first and labelled, and one of them with it', async (t) => {
    const { page } = await open(t, '99213', '#loc=12202-01');
    assert.deepEqual((await page.locator('.allowed dt').allInnerTexts()).map((text) => text.trim()), ['Allowed amount non-QP', 'QP']);
    assert.equal(await page.getByText('The same for a QP').isVisible(), true);
    await page.getByText('Who bills, and what').first().click();
    await page.locator('#c-qp').selectOption('qp');
    assert.deepEqual((await result(page)).allowed, ['$107.09']);
    assert.deepEqual((await page.locator('.allowed dt').filter({ visible: true }).allInnerTexts()).map((text) => text.trim()), ['Allowed amount QP']);
    assert.equal(await page.getByText('The same for a QP').isVisible(), false);
  });

  it('a pair that cannot stand together is refused in a sentence with its source, and so is a modifier for another kind of service', async (t) => {
    const { page } = await open(t, '27447');
    await page.locator('[value="54"]').check();
    await page.locator('[value="55"]').check();
    assert.match((await result(page)).refused, /^54 and 55 .+ Bill each on a line of its own\.$/);
    assert.match(String(await page.locator('.refusal a').first().getAttribute('href')), /^https:\/\/www\.cms\.gov\//);
    await page.locator('[value="54"]').uncheck();
    await page.locator('[value="55"]').uncheck();
    assert.equal(await page.locator('form [value="24"]').count(), 0);
    await page.getByText('Another modifier').click();
    await page.locator('#c-more').fill('24');
    assert.equal((await result(page)).refused, '24 is for visits; 27447 is a procedure. For a procedure in a global period look at 58, 78 and 79.');
    await page.getByText('What each of them says').click();
    await page.locator('.known dt').first().waitFor();
    assert.match(await page.locator('.known').innerText(), /GA\s+The patient signed an advance notice/);
  });

  it('the whole state is in the address, and comes back from it', async (t) => {
    const { page } = await open(t, '27447');
    await zip(page, '97201', 'Portland');
    await page.locator('#c-pos').fill('21 Hospital inpatient');
    await page.locator('[value="62"]').check();
    await page.locator('#c-units').fill('2');
    await page.getByText('Another modifier').click();
    await page.locator('#c-more').fill('gc');
    await page.getByText('Who bills, and what').first().click();
    await page.locator('#c-qp').selectOption('qp');
    await page.locator('#c-par').selectOption('nonpar');
    await page.locator('#c-who').selectOption('NP');
    await page.locator('#c-charge').fill('900');
    await page.locator('#c-ded').fill('50');
    const [own, shown] = [await address(page), await result(page)];
    // Under 62 the amount rests on a condition, which stands before the notes as a sentence and no more.
    assert.deepEqual(await page.locator('.notes .ask').allInnerTexts(), ['Paid only when documents show that two surgeons were needed.']);
    assert.deepEqual(Object.fromEntries(said(own)), { zip: '97201', units: '2', pos: '21', mod: '62 GC', who: 'NP', par: 'nonpar', qp: 'qp', charge: '900', ded: '50' });
    const other = await open(t, '27447', new URL(own).hash);
    await other.page.locator('#c-where').filter({ hasText: 'Portland' }).waitFor();
    assert.deepEqual(await result(other.page), shown);
    assert.equal(await address(other.page), own);
    assert.equal(await other.page.locator('#c-charge').isVisible(), true);
    const history = await page.evaluate(() => window.history.length);
    await page.locator('#c-units').fill('3');
    assert.equal(await page.evaluate(() => window.history.length), history);
  });

  it('an untouched calculator leaves the address alone, a changed and restored one too', async (t) => {
    const { page } = await open(t, '97761');
    assert.equal(new URL(await address(page)).hash, '');
    await page.locator('[value="GO"]').check();
    assert.equal(new URL(await address(page)).hash, '#mod=GO');
    await page.locator('[value="GP"]').check();
    assert.equal(new URL(await address(page)).hash, '');
  });

  it('what is entered never reaches the host, nor does an address that an older link has behind its ?', async (t) => {
    const { page, requests } = await open(t, '97761', '?loc=13202-01&mod=GP');
    assert.equal((await result(page)).allowed[0], '$45.47');
    assert.deepEqual(Object.fromEntries(said(await address(page))), { loc: '13202-01' });
    await page.locator('#c-units').fill('41');
    await address(page);
    requests.length = 0;
    await address(page);
    await page.reload();
    await page.locator('.result:not([hidden])').waitFor();
    assert.equal(await page.locator('#c-units').inputValue(), '41');
    assert.ok(requests.length > 3);
    assert.deepEqual(requests.filter((url) => new URL(url).search || url.split('#')[0].includes('41/')), []);
  });

  it('another state that is pasted for the same page is read', async (t) => {
    const { page } = await open(t, '97761', '#loc=13202-01');
    await page.evaluate(() => {
      window.location.hash = 'loc=02302-01&units=2';
    });
    await page.waitForFunction(() => document.querySelector('#c-units')?.value === '2' && document.querySelector('#c-loc')?.value === '02302-01');
    await page.evaluate(() => {
      window.location.hash = 'rules';
    });
    assert.equal(await page.locator('#c-units').inputValue(), '2');
    await page.locator('#c-units').fill('3');
    assert.deepEqual(Object.fromEntries(said(await address(page))), { loc: '02302-01', units: '3' });
  });

  it('a ZIP code in several localities is never guessed: its state’s localities are offered with their amounts', async (t) => {
    const { page } = await open(t, '99213');
    await zip(page, '97056', 'lies in several localities');
    assert.deepEqual(await result(page), { allowed: [], medicare: [], patient: [], refused: '' });
    // Portland 1.30 × 1.016 + 1.46 × 1.111 + 0.09 × 0.744 = 3.00982: × 33.4009 = 100.5307, × 33.5675 = 101.0321.
    const offers = await page.locator('.split button').allInnerTexts();
    assert.equal(offers.length, 2);
    assert.match(offers[0].replace(/\s+/g, ' '), /^Portland \(02302\/01\) \$100\.53, QP \$101\.03$/);
    await page.locator('.split button').first().click();
    assert.deepEqual((await result(page)).allowed, ['$100.53', '$101.03']);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'c-loc');
    assert.equal(said(await address(page)).get('loc'), '02302-01');
  });

  it('a ZIP code that CMS does not know, or that is none, gets a sentence and no locality', async (t) => {
    const { page, complaints } = await open(t, '99213');
    await zip(page, '00000', "00000 is not in CMS's ZIP file of 2026 Q1. Choose the locality. Amounts are national till then.");
    await zip(page, '12a45', 'A ZIP code is five digits. Amounts are national till then.');
    assert.deepEqual(complaints, []);
    // The national amount stands there, and says so: (1.30 + 1.46 + 0.09) × 33.4009 = 95.1926.
    assert.equal((await result(page)).allowed[0], '$95.19');
    assert.match(await page.locator('.result > .steps caption').innerText(), /National/);
  });

  it('a ZIP code left with too few digits is told', async (t) => {
    const { page } = await open(t, '99213');
    await page.locator('#c-zip').fill('2134');
    assert.equal(await page.locator('#c-where').innerText(), '');
    await page.locator('#c-units').focus();
    assert.equal(await page.locator('#c-where').innerText(), 'A ZIP code is five digits. Amounts are national till then.');
  });

  it('a ZIP table that cannot be had is told, and stays told', async (t) => {
    const { page } = await open(t, '70496');
    await page.route('**/data/v1/zip/*.json', (route) => route.abort());
    await page.locator('#c-zip').fill('10001');
    await page.locator('#c-where').filter({ hasText: 'could not be loaded' }).waitFor();
    await page.locator('[value="26"]').check();
    assert.match(await page.locator('#c-where').innerText(), /could not be loaded/);
  });

  it('a locality that the release no longer has, remembered or linked, is the nation', async (t) => {
    const { page, complaints } = await open(t, '99213', '#loc=99999-99');
    assert.equal((await result(page)).allowed[0], '$95.19');
    await page.evaluate(() => localStorage.setItem('locality', 'loc=99999-99'));
    await page.goto('/codes/99214/');
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    assert.equal(await page.locator('#c-loc').inputValue(), '');
    assert.deepEqual(complaints, []);
  });

  it('what was entered before the rules had come is in the address', async (t) => {
    const { context, page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
    t.after(() => context.close());
    await page.route('**/assets/rules.*.json', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await page.goto('/codes/70496/');
    await page.locator('#calculator [value="26"]').check();
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    assert.equal(said(await address(page)).get('mod'), '26');
  });

  it('the nation, once chosen, comes back after a reload, and a link does not change what is remembered', async (t) => {
    const { page } = await open(t, '99213');
    await zip(page, '10001', 'Manhattan (13202/01)');
    await page.goto('/codes/99213/?loc=12202-01');
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    assert.equal(await page.evaluate(() => localStorage.getItem('locality')), 'zip=10001');
    await page.locator('#c-loc').selectOption('');
    assert.equal((await result(page)).allowed[0], '$95.19');
    await address(page);
    await page.reload();
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    assert.equal((await result(page)).allowed[0], '$95.19');
  });

  it('the locality is remembered, said so, and forgotten on request', async (t) => {
    const { context, page } = await open(t, '99213');
    await zip(page, '20001', 'DC');
    assert.equal(await page.getByText('This browser remembers it.').isVisible(), true);
    const other = await context.newPage();
    await other.goto('/codes/97761/');
    await other.locator('#c-where').filter({ hasText: 'DC' }).waitFor();
    // Nobody has touched that page: the result is there at once. (0.50 × 1.054 + 0.70 × 1.178 + 0.01 × 1.113) × 33.4009 = 45.5180.
    assert.equal(await other.locator('.allowed dd').first().innerText(), '$45.52');
    await other.getByRole('button', { name: 'Forget' }).click();
    assert.equal(await other.locator('#c-zip').inputValue(), '');
    await other.goto('/codes/99213/');
    await other.locator('#c-pos').focus();
    await other.locator('.allowed dd').first().filter({ hasText: '$95.19' }).waitFor();
    assert.equal(await other.getByText('This browser remembers it.').isVisible(), false);
  });

  it('works where the browser forbids storage, and then claims to remember nothing', async (t) => {
    const { context, page, complaints } = await openPage(browser);
    t.after(() => context.close());
    await page.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } });
    });
    await page.goto('/codes/99213/');
    await page.locator('#c-zip').focus();
    await page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    await zip(page, '20001', 'DC');
    assert.equal((await result(page)).allowed[0], '$106.56');
    assert.equal(await page.getByText('This browser remembers it.').isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  it('is there without a pointer: ZIP code, place, modifier, result', async (t) => {
    const { page } = await openPage(browser);
    t.after(() => page.context().close());
    await page.goto('/codes/99213/');
    for (let stop = 0; stop < 60 && (await page.evaluate(() => document.activeElement?.id)) !== 'c-zip'; stop++) await page.keyboard.press('Tab');
    await page.keyboard.type('20001');
    await page.locator('.allowed dd').first().filter({ hasText: '$106.56' }).waitFor();
    for (let stop = 0; stop < 20 && (await page.evaluate(() => document.activeElement?.value)) !== '25'; stop++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.equal(said(await address(page)).get('mod'), '25');
    await page.keyboard.press('Enter');
    const amount = await page.locator('.allowed').boundingBox();
    assert.ok(amount && amount.y >= 0 && amount.y + amount.height <= page.viewportSize().height);
  });

  it('a change is read aloud once, a moment later, in whole sentences', async (t) => {
    const { page } = await open(t, '99213', '#loc=12202-01&qp=non_qp');
    const said = [];
    await page.exposeFunction('heard', (text) => said.push(text));
    // What the page has to say at its start is said, by the real clock, before the page's own clock takes over.
    await page.locator('#calculator [role=status]').filter({ hasText: '$106.56' }).waitFor({ state: 'attached' });
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.locator('#calculator [role=status]').evaluate((region) => new MutationObserver(() => window.heard(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true }));
    await page.locator('#c-units').pressSequentially('2');
    await page.locator('#c-units').fill('2');
    assert.deepEqual(said, []);
    await page.clock.runFor(2000);
    // 2 × 106.56 = 213.12; × 80% = 170.50 (170.496), less 3.41 = 167.09; patient 42.62.
    assert.deepEqual(said, ['DC + MD/VA suburbs (12202/01). Allowed amount non-QP; $213.12. Medicare, after sequestration; $167.09. Patient; $42.62']);
  });

  it('the address follows by itself once the typing rests', async (t) => {
    const { page } = await open(t, '99213', '#loc=12202-01');
    await page.locator('#c-units').fill('3');
    await page.waitForURL(/#(.*&)?units=3/);
  });

  it('a result is there before the next frame of the key', async (t) => {
    const { page } = await open(t, '27447', '#loc=02102-01', { fast: true });
    const shown = await page.evaluate(() => {
      const units = document.querySelector('#c-units');
      return ['2', '1'].map((value) => {
        units.value = value;
        units.dispatchEvent(new Event('input', { bubbles: true }));
        return document.querySelector('.allowed dd').textContent;
      });
    });
    // 27447 in Alaska 1,443.34; two units are two sides: 1,443.34 × 150% = 2,165.01. No wait stands between the key and the figure.
    assert.deepEqual(shown, ['$2,165.01', '$1,443.34']);
  });

  it('copies the address, and the arithmetic as text with code, release, locality and sources', async (t) => {
    const { page } = await open(t, '27447', '#loc=02102-01&mod=50&qp=non_qp', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.locator('.tools').filter({ hasText: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await address(page));
    await page.locator('#c-units').fill('1');
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.locator('.tools').filter({ hasText: 'Copied' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    for (const part of ['27447 50 × 1, 22 Hospital outpatient, on campus, Alaska (02102/01) non-QP', '1443.34 × 150% = 2165.01', 'Claims Manual 12 §40.7', 'Release RVU26C', 'A typical case by Medicare', await address(page)]) assert.ok(text.includes(part), `${part}\n${text}`);
  });

  it('all 109 localities: sorted by any column, and the same as a file', async (t) => {
    const { page } = await open(t, '97761', '#loc=13202-01');
    await page.getByText('All localities').click();
    await page.locator('.all tbody tr').first().waitFor(); // the list is made once the fold has opened
    const column = async (at) => page.locator(`.all tbody tr > :nth-child(${at})`).allInnerTexts();
    assert.equal((await column(1)).length, 109);
    assert.deepEqual((await column(1)).slice(0, 2), ['Alabama', 'Alaska']);
    const head = page.locator('.all th').filter({ hasText: 'Allowed' });
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    const amounts = (await column(3)).map((text) => Number(text.slice(1)));
    assert.deepEqual(amounts, [...amounts].sort((one, other) => one - other));
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.deepEqual((await column(3)).map((text) => Number(text.slice(1))), [...amounts].reverse());
    // Manhattan, whole unit: 45.47 and 45.69 as above.
    assert.match(await page.locator('.all tbody tr').filter({ hasText: 'Manhattan' }).innerText(), /\$45\.47\s+\$45\.69/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download as CSV').click()]);
    assert.equal(download.suggestedFilename(), '97761-RVU26C-localities.csv');
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 110);
    // Manhattan: 45.47 × 80% = 36.38, less 0.73 = 35.65; patient 9.09. QP 45.69 × 80% = 36.55, less 0.73 = 35.82; patient 9.14.
    assert.ok(lines.includes('"97761 GP × 1, 11 Office","RVU26C","13202/01","New York","Manhattan","45.47","35.65","9.09","45.69","35.82","9.14"'), lines.filter((line) => line.includes('Manhattan')).join());
    await page.locator('#c-pos').fill('77');
    await page.locator('.all').filter({ hasText: 'No place of service has this number.' }).waitFor();
  });

  it('on a phone, what a ZIP code brings stays in sight with its field, and the first screen says the amount there', async (t) => {
    const { page } = await open(t, '97761', '', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    for (const [typed, says] of [['10001', 'Manhattan (13202/01)'], ['95616', 'several localities']]) {
      await page.locator('#c-zip').fill('');
      await page.locator('#c-zip').pressSequentially(typed);
      await page.locator('#c-where').filter({ hasText: says }).waitFor();
      await settled(page);
      for (const one of ['#c-zip', '#c-where']) {
        const { y, height } = await page.locator(one).boundingBox();
        assert.ok(y >= 0 && y + height <= 740, `${typed}: ${one} stands at ${y}`);
      }
    }
    await zip(page, '10001', 'Manhattan');
    await page.locator('.jump').filter({ hasText: 'In Manhattan: $45.47. Change' }).waitFor(); // as above, of one unit
  });

  it('more units than CMS pays are told with what happens to them', async (t) => {
    // MCR_MUE_PractitionerServices, 2026 Q3: 97761 has 6 units, adjudication indicator 3 (the day).
    const { page } = await open(t, '97761');
    const over = page.locator('#c-over');
    await page.locator('#c-units').fill('6');
    await settled(page);
    assert.equal(await over.isVisible(), false);
    await page.locator('#c-units').fill('7');
    await over.filter({ hasText: 'Above the unit limit of 6 units a day: Medicare denies all units of the day.' }).waitFor();
    assert.equal(await over.isVisible(), true);
  });

  it('on a tablet the warning about too many units stands in sight beside the amount, and goes along with it as text', async (t) => {
    const { page } = await open(t, '97761', '', { viewport: { width: 768, height: 1000 }, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('#c-units').fill('7');
    const seen = (selector) => page.locator(selector).evaluate((one) => ((box) => box.top >= 0 && box.bottom <= innerHeight)(one.getBoundingClientRect()));
    await page.locator('#c-over').filter({ visible: true }).waitFor();
    assert.deepEqual([await seen('#c-units'), await seen('.allowed'), await seen('#c-over')], [true, true, true]);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.locator('.tools').filter({ hasText: 'Copied' }).waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Medicare denies all units of the day/);
  });

  it('Enter with a ZIP code that is none leads back to its field, which says so', async (t) => {
    const { page } = await open(t, '97761');
    await page.locator('#c-zip').fill('1234');
    await page.keyboard.press('Enter');
    await page.locator('#c-where').filter({ hasText: 'five digits' }).waitFor();
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.ariaInvalid]), ['c-zip', 'true']);
    await zip(page, '10001', 'Manhattan');
    assert.equal(await page.locator('#c-zip').getAttribute('aria-invalid'), 'false');
  });

  it('an anchor in the address stays there for somebody whose ZIP code is remembered', async (t) => {
    const { page } = await open(t, '97761');
    await zip(page, '10001', 'Manhattan');
    await page.goto('/codes/99213/#rules');
    await page.locator('#c-where').filter({ hasText: 'Manhattan' }).waitFor({ state: 'attached' });
    assert.equal(new URL(await address(page)).hash, '#rules');
    await page.locator('#c-units').fill('2');
    await settled(page);
    assert.equal(said(await address(page)).get('units'), '2');
  });

  it('without a script nobody meets a form; the amounts with a modifier stand in a table', async (t) => {
    const { page } = await open(t, '27447', '', { javaScriptEnabled: false });
    assert.equal(await page.locator('#calculator').isVisible(), false);
    assert.equal(await page.locator('.jump').isVisible(), false);
    // (19.11 + 11.58 + 4.02) × 33.4009 = 1159.3452, 1159.35; both sides × 150% = 1739.025, 1739.03; 54: × 0.79 = 915.8865, 915.89.
    assert.match((await page.locator('.with').innerText()).replace(/\s+/g, ' '), /50 Both sides, one line \$1,739\.03 \$1,739\.03 54 Surgery alone, another takes over the care \$915\.89/);
  });

  it('says so when the rules cannot be loaded, and tries again', async (t) => {
    const { context, page } = await openPage(browser);
    t.after(() => context.close());
    await page.route('**/rules.*.json', (route) => route.abort());
    await page.goto('/codes/99213/');
    await page.locator('#c-zip').focus();
    await page.getByText('The rules could not be loaded. Try again when you are online.').waitFor();
    await page.unroute('**/rules.*.json');
    await page.locator('#c-units').focus();
    await page.locator('.allowed dd').first().filter({ hasText: '$95.19' }).waitFor();
  });

  const STATES = {
    'not used yet': ['97761', '', async () => {}],
    'a result for both conversion factors': ['27447', '#loc=02102-01&mod=50&par=nonpar', async () => {}],
    'a refusal that denies': ['27447', '#loc=02102-01&mod=54+55', async () => {}],
    'a refusal that asks': ['01402', '#loc=13202-01', async () => {}],
    'a split ZIP code': ['99213', '#zip=97056', async (page) => page.locator('.split button').first().waitFor()],
    'all localities': ['71260', '#loc=12202-01&mod=26', async (page) => {
      await page.getByText('All localities').click();
      await page.locator('.all tbody tr').first().waitFor();
    }],
    'every fold open': ['45385', '#loc=12202-01', async (page) => page.locator('#calculator summary').evaluateAll((folds) => folds.forEach((fold) => (fold.parentElement.open = true)))],
  };
  for (const [state, [code, query, prepare]] of Object.entries(STATES)) {
    it(`${state}: axe finds nothing in light and dark, on a phone and on a desk, and nothing is wider than 320 px`, async (t) => {
      const { page, complaints } = await open(t, code, query);
      if (state === 'not used yet') await page.reload();
      await prepare(page);
      assert.deepEqual(await violations(page), []);
      await page.setViewportSize({ width: 320, height: 700 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
      assert.deepEqual(complaints, []);
    });
  }
});
