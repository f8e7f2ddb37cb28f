/**
 * My codes, used as a biller would: paste a list, read its sheet, share it, forget it.
 *
 * Which pairs are edits: the edit set of 2026 Q3; amounts: CMS's file of RVU26C.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { BASE, launch, needsWholeSite, openPage, violations } from './helpers.mjs';

const whole = await needsWholeSite();

describe('my codes', { ...whole, concurrency: 2 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, search = '', options = {}) {
    const made = await openPage(browser, { viewport: { width: 1440, height: 900 }, ...options });
    test.after(() => made.context.close());
    await made.page.goto(`/my-codes/${search}`);
    if (options.javaScriptEnabled !== false) await made.page.locator('#mine form:not([hidden])').waitFor();
    return made;
  }
  async function add(page, text) {
    await page.locator('#m-text').fill(text);
    await page.getByRole('button', { name: 'Add codes' }).click();
  }
  const ready = (page) => page.locator('.sheet:not([hidden]) .picked tbody tr').first().waitFor();
  const rows = (page) => page.locator('.picked tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(0, -1).map((cell) => cell.textContent.trim())));
  const codes = async (page) => (await rows(page)).map(([head]) => head.slice(0, 5));
  const heard = (page) => page.locator('#m-heard').innerText();

  it('a pasted list becomes a sheet: amounts, global days, limits, modifiers, the edits between the codes', async (t) => {
    const { page, complaints, requests } = await open(t);
    await add(page, '97761\n97110 GP x2, 97140-59; 27447');
    await ready(page);
    const all = await rows(page);
    assert.deepEqual(await codes(page), ['97761', '97110', '97140', '27447']);
    // 97761: $40.42 in both settings, 6 units a day for clinical reasons; 27447: a 90-day package, $1,159.35, one unit by policy.
    assert.deepEqual(all[0].slice(1, 5), ['$40.42', '$40.42', 'XXX', '6 a day, clinical']);
    assert.deepEqual(all[3].slice(1, 5), ['$1,159.35', '$1,159.35', '090', '1 a day, by policy']);
    assert.match(all[0][5], /GP, GO/);
    assert.match(all[3][5], /\b50, RT, LT$/);
    // 97761 swallows 97110 and 97140; those two do not conflict.
    const pairs = await page.locator('.pairs tbody tr').evaluateAll((found) => found.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(pairs.map(([one, two, kind]) => [one, two, kind[0]]), [['97761', '97110', '1'], ['97761', '97140', '1']]);
    assert.deepEqual(all.map((row) => row.at(-1)), ['2', '1', '1', '0']);
    assert.match(await page.locator('[data-part=actions]').innerText(), /XE, XS, XP or XU before 59/);
    assert.match(await page.locator('[data-part=sets]').innerText(), /Edit set 2026 Q3 \(v322r0\)\. Unit limits of 2026 Q2\./);
    assert.equal(new URL(page.url()).search, '?codes=97761,97110,97140,27447');
    assert.equal(await page.locator('.picked tbody a').first().getAttribute('href'), '/codes/97761/');
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests.filter((url) => !url.startsWith(BASE)), []);
  });

  it('a deleted and an unknown code stay on the list and are said to be so; what is no code is counted', async (t) => {
    const { page, complaints } = await open(t);
    await add(page, '99213 99201 00000 Wren Elm');
    await ready(page);
    assert.equal(await heard(page), '3 codes added. 2 words are no code.');
    const all = await rows(page);
    assert.match(all[1].join(' '), /^99201 Deleted, not in RVU26C: see 99202\. The lowest new patient office visit is now 99202/);
    assert.equal(await page.locator('.picked tr.gone').getByRole('link', { name: '99202' }).getAttribute('href'), '/codes/99202/');
    assert.match(all[2].join(' '), /^00000 Not a code of RVU26C/);
    assert.match(await page.locator('[data-part=count]').innerText(), /^3 codes; not in this release: 99201, 00000\.$/);
    assert.doesNotMatch(await page.evaluate(() => document.documentElement.outerHTML + location.href + JSON.stringify({ ...localStorage })), /Wren|\bElm\b/i);
    assert.deepEqual(complaints, []);
  });

  it('up to fifty codes: those without room are named', async (t) => {
    const many = Array.from({ length: 52 }, (_, at) => String(10004 + at));
    const { page } = await open(t);
    await add(page, many.join(' '));
    await ready(page);
    assert.equal((await rows(page)).length, 50);
    assert.equal(await heard(page), '50 codes added. No room for 10054, 10055: a list has up to 50 codes.');
    await page.goto(`/my-codes/?codes=${many.join(',')}`);
    await ready(page);
    assert.match(await heard(page), /No room for 10054, 10055/);
  });

  it('the list is kept in this browser, is taken from an address without losing it, and is forgotten when asked', async (t) => {
    const { page } = await open(t);
    await add(page, '97110 97140');
    await ready(page);
    await page.goto('/my-codes/');
    await ready(page);
    assert.deepEqual(await codes(page), ['97110', '97140']);
    await page.goto('/my-codes/?codes=99213');
    await ready(page);
    assert.deepEqual(await codes(page), ['99213']);
    assert.match(await page.locator('#m-other').innerText(), /This browser keeps another, of 2 codes/);
    await page.getByRole('button', { name: 'Back to mine' }).click();
    await page.locator('.picked').filter({ hasText: '97140' }).waitFor();
    assert.equal(new URL(page.url()).search, '?codes=97110,97140');
    await page.getByRole('button', { name: 'Remove 97140' }).click();
    await page.waitForURL(/\?codes=97110$/);
    await page.getByRole('button', { name: 'Forget this list' }).click();
    assert.equal(new URL(page.url()).search, '');
    assert.deepEqual(await page.evaluate(() => ({ ...localStorage })), {});
    await page.reload();
    assert.equal(await page.locator('#m-note').innerText(), 'No code yet.');
    assert.equal(await page.locator('.sheet').isVisible(), false);
  });

  it('of what stands in the storage no more than 50 codes are taken; where the browser keeps nothing, the page says so', async (t) => {
    const { page } = await open(t);
    await page.evaluate((list) => localStorage.setItem('my-codes', list), Array.from({ length: 60 }, (_, at) => String(97001 + at)).join(' '));
    await page.goto('/my-codes/');
    await ready(page);
    assert.equal((await codes(page)).length, 50);
    await page.addInitScript(() => (Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }));
    await page.goto('/my-codes/?codes=97110');
    await ready(page);
    await add(page, '97140');
    await page.locator('.picked').filter({ hasText: '97140' }).waitFor();
    assert.deepEqual(await codes(page), ['97110', '97140']);
    assert.equal(await heard(page), "1 code added. This browser does not keep the list: bookmark this page's address.");
  });

  it('a code page adds its code; words find codes to add', async (t) => {
    const { page } = await open(t, '?codes=97110');
    await ready(page);
    await page.goto('/codes/20610/');
    await page.getByRole('link', { name: 'Add to my codes' }).click();
    await ready(page);
    assert.deepEqual(await codes(page), ['97110', '20610']);
    assert.equal(page.url().endsWith('?codes=97110,20610'), true);
    await add(page, 'knee replacement');
    await page.getByRole('button', { name: 'Add 27447' }).click();
    await page.locator('.picked').filter({ hasText: '27447' }).waitFor();
    assert.deepEqual(await codes(page), ['97110', '20610', '27447']);
  });

  it('a deleted code leads to each of the codes that stand in its place', async (t) => {
    const { page } = await open(t, '?codes=99217,97762');
    await ready(page);
    assert.deepEqual(await page.locator('.picked tr.gone td').first().getByRole('link').evaluateAll((all) => all.map((one) => one.getAttribute('href')).slice(0, 2)), ['/codes/99238/', '/codes/99239/']);
    // One alone can take its place: 97763 has been billed for 97762 since 2018.
    assert.deepEqual(await page.locator('.picked tr.gone td:not(.off) button').allTextContents(), ['Put 97763 in its place']);
    await page.getByRole('button', { name: 'Put 97763 in its place' }).click();
    await page.waitForURL(/\?codes=99217,97763$/);
    await page.locator('.picked tr:not(.gone)').filter({ hasText: '97763' }).waitFor();
    assert.equal(await heard(page), '97763 in the place of 97762.');
  });

  it('finds codes by the words that the search box finds them by, which it fetches with the first word', async (t) => {
    const { page, requests, complaints } = await open(t);
    const asked = () => requests.map((url) => new URL(url).pathname).filter((path) => /\/(?:codes|words)\.\w+\.json$|\/search\//.test(path));
    await page.locator('#m-text').pressSequentially('97110');
    assert.deepEqual(asked(), []);
    await page.locator('#m-text').fill('');
    await Promise.all([page.waitForRequest(/\/words\.\w+\.json$/), page.waitForRequest(/\/codes\.\w+\.json$/), page.locator('#m-text').pressSequentially('kne')]);
    await page.locator('#m-text').pressSequentially('e injection');
    await page.getByRole('button', { name: 'Add codes' }).click();
    await page.getByRole('button', { name: 'Add 20610' }).waitFor();
    const offered = await page.locator('#m-hits button').allTextContents();
    assert.equal(await heard(page), `${offered.length === 12 ? 'The first 12' : offered.length} codes found by words.`);
    // The same codes, in the same order, as on the search page, whose example it is.
    await page.goto('/search/?q=knee+injection');
    await page.locator('#results [role=status]').filter({ hasText: 'found' }).waitFor();
    const there = await page.locator('#results ul.code-hits a').evaluateAll((all) => all.map((one) => `Add ${/codes\/(\w{5})\//.exec(one.getAttribute('href'))?.[1]}`));
    assert.ok(offered.length > 0 && there.length > 0);
    assert.deepEqual(offered.slice(0, there.length), there);
    assert.deepEqual(complaints, []);
  });

  it('searches names alone where what people type cannot be had, and says so where neither can', async (t) => {
    const { page, context } = await open(t);
    await context.route('**/assets/words.*.json', (route) => route.abort());
    await add(page, 'knee replacement');
    await page.getByRole('button', { name: 'Add 27447' }).waitFor();
    await page.goto('/my-codes/');
    await context.route('**/assets/codes.*.json', (route) => route.abort());
    await add(page, 'knee injection');
    await page.locator('#m-heard').filter({ hasText: 'Search could not load' }).waitFor();
  });

  it('says what changed with the release against the one before it, code by code', async (t) => {
    const book = await (await fetch(`${BASE}/data/v1/my-codes/book.json`)).json();
    const [moved] = Object.keys(book.changed);
    const { page } = await open(t, `?codes=99213,${moved},${book.added[0]}`);
    await ready(page);
    assert.match(await page.locator('[data-part=against]').innerText(), /^Against RVU26B, the release before it\./);
    const lines = await page.locator('[data-part=changed] li').allTextContents();
    assert.ok(lines.includes(`${moved} ${book.changed[moved].join(' ')}`));
    assert.ok(lines.includes(`${book.added[0]} New: it is not in RVU26B.`));
  });

  it('is printed without its form and fits the paper', async (t) => {
    const { page } = await open(t, '?codes=97110,97140,99213,27447');
    await ready(page);
    await page.emulateMedia({ media: 'print' });
    for (const part of ['#mine form', '.tools', '.top', '.mine .about', '.picked .off']) assert.equal(await page.locator(part).first().isVisible(), false, part);
    // The printable width of Letter with margins of 16 mm, in CSS pixels.
    await page.setViewportSize({ width: 695, height: 900 });
    assert.ok(await page.locator('.picked').evaluate((table) => table.scrollWidth <= document.documentElement.clientWidth));
  });

  it('on a phone and a tablet nothing is scrolled sideways: each figure stands below its own head, and each code keeps its name and its button', async (t) => {
    const { page } = await open(t, '?codes=97110,99213,27447,J0897,12345');
    await ready(page);
    for (const width of [360, 768]) {
      await page.setViewportSize({ width, height: 740 });
      const wide = await page.locator('.sheet .scroll').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel));
      assert.deepEqual(wide, [], `${width} px`);
      const knee = page.locator('.picked tbody tr').filter({ hasText: '27447' });
      const said = await knee.locator('td').evaluateAll((cells) => cells.map((cell) => [getComputedStyle(cell, '::before').content, cell.textContent]));
      assert.deepEqual(said.slice(0, 3), [['"Office"', '$1,159.35'], ['"Facility"', '$1,159.35'], ['"Global"', '090']]);
      // What stands in the place of two figures has neither head.
      const drug = page.locator('.picked tbody tr').filter({ hasText: 'J0897' }).locator('td').first();
      assert.equal(await drug.evaluate((cell) => getComputedStyle(cell, '::before').content), 'none');
      const [name, button] = await Promise.all([knee.locator('th span').boundingBox(), knee.getByRole('button').boundingBox()]);
      assert.ok(name.x + name.width <= button.x && button.x + button.width <= width, JSON.stringify([name, button]));
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(await page.locator('.picked tbody td').first().evaluate((cell) => getComputedStyle(cell, '::before').content), 'none');
  });

  it('without a script it says what it needs and points at the toolkit', async (t) => {
    const { page } = await open(t, '', { javaScriptEnabled: false });
    const said = await page.locator('noscript').innerText();
    assert.match(said, /needs JavaScript/);
    assert.equal(await page.locator('noscript a').first().getAttribute('href'), '/toolkit/');
    assert.equal(await page.locator('#mine form').isVisible(), false);
  });

  it('is accessible with a list and without, and so is the toolkit', async (t) => {
    const { page } = await open(t);
    assert.deepEqual(await violations(page), []);
    await page.goto('/my-codes/?codes=97110,97761,99201,99213');
    await ready(page);
    assert.deepEqual(await violations(page), []);
    await page.goto('/toolkit/');
    assert.deepEqual(await violations(page), []);
  });

  it('a file that cannot be had keeps the list, and can be asked for again', async (t) => {
    const { page, context } = await open(t);
    await context.route('**/data/v1/my-codes/*', (route) => route.abort());
    await add(page, '97110');
    await page.locator('#m-note').filter({ hasText: 'Your list is kept' }).waitFor();
    await context.unroute('**/data/v1/my-codes/*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await ready(page);
    assert.deepEqual(await codes(page), ['97110']);
  });
});
