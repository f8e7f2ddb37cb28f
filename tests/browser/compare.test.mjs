/**
 * The page that compares rates with Medicare, used as a biller would: choose a table, read the gaps, correct the columns, take the CSV home.
 *
 * Amounts are worked out here from CMS's RVUs of RVU26C and its conversion factor of 33.4009.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { amountsLoaded, BASE, launch, needsWholeSite, openPage, violations } from './helpers.mjs';

const whole = await needsWholeSite();

/** RVUs in hundredths, office, without a modifier, as CMS's file has them: work, practice expense, malpractice. @type {{[code: string]: number[]}} */
const RVUS = { 99203: [160, 176, 16], 99213: [130, 146, 9], 99214: [192, 200, 14], 20610: [77, 116, 13], 93000: [17, 27, 2], 11042: [98, 286, 13], 17000: [59, 134, 6], 96372: [17, 28, 1], 45385: [446, 1000, 51], 69210: [59, 77, 7] };
/** The national office amount in cents: hundredths of RVUs times ten-thousandths of dollars are millionths; half a cent goes up. */
const cents = Object.fromEntries(Object.entries(RVUS).map(([code, parts]) => [code, (BigInt(parts.reduce((so, one) => so + one)) * 334009n * 2n + 10_000n) / 20_000n]));
const dollars = (amount) => `$${String(amount / 100n).replace(/\B(?=(\d{3})+$)/g, ',')}.${String(amount % 100n).padStart(2, '0')}`;

describe('comparing rates with Medicare', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.goto('/compare/');
    if (options.javaScriptEnabled !== false) await amountsLoaded(made.page);
    return made;
  }
  const choose = (page, text, name = 'rates.csv') => page.locator('#u-file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) });
  const done = (page) => page.locator('.compare-result:not([hidden])').waitFor();
  const count = (page) => page.locator('[data-part=count]').innerText();
  const sums = (page) => page.locator('.sums > div').evaluateAll((all) => Object.fromEntries(all.map((one) => [one.querySelector('dt').textContent, [one.querySelector('b').textContent, one.querySelector('span')?.textContent ?? '']])));
  const rates = (page) => page.locator('.rates tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(0, 6).map((cell) => cell.textContent)));
  const left = (page) => page.locator('.left tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));

  it('ranks the gaps, the largest below first, with percentages and totals; a code leads to the same amount in the calculator', async (t) => {
    const { page, complaints } = await open(t);
    await choose(page, 'CPT,Mod,Allowed,Units\n99213,25,90.00,1\n99214,,150.00,1\n20610,RT,60.00,1\n');
    await done(page);
    assert.equal(await count(page), '3 rows: 3 compared, 0 not compared.');
    const gap = (code, amount) => dollars(amount > cents[code] ? amount - cents[code] : cents[code] - amount);
    assert.deepEqual(await rates(page), [
      // 60.00 ÷ 68.81 = 0.87197; 90.00 ÷ 95.19 = 0.94548; 150.00 ÷ 135.61 = 1.10611.
      ['4', '20610-RT', `${gap('20610', 6000n)} below`, '87.2%', '$60.00', dollars(cents['20610'])],
      ['2', '99213-25', `${gap('99213', 9000n)} below`, '94.5%', '$90.00', dollars(cents['99213'])],
      ['3', '99214', `${gap('99214', 15_000n)} above`, '110.6%', '$150.00', dollars(cents['99214'])],
    ]);
    const all = await sums(page);
    assert.deepEqual(all['Your amounts'], ['$300.00', '100.1% of what Medicare allows']);
    assert.equal(all['Medicare allows'][0], dollars(cents['99213'] + cents['99214'] + cents['20610']));
    assert.deepEqual(all['Below Medicare'], [dollars(cents['20610'] - 6000n + cents['99213'] - 9000n), 'on 2 rows']);
    await page.getByRole('link', { name: '99213-25' }).click();
    await page.locator('.allowed .fig').filter({ hasText: dollars(cents['99213']) }).first().waitFor();
    assert.match(page.url(), /\/codes\/99213\/#mod=25&/);
    assert.deepEqual(complaints, []);
  });

  it('on a tablet, what became of a table comes into sight, and a column of payments is told beside the totals', async (t) => {
    const { page } = await open(t, { viewport: { width: 768, height: 1000 } });
    const seen = (locator) => locator.evaluate((one) => ((box) => box.top >= 0 && box.bottom <= innerHeight)(one.getBoundingClientRect()));
    await choose(page, 'code,paid\n99213,80.00\n');
    await done(page);
    await page.waitForFunction(() => window.scrollY > 0);
    assert.deepEqual([await seen(page.locator('.sums')), await seen(page.getByText('The amount stands in a column of payments.'))], [true, true]);
    await page.evaluate(() => window.scrollTo(0, 0));
    await choose(page, 'nothing\nof the kind\n');
    await page.locator('#u-refused').filter({ hasText: 'one cell alone' }).waitFor();
    await page.waitForFunction(() => window.scrollY > 0);
    assert.equal(await seen(page.locator('#u-refused')), true);
  });

  it('with the network off from Ready on it compares, turns pages and writes the CSV: no request is made', async (t) => {
    const { page, context, requests, complaints } = await open(t);
    const asked = requests.length;
    await context.setOffline(true);
    await choose(page, `code,amount\n${'99213,80.00\n'.repeat(120)}HERON,1\n`);
    await done(page);
    assert.equal(await count(page), '121 rows: 120 compared, 1 not compared and listed below.');
    await page.getByRole('button', { name: 'Next: rows that were compared' }).click();
    await page.locator('[data-part=rates-pager]').filter({ hasText: '51 to 100 of 120' }).waitFor();
    await page.getByLabel('Measure by this percentage of Medicare').fill('80');
    await page.getByLabel('Measure by this percentage of Medicare').press('Tab');
    await page.locator('.sums').filter({ hasText: 'Above 80% of Medicare' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    const csv = readFileSync(await download.path(), 'utf8');
    assert.equal(csv.split('\r\n').length, 2 + 121 + 1);
    assert.match(csv, /"122","","","","","","","","","","","","","","What stands there is no code/);
    assert.deepEqual(requests.slice(asked).filter((url) => !url.startsWith('blob:')), []);
    assert.deepEqual(complaints, []);
  });

  it('50,000 rows: the totals are those of a sum made here, every row is accounted for, and the page answers meanwhile', async (t) => {
    const { page, complaints } = await open(t);
    const codes = Object.keys(RVUS);
    let state = 7;
    const draw = (below) => (state = (state * 48_271) % 2_147_483_647) % below;
    const rows = ['HCPCS,Amount'];
    const so = { amount: 0n, allowed: 0n, short: 0n, beyond: 0n, bad: 0 };
    for (let at = 0; at < 50_000; at += 1) {
      const code = codes[draw(codes.length)];
      const amount = BigInt(draw(25_000) + 1);
      if (draw(100) === 0) {
        rows.push(`${code},${['', '12,5', '-3', 'none'][draw(4)]}`);
        so.bad += 1;
        continue;
      }
      rows.push(`${code},${dollars(amount).replace(',', '').replace('$', draw(2) ? '$' : '')}`);
      so.amount += amount;
      so.allowed += cents[code];
      if (amount < cents[code]) so.short += cents[code] - amount;
      else so.beyond += amount - cents[code];
    }
    await page.evaluate(() => {
      const said = new Set();
      const progress = document.querySelector('#u-progress');
      window.seen = { said, clicked: false };
      new MutationObserver(() => {
        said.add(progress.textContent);
        // While rows are compared a fold opens at a click.
        if (/rows done/.test(progress.textContent) && !window.seen.clicked) {
          document.querySelector('form summary').click();
          window.seen.clicked = document.querySelector('form details').open && !document.querySelector('#u-stop').hidden;
        }
      }).observe(progress, { childList: true });
    });
    await choose(page, rows.join('\n'));
    await done(page);
    const words = (number) => number.toLocaleString('en-US');
    assert.equal(await count(page), `50,000 rows: ${words(50_000 - so.bad)} compared, ${words(so.bad)} not compared and listed below.`);
    const all = await sums(page);
    assert.deepEqual([all['Your amounts'][0], all['Medicare allows'][0], all['Below Medicare'][0], all['Above Medicare'][0]], [so.amount, so.allowed, so.short, so.beyond].map(dollars));
    const { steps, clicked } = await page.evaluate(() => ({ steps: [...window.seen.said].filter((text) => /^Comparing… [\d,]+ rows done, line [\d,]+ of the file\.$/.test(text)).length, clicked: window.seen.clicked }));
    assert.ok(steps >= 20, `${steps}`);
    assert.equal(clicked, true);
    assert.ok((await page.locator('.rates tbody tr').count()) === 50);
    assert.deepEqual(complaints, []);
  });

  it('stops when it is told to: what was reached is shown, the rest is listed as not reached', async (t) => {
    const { page } = await open(t);
    await page.evaluate(() => {
      const progress = document.querySelector('#u-progress');
      new MutationObserver((_, observer) => {
        if (!/done/.test(progress.textContent)) return;
        observer.disconnect();
        document.querySelector('#u-stop').click();
      }).observe(progress, { childList: true });
    });
    await choose(page, `code,amount\n${'99213,80.00\n'.repeat(50_000)}`);
    await done(page);
    const [, compared, not] = /^50,000 rows: ([\d,]+) compared, ([\d,]+) not compared and listed below\. You stopped before the end\.$/.exec(await count(page)).map((text) => Number(text.replaceAll(',', '')));
    assert.equal(compared + not, 50_000);
    assert.ok(compared > 0 && not > 0);
    assert.match((await left(page))[0][1], /^Not reached: you stopped before it\. Compare again\./);
  });

  it('lists every bad row with its line, what is wrong and what to do', async (t) => {
    const { page } = await open(t);
    await choose(page, 'code,amount,date,locality\n99213,80.00,,\n\n99213,"80\n100,80,,\n99213,"80,00",,\n99213,80,15/07/2026,\n99213,80,2026-08-03,20001\n36415,5,,\n');
    await done(page);
    assert.equal(await count(page), '7 rows: 1 compared, 6 not compared and listed below. 1 line without anything passed over.');
    const all = await left(page);
    assert.deepEqual(all.map(([line]) => line), ['4', '5', '6', '7', '8', '9']);
    [/A quote opens here.*Take it out/, /“100” is no code.*format the column as text/, /“80,00” has a comma.*Write/, /“15\/07\/2026” is no day.*Write/, /ZIP codes are not read here.*Write/, /not a physician's service.*Compare/].forEach((words, at) => assert.match(all[at][1], words));
  });

  it('columns are shown and can be changed; without names they are asked for', async (t) => {
    const { page } = await open(t);
    await choose(page, '99213,25,80.00,90.00\n20610,RT,50.00,60.00\n');
    await page.locator('#u-refused').filter({ hasText: 'Which column is the amount?' }).waitFor();
    await page.getByLabel('“Column 3, such as 80.00” is read as').selectOption('Amount');
    await done(page);
    assert.equal((await sums(page))['Your amounts'][0], '$130.00');
    await page.getByLabel('“Column 4, such as 90.00” is read as').selectOption('Amount');
    await page.locator('.sums').filter({ hasText: '$150.00' }).waitFor();
    assert.equal(await page.getByLabel('“Column 3, such as 80.00” is read as').inputValue(), '');
    await page.getByLabel('“Column 2, such as 25” is read as').selectOption('Modifiers');
    await page.locator('.rates').filter({ hasText: '20610-RT' }).waitFor();
  });

  it('a table with patient information is refused before it is read, and is nowhere afterwards', async (t) => {
    const { page, requests } = await open(t);
    await choose(page, 'code,amount,Patient Name,DOB\n99213,80,Wren Alder,1950-01-02\n');
    await page.locator('#u-refused').filter({ hasText: 'The column “Patient Name” looks like patient information. Take it out' }).waitFor();
    assert.equal(await page.locator('.compare-result').isVisible(), false);
    const everywhere = await page.evaluate(() => [document.documentElement.outerHTML, location.href, JSON.stringify({ ...localStorage, ...sessionStorage })].join('\n'));
    for (const secret of [/Wren/, /Alder/, /1950/]) {
      assert.doesNotMatch(everywhere, secret);
      assert.ok(!requests.some((url) => secret.test(url)));
    }
  });

  it('a name in a column that is not read, or in a wrong one, is not shown', async (t) => {
    const { page } = await open(t);
    await choose(page, 'code,amount,note\nRobin Alder,80,x\n99213,Alder,x\n99213,80,Robin Alder\n');
    await done(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    assert.doesNotMatch((await page.content()) + readFileSync(await download.path(), 'utf8'), /Robin|Alder/);
  });

  it('hostile cells and names of columns stay text, on the page and in the CSV', async (t) => {
    const { page, complaints } = await open(t);
    await choose(page, '"<img src=x onerror=alert(1)>",code,amount,modifiers\n=1+1,99213,80,"<b>"\n,=cmd|x,80,\n,99213,@SUM(A1),\n,99213,80,+1\n');
    await done(page);
    await page.locator('#u-columns summary').click();
    assert.match(await page.locator('#u-columns tbody').innerText(), /<img src=x onerror=alert\(1\)>/);
    assert.equal(await page.locator('#compare :is(img, b:not(dd b))').count(), 0);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
    for (const cell of readFileSync(await download.path(), 'utf8').replace(/^\ufeff/, '').split(/,|\r\n/)) assert.doesNotMatch(cell, /^"?\s*[=+@-]/);
    assert.deepEqual(complaints, []);
  });

  it('Windows-1252, semicolons and cents after a comma are read, and said', async (t) => {
    const { page } = await open(t);
    await choose(page, Buffer.from([...Buffer.from('Code;Prix ('), 0x80, ...Buffer.from(');Rate\n99213;x;80,50\n99214;x;1.100,00\n')]));
    await done(page);
    assert.equal((await sums(page))['Your amounts'][0], '$1,180.50');
    assert.match(await page.locator('[data-part=about]').innerText(), /cents after a comma: 12,50 is \$12\.50/);
    await page.locator('#u-columns summary').click();
    assert.match(await page.locator('#u-columns tbody').innerText(), /Prix \(€\)/);
    await choose(page, Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), 'rates.xlsx');
    await page.locator('#u-refused').filter({ hasText: 'Save the sheet as CSV' }).waitFor();
  });

  it('older releases come when they are asked for, and compare the days that they answer for', async (t) => {
    const { page } = await open(t);
    await choose(page, 'code,amount,dos\n99213,70.00,8/15/2024\n');
    await done(page);
    assert.match((await left(page))[0][1], /RVU24C answers for 2024-08-15 and is not loaded\. Press “Load older releases”/);
    await page.getByRole('button', { name: 'Load older releases' }).click();
    // 99213 in RVU24C: (1.30 + 1.33 + 0.10) × 33.2875 = 90.87; 70.00 ÷ 90.87 = 0.77033.
    await page.locator('.rates').filter({ hasText: '$90.87' }).waitFor();
    assert.deepEqual((await rates(page))[0].slice(2, 4), ['$20.87 below', '77.0%']);
    assert.match(await page.locator('[data-part=about]').innerText(), /Releases: RVU24C\./);
  });

  it('what holds for rows that do not say otherwise changes their amounts at once', async (t) => {
    const { page } = await open(t);
    await choose(page, 'code,amount\n99213,95.19\n');
    await done(page);
    assert.equal((await rates(page))[0][2], 'none');
    // DC 12202/01: (1.30 × 1.054 + 1.46 × 1.178 + 0.09 × 1.113) × 33.4009 = 106.56.
    await page.getByLabel('Locality').first().selectOption('12202/01');
    await page.locator('.rates').filter({ hasText: '$106.56' }).waitFor();
    await page.getByLabel('Measure by this percentage of Medicare').fill('ten');
    await page.getByLabel('Measure by this percentage of Medicare').press('Tab');
    await page.locator('#u-target-note').filter({ hasText: 'A percentage is a number from 1 to 999' }).waitFor();
  });

  it('a table is dropped or pasted; the box is emptied; another order and side are a click away; Clear forgets', async (t) => {
    const { page } = await open(t);
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(['code,amount\n99213,80\n'], 'a.csv', { type: 'text/csv' }));
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await done(page);
    await page.getByText('Paste a table instead').click();
    await page.locator('#u-text').fill('code\tamount\n99214\t100\n99213\t94\n20610\t200');
    await page.getByRole('button', { name: 'Read table' }).click();
    await page.locator('[data-part=count]').filter({ hasText: '3 rows' }).waitFor();
    assert.equal(await page.locator('#u-text').inputValue(), '');
    assert.deepEqual((await rates(page)).map(([line]) => line), ['2', '3', '4']);
    await page.getByRole('button', { name: 'Amount', exact: true }).click();
    await page.locator('.rates tbody tr').first().filter({ hasText: '99213' }).waitFor();
    assert.equal(await page.locator('.rates [aria-sort]').textContent(), 'Amount');
    await page.getByLabel('Show').selectOption('over');
    await page.locator('.rates tbody tr').nth(1).waitFor({ state: 'detached' });
    assert.deepEqual((await rates(page)).map(([line]) => line), ['4']);
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(await page.locator('.compare-result').isVisible(), false);
    assert.equal(await page.locator('#u-columns').isVisible(), false);
  });

  it('who only reads the page fetches no amounts; who turns to the form does, once', async (t) => {
    const { page, context, requests } = await openPage(browser);
    t.after(() => context.close());
    const amounts = () => requests.filter((url) => url.includes('/compare/rates.json')).length;
    await page.goto('/compare/');
    await page.locator('#u-note').filter({ hasText: 'as soon as you turn to the form' }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(amounts(), 0);
    await page.locator('#u-pos').hover();
    await page.locator('#u-note').filter({ hasText: 'Ready.' }).waitFor();
    await page.locator('#u-loc').focus();
    await page.locator('#u-target').hover();
    await choose(page, 'code,amount\n99213,80.00\n');
    await done(page);
    assert.equal(amounts(), 1);
  });

  it('says so when the amounts cannot be had, reads no table then, and tries again', async (t) => {
    const { page, context, requests } = await openPage(browser);
    t.after(() => context.close());
    await context.route('**/data/v1/compare/rates.json', (route) => route.abort());
    await page.goto('/compare/');
    await page.locator('#u-pos').hover();
    await page.locator('#u-note').filter({ hasText: 'could not be loaded' }).waitFor();
    // The pointer alone does not ask again.
    const asked = requests.length;
    await page.locator('#u-loc').hover();
    await page.locator('#u-dos').focus();
    assert.equal(requests.length, asked);
    await choose(page, 'code,amount\n99213,80.00\n');
    await page.locator('#u-refused').filter({ hasText: 'The table was not read' }).waitFor();
    assert.equal(await page.locator('.compare-result').isVisible(), false);
    await context.unroute('**/data/v1/compare/rates.json');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('#u-note').filter({ hasText: 'Ready.' }).waitFor();
    await choose(page, 'code,amount\n99213,80.00\n');
    await done(page);
    assert.equal(await page.locator('#u-refused').innerText(), '');
  });

  it('has no fault that axe finds, and nothing to scroll sideways at 320 px', async (t) => {
    const { page } = await open(t, { viewport: { width: 320, height: 800 } });
    await choose(page, `code,amount,locality\n${'99213,80,12202-01\nHERON,1,\n99214,900,\n'.repeat(60)}`);
    await done(page);
    await page.locator('#u-columns summary').click();
    await page.getByText('Paste a table instead').click();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
    assert.deepEqual(await violations(page), []);
  });

  it('without a script says what is needed and where the amounts are', async (t) => {
    const { page } = await open(t, { javaScriptEnabled: false });
    assert.match(await page.locator('main').innerText(), /Comparing needs JavaScript: it works in your browser/);
    assert.equal((await page.request.get(await page.locator('noscript a, main p a').filter({ hasText: '99213 as JSON' }).getAttribute('href'))).status(), 200);
  });
});
