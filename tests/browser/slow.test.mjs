/**
 * The calculator on a slow processor, where a key shows itself first and its result comes in the picture after: whatever is done between
 * the two is done with what the fields say.
 *
 * The processor is as slow as the page's clock says it is: here each look at the clock is a tenth of a second after the one before.
 * "Before the picture" is one task of the browser, in which no picture can come. Amounts are those of calculator.test.mjs: 27447 in
 * Alaska (GPCI2026.csv 02102/01 1.500 1.065 0.551; PPRRVU2026_Jul_nonQPP.csv 19.11, 11.58, 4.02) is
 * (19.11 × 1.5 + 11.58 × 1.065 + 4.02 × 0.551) × 33.4009 = 1443.3437, 1,443.34; both sides × 150% = 2,165.01, of which Medicare pays
 * 80%, 1,732.01, less 2%, 34.64: 1,697.37. The patient pays 433.00.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launch, needsSite, openPage, settled } from './helpers.mjs';

const [ONE, TWO] = ['$1,443.34', '$2,165.01'];

describe('the calculator on a slow processor', needsSite, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A code's page with its calculator at work. */
  async function open(test, address = '27447/#loc=02102-01&qp=non_qp', options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.addInitScript(() => {
      let time = 0;
      performance.now = () => (time += 100);
      /** Do what a key does to a field; what somebody does right after it; and tell what stands there: all before the next picture. */
      window.key = (field, text, then = () => {}) => {
        const at = document.querySelector(field);
        if (at.type === 'checkbox') at.click();
        else {
          at.value = text;
          at.dispatchEvent(new Event('input', { bubbles: true }));
        }
        then();
        return window.told();
      };
      /** What is said: the refusal or the allowed amount, and who pays it. */
      window.told = () => ['.refusal', '.allowed dd', '.pays tr:nth-child(1) td', '.pays tr:nth-child(2) td'].map((one) => document.querySelector(`.result ${one}`)?.firstChild?.textContent ?? '').filter(Boolean);
    });
    await made.page.goto(`/codes/${address}`);
    await made.page.locator('#c-pos').focus();
    await made.page.locator('.result:not([hidden])').waitFor({ state: 'attached' });
    await settled(made.page);
    return made;
  }

  const WHOLE = [TWO, '$1,697.37', '$433.00'];

  for (const [what, field, text, result] of [
    ['units', '#c-units', '2', TWO],
    ['a modifier', '#calculator [value="50"]', '', TWO],
    ['a place of service', '#c-pos', '77', 'No place of service has this number.'],
  ]) {
    it(`${what}: the key has its picture to itself, its result stands there after it`, async (t) => {
      const { page, complaints } = await open(t);
      assert.equal((await page.evaluate(([field, text]) => window.key(field, text), [field, text]))[0], ONE);
      await settled(page);
      assert.equal((await page.evaluate(() => window.told()))[0], result);
      assert.deepEqual(complaints, []);
    });
  }

  it('a ZIP code that is typed brings its place, which is remembered, and the amount on the first screen', async (t) => {
    const { page } = await open(t, '99213/', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await page.locator('#c-zip').pressSequentially('20001');
    // (1.30 × 1.054 + 1.46 × 1.178 + 0.09 × 1.113) × 33.4009 = 106.5572.
    await page.locator('.jump').filter({ hasText: 'suburbs: $106.56. Change' }).waitFor();
    for (const one of ['#c-zip', '#c-where']) {
      const { y, height } = await page.locator(one).boundingBox();
      assert.ok(y >= 0 && y + height <= 740, `${one} stands at ${y}`);
    }
    assert.equal(await page.evaluate(() => localStorage.getItem('locality')), 'zip=20001');
  });

  it('a place that is chosen is remembered, though another key comes before its result', async (t) => {
    const { page } = await open(t, '27447/#qp=non_qp');
    await page.evaluate(() => [window.key('#c-loc', '02102-01'), window.key('#c-units', '2')]);
    await settled(page);
    assert.deepEqual(await page.evaluate(() => [...window.told(), localStorage.getItem('locality')]), [...WHOLE, 'loc=02102-01']);
  });

  it('what is copied right after a key is what the fields say', async (t) => {
    const { page } = await open(t, undefined, { permissions: ['clipboard-read', 'clipboard-write'] });
    const told = await page.evaluate(() => window.key('#c-units', '2', () => document.querySelector('.tools [value=text]').click()));
    assert.deepEqual(told, WHOLE);
    await page.locator('.tools').filter({ hasText: 'Copied' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    for (const part of ['27447 × 2', TWO, 'Patient; $433.00', 'coinsurance 433.00; 433.00', 'units=2']) assert.ok(text.includes(part), `${part}\n${text}`);
  });

  it('what is printed right after a key is what the fields say', async (t) => {
    const { page } = await open(t);
    assert.deepEqual(await page.evaluate(() => window.key('#c-units', '2', () => window.dispatchEvent(new Event('beforeprint')))), WHOLE);
  });

  it('a window that is left right after a key has its result read aloud, and its address', async (t) => {
    const { page } = await open(t);
    assert.deepEqual(await page.evaluate(() => window.key('#c-units', '2', () => window.dispatchEvent(new Event('blur')))), WHOLE);
    assert.match(page.url(), /units=2/);
    assert.match(await page.locator('#calculator [role=status]').textContent(), /^Alaska \(02102\/01\)\. Allowed amount non-QP; \$2,165\.01\. .*Medicare, after sequestration; \$1,697\.37\. Patient; \$433\.00$/);
  });

  it('all localities, opened right after a key, are those of what the fields say', async (t) => {
    const { page } = await open(t);
    const alaska = await page.evaluate(
      () =>
        new Promise((listed) => {
          const rows = document.querySelector('.all tbody');
          new MutationObserver(() => listed([...rows.rows].find((row) => /Alaska/.test(row.textContent)).textContent)).observe(rows, { childList: true });
          // What a browser tells of a fold comes when it likes: here before the picture.
          window.key('#c-units', '2', () => {
            const fold = document.querySelector('.all');
            fold.open = true;
            fold.dispatchEvent(new Event('toggle'));
          });
        }),
    );
    assert.ok(alaska.includes(TWO), alaska);
  });

  it('Enter right after a key works the result out, and leads back to a ZIP code that is none', async (t) => {
    const { page } = await open(t);
    const enter = (field, text) => page.evaluate(([field, text]) => window.key(field, text, () => document.querySelector('#calculator form').requestSubmit()), [field, text]);
    assert.equal((await enter('#c-units', '2'))[0], TWO);
    await enter('#c-zip', '1234');
    await settled(page);
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.ariaInvalid, document.querySelector('#c-where').textContent]), ['c-zip', 'true', 'A ZIP code is five digits. Amounts are national till then.']);
  });

  it('a field that is left right after a key tells what is wrong in it, and names the place in it', async (t) => {
    const { page } = await open(t, '99213/');
    const leave = (field, text) => page.evaluate(([field, text]) => window.key(field, text, () => document.querySelector(field).dispatchEvent(new Event('change', { bubbles: true }))), [field, text]);
    await leave('#c-zip', '1234');
    await settled(page);
    assert.equal(await page.locator('#c-where').innerText(), 'A ZIP code is five digits. Amounts are national till then.');
    await leave('#c-pos', '21');
    assert.match(await page.locator('#c-pos').inputValue(), /^21 \w/);
  });

  it('a key that comes before the ZIP field is marked to be typed over is not typed over', async (t) => {
    const { page } = await open(t, '99213/');
    await page.evaluate(() => {
      document.querySelector('#c-zip').focus();
      document.execCommand('insertText', false, '2');
    });
    await settled(page);
    await page.keyboard.type('0001');
    assert.equal(await page.locator('#c-zip').inputValue(), '20001');
  });
});
