/**
 * Every kind of page in a browser: quiet, by itself, within the screen, readable by everybody, with and without a script, on paper.
 *
 * IN_FORCE_URL and EXPIRED_URL serve a site built within its release's dates and one built after them; LONG_LIST is the
 * address of the longest list of codes.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { ALL_VIEWS, BASE, launch, needsSite, openPage, violations } from './helpers.mjs';

const OFFICE = '#payment .amounts .fig';

/** One page of each kind, by what it shows. */
const KINDS = {
  'a therapy code': '/codes/97761/',
  'a surgery': '/codes/27447/',
  'an imaging code with two parts': '/codes/70496/',
  'an anesthesia code': '/codes/00100/',
  'a drug priced elsewhere': '/codes/J0897/',
  'a bundled code': '/codes/36416/',
  'a code whose RVUs are not used': '/codes/22526/',
  'a dental code': '/codes/D0120/',
  'a code with a reading alone': '/codes/86153/',
  'a deleted code': '/codes/97762/',
  'a long list of codes': process.env.LONG_LIST ?? '/browse/imaging/standard-x-ray/x-ray-lower-extremity/',
  'the top of the lists': '/browse/',
  'the front page': '/',
  'the release': '/release/',
  'the methodology': '/methodology/',
  'the form for field reports': '/contribute/?code=97761',
  'the thanks for a report': '/contribute/thanks/',
  'the ranking of field reports': '/field/',
  'the claim desk': '/claim/',
  'the comparison with Medicare': '/compare/',
  'the toolkit': '/toolkit/',
  'the files for programs': '/data/',
  'the list of one’s own codes': '/my-codes/?codes=97761,27447',
  'the kept pages': '/offline/',
  'the changes of all releases': '/changes/',
  'a modifier': '/modifiers/59/',
  'the privacy notice': '/privacy/',
  'the legal notices': '/legal/',
  'the search page with results': '/search/?q=orthotic',
  'a page that is not there': '/nowhere/',
};

// A page waits more than it works, so that a few can be looked at at a time.
describe('every kind of page', { ...needsSite, concurrency: 2 }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** A page for the length of a test. */
  async function open(test, options) {
    const made = await openPage(browser, options);
    test.after(() => made.context.close());
    return made;
  }

  /** Pages that no test uses now, by their options: where a page's past says nothing, one is used again, since to start it takes as long as the test. */
  const idle = new Map();
  async function borrow(test, options) {
    const name = JSON.stringify(options);
    const left = idle.get(name) ?? [];
    idle.set(name, left);
    const made = left.pop() ?? (await openPage(browser, options));
    await made.page.emulateMedia({ media: null, colorScheme: options.colorScheme ?? 'light' });
    test.after(() => left.push(made));
    return made;
  }

  /** Go there, and wait until the search page has answered. */
  async function visit(page, path) {
    await page.goto(path);
    if (path.startsWith('/search/?')) await page.locator('#results [role="status"]').filter({ hasText: 'found' }).waitFor();
  }

  /** What sticks out of the screen: the page itself, or an element that nothing scrolls or cuts. */
  function outside(page) {
    return page.evaluate(() => {
      const root = document.documentElement;
      const width = root.clientWidth;
      const found = root.scrollWidth > width ? [`the page is ${root.scrollWidth} px wide in ${width} px`] : [];
      for (const element of document.body.querySelectorAll('*')) {
        const { left, right, width: own } = element.getBoundingClientRect();
        if (own === 0 || (right <= width + 1 && left >= -1)) continue;
        let inside = element;
        while (inside && getComputedStyle(inside).overflowX === 'visible') inside = inside.parentElement;
        if (!inside && !element.matches('.skip')) found.push(`${element.tagName}.${element.className} ends at ${Math.round(right)} px of ${width} px`);
      }
      return found;
    });
  }

  /**
   * What a reader with colours of his own does not see, everything unfolded: a text, the frame of a control, a mark that is drawn with its
   * own colours, a line or shape of a picture. 4.5:1 for a text, 3:1 for the rest.
   */
  function lost(page) {
    return page.evaluate(() => {
      const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d', { willReadFrequently: true }));
      const light = (/** @type {string} */ color) => {
        pen.fillStyle = color;
        pen.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...pen.getImageData(0, 0, 1, 1).data].map((one) => (one <= 10 ? one / 3295 : ((one / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const clear = (/** @type {string} */ color) => /^none$|^rgba\(.*, 0\)$/.test(color);
      const ground = (/** @type {Element | null} */ element) => {
        for (let one = element; one; one = one.parentElement) if (!clear(getComputedStyle(one).backgroundColor)) return getComputedStyle(one).backgroundColor;
        return 'Canvas';
      };
      /** A colour that is not there tells nothing. */
      const contrast = (/** @type {string} */ color, /** @type {Element} */ element) => {
        const [one, other] = [light(color), light(ground(element))];
        return clear(color) ? 1 : (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      };
      const shown = (/** @type {Element} */ element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
      for (const one of document.querySelectorAll('details')) one.open = true;
      const found = [];
      for (const element of document.body.querySelectorAll('*')) {
        if (!shown(element)) continue;
        const style = getComputedStyle(element);
        const name = `${element.tagName} ${element.id} ${element.getAttribute('class') ?? ''}`;
        if (element.matches('svg :not(g)')) {
          if (Math.max(contrast(style.fill, element), contrast(style.stroke, element)) < 3) found.push(`picture: ${name}`);
        } else if (element.matches('button:not(.quiet), select, textarea, input:not([type="checkbox"], [type="radio"], [type="file"])')) {
          if (style.borderTopStyle === 'none' || contrast(style.borderTopColor, /** @type {Element} */ (element.parentElement)) < 3) found.push(`frame: ${name}`);
        }
        if (!element.matches('svg *, option') && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()) && contrast(style.color, element) < 4.5) found.push(`text: ${name}`);
        for (const place of ['::before', '::after']) {
          const mark = getComputedStyle(element, place);
          if (!/^""( |$)/.test(mark.content)) continue;
          const border = mark.borderTopStyle === 'none' ? 'none' : mark.borderTopColor;
          if (Math.max(contrast(mark.backgroundColor, element), contrast(border, element)) < 3) found.push(`mark: ${name}${place}`);
        }
      }
      return found;
    });
  }

  for (const [kind, path] of Object.entries(KINDS)) {
    it(`${kind}: every text, control and picture is seen in the reader’s own colours, and nothing moves for whoever asks for that`, async (t) => {
      const { page } = await borrow(t, { forcedColors: 'active', reducedMotion: 'reduce', viewport: { width: 1440, height: 900 } });
      await visit(page, path);
      await page.waitForLoadState('networkidle');
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await lost(page), [], colorScheme);
      }
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll('*')].flatMap((element) =>
          [undefined, '::before', '::after'].flatMap((place) => {
            const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element, place);
            return animationName === 'none' && /^0s(, 0s)*$/.test(transitionDuration) && scrollBehavior === 'auto' ? [] : [`${element.tagName}.${element.className}${place ?? ''}`];
          }),
        ),
      );
      assert.deepEqual(moving, []);
    });

    it(`${kind}: fits on paper of letter width, in light colours, without menus and forms`, async (t) => {
      const { page } = await borrow(t, { viewport: { width: 695, height: 900 }, colorScheme: 'dark' }); // 8.5 inches less the margins
      await visit(page, path);
      await page.waitForLoadState('networkidle');
      await page.emulateMedia({ media: 'print' });
      assert.deepEqual(await outside(page), []);
      const { paper, left } = await page.evaluate(() => ({
        paper: getComputedStyle(document.body).backgroundColor,
        left: [...document.querySelectorAll('nav, form, input, select, textarea, button:not(th button)')].filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => `${one.tagName} ${one.id} ${one.className}`),
      }));
      assert.equal(paper, 'rgb(255, 255, 255)');
      assert.deepEqual(left, []);
    });

    it(`${kind}: no complaint, no request to anybody else, nothing wider than the screen, nothing that axe finds`, async (t) => {
      const { context, page, complaints, requests } = await open(t, { viewport: { width: 320, height: 740 } });
      await page.addInitScript(() => {
        window.refused = [];
        document.addEventListener('securitypolicyviolation', (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
      });
      await visit(page, path);
      await page.locator('form[data-search] input[name="q"]').filter({ visible: true }).first().focus();
      await page.waitForLoadState('networkidle');
      const found = {};
      for (const width of [320, 360, 768, 1440, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        found[width] = await outside(page);
      }
      const devtools = await context.newCDPSession(page);
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
      for (const width of [360, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '32px');
        found[`${width}, text twice as large`] = await outside(page);
      }
      await devtools.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
      await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '16px');
      assert.deepEqual(Object.entries(found).filter(([, what]) => what.length > 0), []);
      assert.deepEqual(await violations(page, ALL_VIEWS), []);
      assert.deepEqual(complaints, []);
      assert.deepEqual(await page.evaluate(() => window.refused), []);
      assert.ok(requests.length >= 4, requests.join('\n'));
      assert.deepEqual(requests.filter((url) => new URL(url).origin !== BASE), []);
    });

    it(`${kind}: says everything without a script`, async (t) => {
      const { page } = await borrow(t, { javaScriptEnabled: false });
      await page.goto(path);
      assert.notEqual((await page.locator('h1').innerText()).trim(), '');
      assert.ok((await page.locator('main').innerText()).length > 80);
      assert.equal(await page.locator('form[data-search]').filter({ visible: true }).getAttribute('action'), '/search/');
    });

    it(`${kind}: the first Tab reaches a link past the header, and every stop of the keyboard can be seen`, async (t) => {
      const { page } = await borrow(t, { viewport: { width: 1440, height: 900 } });
      await visit(page, path);
      const skip = page.locator('a.skip');
      const unseen = [];
      for (let stop = 0; stop < 15; stop++) {
        await page.keyboard.press('Tab');
        if (stop === 0) {
          assert.equal(await skip.evaluate((link) => document.activeElement === link), true);
          assert.ok((await skip.boundingBox()).x >= 0);
        }
        const seen = await page.evaluate(() => {
          const element = document.activeElement;
          const { top, bottom, left, width, height } = element.getBoundingClientRect();
          const { outlineStyle, outlineWidth, outlineColor, visibility } = getComputedStyle(element);
          const ringed = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && !outlineColor.endsWith(', 0)') && visibility === 'visible';
          const onScreen = width > 0 && height > 0 && bottom > 0 && top < innerHeight && left >= 0;
          return element === document.body || (ringed && onScreen) ? null : element.outerHTML.slice(0, 120);
        });
        if (seen) unseen.push(seen);
      }
      await skip.focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const main = document.querySelector('main');
        const after = main.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING;
        return main.contains(document.activeElement) ? 'in the text' : after ? 'after the text' : 'in the header';
      });
      assert.ok(at !== 'in the header' && (at === 'in the text' || !(await page.locator('main a, main input').count())), at);
      assert.deepEqual(unseen, []);
    });
  }

  for (const [width, height] of [[360, 740], [1440, 900]]) {
    for (const [name, address, amount] of [['97761', '/codes/97761/', '$40.42'], ['27447', '/codes/27447/', '$1,159.35']]) {
      it(`the office amount of ${name} is in sight at ${width} by ${height} px, and nothing there is larger`, async (t) => {
        const { page } = await open(t, { viewport: { width, height } });
        await page.goto(address);
        // The note of a release past its dates stands above it: with it, too.
        await page.locator('p.stale').evaluateAll((notes) => {
          for (const note of notes) {
            if (note.hidden) note.textContent = 'Rates of July to September 2026; a newer release exists. What holds today can differ.';
            note.hidden = false;
          }
        });
        const office = page.locator(OFFICE).first();
        assert.equal(await office.innerText(), amount);
        const box = await office.boundingBox();
        assert.ok(box.y >= 0 && box.y + box.height <= height && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
        const sizes = await page.evaluate(() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const range = document.createRange();
            range.selectNodeContents(node);
            const { top, width, height } = range.getBoundingClientRect();
            if (node.textContent.trim() && width > 0 && height > 0 && top < innerHeight) {
              found.push({ text: node.textContent.trim(), size: Number.parseFloat(getComputedStyle(node.parentElement).fontSize) });
            }
          }
          return found.sort((one, two) => two.size - one.size);
        });
        assert.equal(sizes[0].text, amount);
        assert.ok(sizes[1].size < sizes[0].size, JSON.stringify(sizes.slice(0, 3)));
      });
    }
  }

  it('with text twice as large and the same width in em, nothing sticks out of a phone, held upright or across', async (t) => {
    const { page } = await open(t, { viewport: { width: 360, height: 740 } });
    for (const path of ['/codes/97110/', '/codes/27447/', '/codes/70496/', '/claim/#l=97110,99213', '/proof/']) {
      await page.goto(path);
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
        for (const one of document.querySelectorAll('details')) one.open = true;
      });
      for (const [width, height] of [[360, 740], [740, 360]]) {
        await page.setViewportSize({ width, height });
        assert.deepEqual(await outside(page), [], `${path} at ${width} px`);
      }
    }
  });

  it('the amount that stays in sight never takes more than a third of the screen', async (t) => {
    const { page } = await open(t);
    for (const address of ['/codes/27447/#mod=80', '/codes/97110/#pos=99', '/codes/97761/#units=9']) {
      await page.goto('about:blank');
      await page.goto(address);
      const amount = page.locator('.result > :is(.answer, .refusal)').filter({ visible: true });
      await amount.waitFor();
      for (const [width, height] of [[360, 740], [740, 360], [320, 568], [360, 400], [768, 1024], [1440, 900]]) {
        await page.setViewportSize({ width, height });
        for (const size of [100, 150, 200]) {
          const { top, tall, stuck } = await amount.evaluate((one, size) => {
            document.documentElement.style.fontSize = `${size}%`;
            document.querySelector('#calculator').scrollIntoView();
            const { top, bottom, height } = one.getBoundingClientRect();
            return { top, tall: height, stuck: Math.abs(bottom - innerHeight) < 4 };
          }, size);
          const view = `${address} at ${width} by ${height} px, text at ${size}%: ${Math.round(tall)} px from ${Math.round(top)}`;
          if (stuck) assert.ok(tall * 3 <= height, view);
          if (size === 100 && tall * 4 <= height && height > 400) assert.ok(top < height, view);
        }
      }
    }
  });

  it('a code shows its amounts, its RVUs and its rules without a script', async (t) => {
    const { page } = await open(t, { javaScriptEnabled: false });
    await page.goto('/codes/97761/');
    const text = await page.locator('main').innerText();
    for (const part of ['$40.42', '1.21', '0.50', '33.4009', 'Paid', 'Several procedures', '$28.72', 'Claims Manual 5 §10.7']) assert.ok(text.includes(part), part);
    await page.goto('/codes/27447/');
    assert.ok((await page.locator('#rules').innerText()).includes('Both sides'));
  });

  it('what only a script can use is no text for a browser that knows neither scripts nor hidden parts', async () => {
    for (const [path, kept, gone] of [
      ['/codes/97761/', ['$40.42', 'With a modifier'], ['Calculator', 'Allowed amount', 'Show the list']],
      ['/claim/', ['needs JavaScript'], ['Findings', 'What answered', 'Remove']],
      ['/compare/', ['needs JavaScript'], ['Rows, ranked', 'Try again']],
      ['/my-codes/', ['needs JavaScript'], ['Edits between these codes', 'Try again']],
    ]) {
      const text = (await (await fetch(BASE + path)).text()).replace(/<script.*?<\/script>/gs, '').replace(/<[^>]*>/g, '');
      for (const one of kept) assert.ok(text.includes(one), `${path}: ${one}`);
      for (const one of gone) assert.ok(!text.includes(one), `${path}: ${one}`);
    }
  });

  it('the search form works without a script, as a plain link', async (t) => {
    const { page } = await open(t, { javaScriptEnabled: false });
    await page.goto('/');
    await page.locator('main form[data-search] input[name="q"]').fill('97761');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search/?q=97761');
    assert.match(await page.locator('#results').innerText(), /need JavaScript/);
  });

  it('paper has the amounts and the rules, and none of the search and the menus', async (t) => {
    const { page } = await open(t, { viewport: { width: 720, height: 1000 }, colorScheme: 'dark' });
    await page.goto('/codes/27447/');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    for (const gone of ['form[data-search]', 'header.top nav', '.skip', '.crumbs', '.parts', '.end nav', '#near']) {
      assert.equal(await page.locator(gone).filter({ visible: true }).count(), 0, gone);
    }
    for (const kept of [OFFICE, '#rules', '.verdict', '.end .release', '.rvu']) assert.ok(await page.locator(kept).first().isVisible(), kept);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), 'rgb(0, 0, 0)');
    // A head of figures stands above them.
    assert.deepEqual(await page.locator('.past thead .n, .past tbody .n').evaluateAll((all) => [...new Set(all.map((cell) => getComputedStyle(cell).textAlign))]), ['right']);
    assert.deepEqual(await outside(page), []);
    await page.goto('/');
    assert.equal(await page.locator('form[data-search]').filter({ visible: true }).count(), 0);
  });

  it('a table of facts gives way in its words, or reads as blocks, instead of scrolling', async (t) => {
    for (const width of [360, 768, 1440]) {
      const { page } = await open(t, { viewport: { width, height: 900 } });
      for (const path of ['/release/', '/changes/rvu26c/', '/edits/', '/proof/', '/data/']) {
        await page.goto(path);
        const wide = await page.locator('main table').evaluateAll((all) => all.map((table) => Math.round(table.getBoundingClientRect().right - document.querySelector('main').getBoundingClientRect().right)));
        assert.ok(wide.length > 0, path);
        assert.deepEqual(wide.filter((more) => more > 0), [], `${path} at ${width} px`);
      }
    }
  });

  it('a date in a remark is not cut at the end of a line', async (t) => {
    const { page } = await open(t, { viewport: { width: 360, height: 900 } });
    for (const [path, least] of [['/release/', 3], ['/compare/', 1]]) {
      await page.goto(path);
      let dates = [];
      // A text may end its line anywhere: every width has another end.
      for (let width = 320; width <= 420; width += 5) {
        await page.setViewportSize({ width, height: 900 });
        dates = await page.evaluate(() => {
          const found = [];
          const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            for (const { 0: day, index } of texts.currentNode.data.matchAll(/\d{4}-\d\d-\d\d/g)) {
              const range = document.createRange();
              range.setStart(texts.currentNode, index);
              range.setEnd(texts.currentNode, index + day.length);
              found.push([texts.currentNode.data, new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size]);
            }
          }
          return found;
        });
        assert.deepEqual(dates.filter(([, lines]) => lines > 1), [], `${path} at ${width} px`);
      }
      assert.ok(dates.length >= least, `${path}: ${dates.length}`);
    }
  });

  it('where a row is a block, each of its cells says what it is', async (t) => {
    const { page } = await open(t, { viewport: { width: 360, height: 900 } });
    await page.goto('/release/');
    const cells = page.locator('#files tbody tr').first().locator('td');
    const heads = await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell, '::before').content.replaceAll('"', '').trim()));
    assert.deepEqual(heads, ['File', 'Rows read', 'Rows kept', 'Bytes', 'SHA-256']);
    assert.equal(await page.locator('#files thead').evaluate((head) => head.getBoundingClientRect().height), 1);
  });

  for (const [code, place] of [['97761', 'therapy'], ['27447', 'surgery of four digits'], ['70496', 'imaging in three rows']]) {
    it(`on a phone no table of ${code}, ${place}, hides a figure behind its edge, folds open and all localities listed`, async (t) => {
      const { page } = await open(t, { viewport: { width: 360, height: 800 } });
      await page.goto(`/codes/${code}/#pos=22${code === '70496' ? '&mod=26' : ''}`);
      await page.locator('.result:not([hidden])').waitFor();
      await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
      await page.locator('.all tbody tr').nth(50).waitFor();
      const beyond = await page.locator('.scroll').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.ariaLabel));
      assert.deepEqual(beyond, []);
      // Beside the calculator of a wide screen there is hardly more room.
      await page.setViewportSize({ width: 1440, height: 900 });
      assert.equal(await page.locator('.all .scroll').evaluate((one) => one.scrollWidth > one.clientWidth + 1), false);
    });
  }

  it('on paper a head stands above its figures', async (t) => {
    const { page } = await open(t, { viewport: { width: 800, height: 900 } });
    await page.goto('/codes/70496/');
    await page.emulateMedia({ media: 'print' });
    const edges = await page.locator('.lined, .past').evaluateAll((all) =>
      all.flatMap((table) => {
        const [head, body] = [table.tHead.rows[0].cells, [...table.querySelectorAll('tbody tr')].find((row) => row.cells.length > 2).cells];
        return [...body].slice(1).map((cell, at) => getComputedStyle(head[at + 1]).textAlign === getComputedStyle(cell).textAlign && Math.abs(head[at + 1].getBoundingClientRect().right - cell.getBoundingClientRect().right) < 1);
      }),
    );
    assert.ok(edges.length > 5 && edges.every(Boolean), String(edges));
  });

  it('forced colours keep the verdict, its sign and the parts of the bar', async (t) => {
    const { page } = await open(t, { forcedColors: 'active', colorScheme: 'dark' });
    for (const [path, word, sign] of [['/codes/97761/', 'Paid', '✓'], ['/codes/J0897/', 'Not on this fee schedule', '✕'], ['/codes/00100/', 'Paid by time', '!'], ['/codes/97762/', 'Deleted', '✕']]) {
      await page.goto(path);
      const verdict = page.locator('.verdict b');
      assert.equal((await verdict.innerText()).trim(), word);
      const look = await verdict.evaluate((element) => {
        const style = getComputedStyle(element);
        return { sign: getComputedStyle(element, '::before').content, color: style.color, paper: getComputedStyle(document.body).backgroundColor };
      });
      assert.ok(look.sign.includes(sign), look.sign);
      assert.notEqual(look.color, look.paper);
    }
    await page.goto('/codes/27447/');
    const fills = await page.locator('.bar rect').evaluateAll((parts) => parts.map((part) => getComputedStyle(part).fill));
    assert.equal(new Set(fills).size, 3, fills.join());
    assert.ok(!fills.includes(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)), fills.join());
  });

  it('the stylesheet says the same as its sources, rule by rule, and weighs less', async (t) => {
    const { page } = await open(t);
    await page.goto('/');
    const folder = new URL('../../assets/css/', import.meta.url);
    const source = readdirSync(folder).sort().map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const { sent, rules } = await page.evaluate(async (text) => {
      const answer = await fetch(document.querySelector('link[rel="stylesheet"]').href);
      const sent = await answer.text();
      const rules = [text, sent].map((one) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(one);
        return [...sheet.cssRules].map(({ cssText }) => cssText.replace(/\s+/g, ' '));
      });
      return { sent, rules };
    }, source);
    assert.ok(rules[0].length > 300 && sent.length < source.length);
    assert.deepEqual(rules[1], rules[0]);
  });

});

const SITES = { IN_FORCE_URL: process.env.IN_FORCE_URL, EXPIRED_URL: process.env.EXPIRED_URL };
const lacks = Object.keys(SITES).filter((name) => !SITES[name]);

describe('a release past its dates', { skip: lacks.length ? `${lacks.join(' and ')} not set` : false, concurrency: 2 }, () => {
  const PATHS = ['/codes/97761/', '/codes/97762/', '/codes/J0897/'];
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** The visible notes of a page on a day, with the top of the first and of the office amount. */
  async function notes(site, path, day) {
    const { context, page, complaints } = await openPage(browser, { baseURL: site, timezoneId: 'America/New_York' });
    await page.clock.setFixedTime(new Date(day));
    await page.goto(path);
    const shown = page.locator('.stale').filter({ visible: true });
    const texts = await shown.allInnerTexts();
    const top = (await shown.first().boundingBox({ timeout: 1 }).catch(() => null))?.y;
    const amount = (await page.locator('.amounts .fig').first().boundingBox({ timeout: 1 }).catch(() => null))?.y;
    await context.close();
    assert.deepEqual(complaints, []);
    return { texts, top, amount };
  }

  for (const path of PATHS) {
    it(`${path}: a page built in time says nothing while the release is in force`, async () => {
      for (const day of ['2026-07-01T05:00:00Z', '2026-10-01T03:00:00Z']) assert.deepEqual((await notes(SITES.IN_FORCE_URL, path, day)).texts, [], day);
    });

    it(`${path}: the browser says it once, above the amount, from the day after on`, async () => {
      for (const day of ['2026-10-01T05:00:00Z', '2027-03-01T12:00:00Z']) {
        const { texts, top, amount } = await notes(SITES.IN_FORCE_URL, path, day);
        assert.equal(texts.length, 1, day);
        assert.match(texts[0], /July to September 2026.*newer release/);
        if (amount !== undefined) assert.ok(top < amount);
      }
    });

    it(`${path}: a page built too late says it once, with and without the browser's help`, async () => {
      for (const day of ['2026-12-01T12:00:00Z', '2026-08-01T12:00:00Z']) {
        const { texts, top, amount } = await notes(SITES.EXPIRED_URL, path, day);
        assert.equal(texts.length, 1, day);
        assert.match(texts[0], /July to September 2026.*newer release/);
        if (amount !== undefined) assert.ok(top < amount);
      }
      const { context, page } = await openPage(browser, { baseURL: SITES.EXPIRED_URL, javaScriptEnabled: false });
      await page.goto(path);
      assert.equal(await page.locator('.stale').filter({ visible: true }).count(), 1);
      await context.close();
    });
  }
});

describe('an address that is not there', needsSite, () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  it('leads from a code in small letters to its page', async () => {
    const { context, page, complaints } = await openPage(browser);
    await page.goto('/codes/j1100/');
    await page.waitForURL('**/codes/J1100/');
    assert.equal(await page.locator('h1 .num').textContent(), 'J1100');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('stays where no code is asked for, and says what to do', async () => {
    const { context, page } = await openPage(browser);
    const answer = await page.goto('/codes/nothing-here/');
    assert.equal(answer?.status(), 404);
    assert.match(String(await page.locator('main').textContent()), /search box/);
    await context.close();
  });
});
