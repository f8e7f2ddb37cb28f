/**
 * The search box and the search page in a browser, by keyboard, mouse, touch and input method, with a slow, a broken and a missing index.
 */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { launch, needsSite, openPage, settled } from './helpers.mjs';

const PROBLEM = 'Search could not load. Press Enter to search on the search page.';
const INDEX = /\/assets\/codes\.[^/]*json$/;

describe('search', needsSite, () => {
  let browser;
  let context;
  let page;
  let complaints;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(options) {
    await context?.close();
    ({ context, page, complaints } = await openPage(browser, options));
  }
  beforeEach(() => open());
  after(() => context?.close());

  // The front page and the search page have the box in their text, and none in the header.
  const form = () => page.locator('form[data-search]').filter({ visible: true });
  const box = () => form().locator('input[name="q"]');
  const list = () => form().locator('[role="listbox"]');
  const options = () => list().locator('[role="option"]');
  const note = () => form().locator('.hits-note');
  const spoken = () => form().locator('[role="status"]');
  const status = () => page.locator('#results [role="status"]');
  const path = () => new URL(page.url()).pathname;

  /** The code of the option that aria-activedescendant points to. */
  async function active() {
    const id = await box().getAttribute('aria-activedescendant');
    if (id === null) return null;
    const chosen = page.locator(`#${id}`);
    assert.equal(await chosen.getAttribute('aria-selected'), 'true');
    assert.equal(await list().locator('[aria-selected="true"]').count(), 1);
    return chosen.locator('b').textContent();
  }

  /** Focus the box, wait until it is a combobox, type. */
  async function type(text) {
    await box().focus();
    await form().locator('input[role="combobox"]').waitFor();
    await box().pressSequentially(text);
  }

  /** Wait for the list of all that was typed: a list for its beginning may stand there a picture longer. */
  async function listed() {
    await options().first().waitFor();
    await settled(page);
  }

  /** Answer the requests for the index in another way. */
  const onIndex = (answer) => page.route(INDEX, answer);

  const quiet = () => assert.deepEqual(complaints, []);

  it('is a combobox that lists codes with name and amount', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    assert.deepEqual((await options().locator('b').allTextContents()).slice(0, 2), ['97760', '97761']);
    assert.equal(await box().getAttribute('aria-expanded'), 'true');
    assert.equal(await box().getAttribute('aria-controls'), await list().getAttribute('id'));
    assert.equal(await box().getAttribute('aria-autocomplete'), 'list');
    assert.notEqual(await options().first().locator('.amt').textContent(), '');
    assert.equal(await active(), null);
    quiet();
  });

  it('moves with the arrow keys, Home and End, and through the text at either end', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    const codes = await options().locator('b').allTextContents();
    await box().press('ArrowDown');
    assert.equal(await active(), codes[0]);
    await box().press('ArrowDown');
    assert.equal(await active(), codes[1]);
    await box().press('End');
    assert.equal(await active(), codes.at(-1));
    await box().press('ArrowDown');
    assert.equal(await active(), null);
    await box().press('ArrowUp');
    assert.equal(await active(), codes.at(-1));
    await box().press('Home');
    assert.equal(await active(), codes[0]);
    assert.equal(await box().inputValue(), '9776');
    quiet();
  });

  it('leaves Home and End to the text while no option is chosen', async () => {
    await page.goto('/');
    await type('776');
    await box().press('Home');
    await box().pressSequentially('9');
    assert.equal(await box().inputValue(), '9776');
  });

  it('goes to the chosen option on Enter', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    await box().press('ArrowDown');
    await box().press('ArrowDown');
    await box().press('Enter');
    await page.waitForURL('**/codes/97761/');
    quiet();
  });

  for (const [text, code] of [['97761', '97761'], ['cpt 97761-59', '97761'], ['j1100', 'J1100'], [' #g0105, ', 'G0105']]) {
    it(`goes straight to ${code} for ${JSON.stringify(text)}`, async () => {
      await page.goto('/');
      await type(text);
      await listed();
      await box().press('Enter');
      await page.waitForURL(`**/codes/${code}/`);
      quiet();
    });
  }

  it('goes to the search page for words, and for an unknown code', async () => {
    for (const text of ['orthotic training', '99999']) {
      await page.goto('/');
      await type(text);
      await box().press('Enter');
      await page.waitForURL('**/search/?q=*');
      assert.equal(new URL(page.url()).searchParams.get('q'), text);
      await status().filter({ hasText: 'ound for' }).waitFor();
      assert.equal(await box().inputValue(), text);
    }
  });

  it('goes straight to the page of a deleted code, which says what replaced it', async () => {
    await page.goto('/');
    await type('97762');
    await listed();
    await box().press('Enter');
    await page.waitForURL('**/codes/97762/');
    await page.locator('main a[href="/codes/97763/"]').first().waitFor();
    quiet();
  });

  it('offers what to do about a denial, and known codes together on one claim, before any code', async () => {
    const first = async (text) => {
      await page.goto('/');
      await type(text);
      await listed();
      return (await options().first().textContent()).trim();
    };
    assert.equal(await first('CO-97'), '97 denial reason: what to do');
    await box().press('Enter');
    await page.waitForURL('**/denials/97/');
    assert.equal(await page.locator('h1').textContent(), '97: Bundled with another service');
    // Back leads to where the question was, not to the page that only knew the way.
    await page.goBack();
    await box().waitFor();
    assert.equal(new URL(page.url()).pathname, '/');

    // Everyday numbers, with the letters they come with: Enter leads to the words for each.
    for (const [text, title] of [['CO-253', '253: Sequestration'], ['PR-2', '2: Coinsurance, owed by the patient'], ['OA-23', '23: Paid or cut by an earlier payer'], ['co b20', 'B20: Somebody else was paid for a part']]) {
      const number = title.slice(0, title.indexOf(':'));
      assert.equal(await first(text), `${number} denial reason: what to do`);
      await box().press('Enter');
      await page.waitForURL(`**/denials/${number.toLowerCase()}/`);
      assert.equal(await page.locator('h1').textContent(), title);
    }

    assert.equal(await first('PR-199'), '199 denial reason: what to do');
    await options().first().click();
    await page.waitForURL('**/denials/#199');
    await page.locator('#unknown').filter({ hasText: "We have no words for reason 199. The payer's remittance guide" }).waitFor();

    assert.equal(await first('97761 with 97763'), 'Check 97761 with 97763 on one claim');
    assert.deepEqual((await options().locator('b').allTextContents()).slice(1), ['97761', '97763']);
    await options().first().click();
    await page.waitForURL('**/claim/**');
    await page.locator('main').filter({ hasText: '2 lines read.' }).waitFor();
    quiet();

    await page.goto('/search/?q=CO-97');
    await page.waitForURL('**/denials/97/');

    await page.goto('/search/?q=bundled');
    assert.equal(await page.locator('#results .code-hits a').first().getAttribute('href'), '/denials/');
    await status().filter({ hasText: /^1 suggestion/ }).waitFor();
  });

  it('closes on Escape, then clears', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    await box().press('Escape');
    assert.equal(await list().isVisible(), false);
    assert.equal(await box().getAttribute('aria-expanded'), 'false');
    assert.equal(await box().inputValue(), '9776');
    await box().press('Escape');
    assert.equal(await box().inputValue(), '');
    await box().pressSequentially('277');
    await box().press('Escape');
    await box().press('ArrowUp');
    assert.equal(await list().isVisible(), false);
  });

  it('opens again on Arrow down and closes when the focus leaves', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    await box().press('Escape');
    await box().press('ArrowDown');
    await listed();
    await box().press('Tab');
    await list().waitFor({ state: 'hidden' });
    assert.equal(await spoken().textContent(), '');
  });

  it('takes a click without losing the focus on the press', async () => {
    await page.goto('/');
    await type('9776');
    await listed();
    await options().nth(1).hover();
    await page.mouse.down();
    assert.equal(await box().evaluate((input) => document.activeElement === input), true);
    assert.equal(await list().isVisible(), true);
    await page.mouse.up();
    await page.waitForURL('**/codes/97761/');
    quiet();
  });

  it('takes a tap', async () => {
    await open({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
    await page.goto('/');
    await type('9776');
    await listed();
    await options().nth(1).tap();
    await page.waitForURL('**/codes/97761/');
  });

  it('says the number of codes once, after the typing', async () => {
    await page.goto('/');
    await type('9');
    await listed();
    // What the first key has to say is said, by the real clock, before the page's own clock takes over.
    await page.waitForFunction(() => [...document.querySelectorAll('[role="status"]')].some((one) => /^\d+ codes$/.test(one.textContent)));
    await page.evaluate(() => {
      window.said = [];
      for (const region of document.querySelectorAll('[role="status"], [aria-live], [role="alert"]')) {
        new MutationObserver(() => region.textContent && window.said.push(region.textContent)).observe(region, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      }
    });
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.evaluate(() => (window.said = []));
    await box().pressSequentially('776');
    await page.clock.runFor(3000);
    await box().press('ArrowDown');
    await page.clock.runFor(3000);
    const said = await page.evaluate(() => window.said);
    assert.equal(said.length, 1, said.join(' | '));
    assert.match(said[0], /^\d+ codes$/);
  });

  it('lets an input method finish its text', async () => {
    await page.goto('/');
    await type('');
    const devtools = await context.newCDPSession(page);
    await devtools.send('Input.imeSetComposition', { text: '９７', selectionStart: 2, selectionEnd: 2 });
    await page.waitForTimeout(300);
    assert.equal(await list().isVisible(), false);
    await devtools.send('Input.insertText', { text: '９７７６' });
    await listed();
    assert.equal(await options().first().locator('b').textContent(), '97760');
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    assert.equal(path(), '/');
  });

  it('answers the latest text when a slow index comes', async () => {
    let come;
    const held = new Promise((resolve) => (come = resolve));
    await onIndex(async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/');
    await type('J1');
    await note().filter({ hasText: 'Loading codes' }).waitFor();
    await box().fill('9921');
    come();
    await listed();
    assert.match(await options().first().textContent(), /^9921/);
    assert.equal(await note().isVisible(), false);
    await page.waitForTimeout(500);
    assert.match(await options().first().textContent(), /^9921/);
  });

  it('stays closed when the index comes after the focus has left', async () => {
    await onIndex(async (route) => {
      await new Promise((done) => setTimeout(done, 1000));
      await route.continue();
    });
    await page.goto('/');
    await type('9776');
    await box().press('Tab');
    await page.waitForTimeout(1500);
    assert.equal(await list().isVisible(), false);
    assert.equal(await note().isVisible(), false);
  });

  it('finds a code by what people type for it, and asks for that with the first word, not with numbers', async () => {
    const asked = [];
    page.on('request', (request) => /\/assets\/words\./.test(request.url()) && asked.push(request.url()));
    await page.goto('/');
    await type('9776');
    await listed();
    assert.deepEqual(asked, []);
    await box().fill('');
    await type('amputee');
    await options().filter({ hasText: '97761' }).waitFor();
    assert.equal(asked.length, 1);
  });

  it('finds names where what people type does not come', async () => {
    await page.route('**/assets/words.*.json', (route) => route.abort());
    await page.goto('/');
    await type('artificial limb');
    await options().filter({ hasText: '97761' }).waitFor();
    complaints.length = 0; // the browser tells of the lost file
  });

  it('offers the page of a modifier that is asked for', async () => {
    await page.goto('/');
    await type('modifier 59');
    const offer = options().first();
    await offer.filter({ hasText: '59' }).waitFor();
    await offer.click();
    await page.waitForURL('**/modifiers/59/');
  });

  it('does not wait for a slow index on Enter: the search page jumps on', async () => {
    await onIndex(async (route) => {
      await new Promise((done) => setTimeout(done, 800));
      await route.continue().catch(() => {});
    });
    await page.goto('/');
    await type('97761');
    await box().press('Enter');
    await page.waitForURL('**/search/?q=97761');
    await page.waitForURL('**/codes/97761/');
    await page.goBack();
    assert.equal(path(), '/');
  });

  it('says so when the index cannot load, and tries again with the next text', async () => {
    let broken = true;
    await onIndex((route) => (broken ? route.fulfill({ status: 503 }) : route.continue()));
    await page.goto('/');
    await type('9776');
    await note().filter({ hasText: PROBLEM }).waitFor();
    await spoken().filter({ hasText: PROBLEM }).waitFor();
    broken = false;
    await box().press('Backspace');
    await listed();
    assert.equal(await note().isVisible(), false);
  });

  it('has no shortcut of a single key, which speech input would press by accident', async () => {
    await page.goto('/');
    await page.keyboard.press('/');
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
    await type('');
    assert.equal(await box().getAttribute('aria-keyshortcuts'), null);
  });

  it('lists codes and pages on the search page, keeps the text and names the tab', async () => {
    await page.goto('/search/?q=minor');
    await status().filter({ hasText: 'found for “minor”' }).waitFor();
    assert.match(await page.title(), /^minor – /);
    assert.equal(await box().inputValue(), 'minor');
    assert.ok((await page.locator('#results .page-hits mark').count()) > 0);
    const hrefs = await page.locator('#results a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.ok(hrefs.length > 0 && hrefs.every((href) => href.startsWith('/')));
    quiet();
  });

  it('jumps from the search page to a known code, leaving no step behind', async () => {
    await page.goto('/');
    await page.goto('/search/?q=hcpcs+g0105');
    await page.waitForURL('**/codes/G0105/');
    await page.goBack();
    assert.equal(path(), '/');
  });

  it('follows new text without loading the page again', async () => {
    await page.goto('/search/?q=orthotic');
    await status().filter({ hasText: 'found' }).waitFor();
    await page.evaluate(() => {
      window.stillHere = true;
    });
    await box().fill('97763');
    await page.waitForURL('**/search/?q=97763');
    await page.locator('#results .code-hits a').first().waitFor();
    assert.equal(await page.locator('#results .code-hits a').first().getAttribute('href'), '/codes/97763/');
    assert.equal(await page.evaluate(() => window.stillHere), true);
    await box().fill('');
    await status().filter({ hasText: 'Type a code' }).waitFor();
    assert.equal(new URL(page.url()).search, '');
    await box().fill('27447');
    await box().press('Enter');
    await page.waitForURL('**/codes/27447/');
    quiet();
  });

  it('says what to do with no text and when nothing is found', async () => {
    await page.goto('/search/');
    await status().filter({ hasText: 'Type a code' }).waitFor();
    // Pagefind takes an unknown word for its longest beginning that is known: no page has a word in these letters.
    await page.goto(`/search/?${new URLSearchParams({ q: 'жжжжж' })}`);
    await status().filter({ hasText: 'Nothing found for “жжжжж”. Try a code or a shorter word.' }).waitFor();
    assert.equal(await page.locator('#results a:visible').count(), 0);
    quiet();
  });

  it('offers codes when Pagefind is missing, and can try again', async () => {
    let missing = true;
    await page.route('**/pagefind/pagefind.js*', (route) => (missing ? route.fulfill({ status: 404 }) : route.continue()));
    await page.goto('/search/?q=9776');
    await status().filter({ hasText: 'The full-text search could not load. The codes below match.' }).waitFor();
    assert.equal(await page.locator('#results .code-hits a').first().getAttribute('href'), '/codes/97760/');
    missing = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await status().filter({ hasText: 'found for “9776”' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), false);
  });

  it('says so when neither can load', async () => {
    await page.route('**/pagefind/**', (route) => route.abort());
    await onIndex((route) => route.abort());
    await page.goto('/search/?q=knee');
    await status().filter({ hasText: 'Search could not load.' }).waitFor();
  });

  for (const attack of [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    'javascript:alert(1)//97761',
    '<mark><svg onload=alert(1)>orthotic</mark>',
    '../../evil 97761',
    '\u202e97761<b>',
  ]) {
    it(`shows ${JSON.stringify(attack)} as text`, async () => {
      await page.goto(`/search/?${new URLSearchParams({ q: attack })}`);
      await status().filter({ hasText: /found/ }).waitFor();
      assert.equal(await box().inputValue(), attack);
      assert.equal(await page.locator('#results :is(img, script, svg, iframe, object)').count(), 0);
      assert.ok((await page.title()).length > 0);
      await box().fill(`${attack} x`);
      await page.waitForTimeout(400);
      assert.equal(path(), '/search/');
      await page.goto('/');
      await type(attack.slice(0, 60));
      await page.waitForTimeout(200);
      assert.equal(await page.locator('[data-search] :is(img, script, svg)').count(), 0);
      quiet();
    });
  }

  it('shows more pages on demand', async () => {
    // A word that nearly any page has: how many pages a site holds is its own affair.
    await page.goto('/search/?q=classes');
    await status().filter({ hasText: 'found for' }).waitFor();
    const hits = page.locator('#results .page-hits > li');
    const more = page.getByRole('button', { name: 'Show more' });
    const total = Number(/(\d+) pages? found/.exec(await status().textContent())?.[1]);
    assert.equal(await hits.count(), Math.min(10, total));
    assert.equal(await more.isVisible(), total > 10);
    while (await more.isVisible()) {
      const before = await hits.count();
      await more.click();
      await page.waitForFunction((count) => document.querySelectorAll('#results .page-hits > li').length > count, before);
      if (before >= 40) break;
    }
    quiet();
  });
});
