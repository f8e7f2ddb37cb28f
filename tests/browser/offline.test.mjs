/**
 * The service worker as a visitor meets it: pages that were opened, opened again without connection; what it leaves alone; one build after another.
 *
 * A host of the tests' own stands before the site, so that it can be down, slow, or another build.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';

import { amountsLoaded, BASE, launch, needsSite, openPage, violations } from './helpers.mjs';

const FIRST = '/codes/97110/';
const SECOND = '/codes/99213/';
const NEVER = '/codes/20610/';

/** A host with the site's files; `edit` changes what it answers, `hold` keeps an answer back, `asked` is what it was asked for. */
async function hosting() {
  const host = { asked: [], edit: (path, text) => text, hold: () => null, url: '' };
  const server = createServer(async (request, response) => {
    host.asked.push(`${request.method} ${request.url}`);
    await host.hold(request.url);
    if (request.url.startsWith('/api/')) return response.writeHead(200, { 'content-type': 'text/plain' }).end(`${request.method} ${host.asked.length}`);
    const answer = await fetch(BASE + request.url, { redirect: 'manual' });
    let data = Buffer.from(await answer.arrayBuffer());
    if (/html|javascript|css/.test(answer.headers.get('content-type') ?? '')) data = Buffer.from(host.edit(request.url, data.toString()));
    const headers = Object.fromEntries(['content-type', 'content-security-policy', 'cache-control', 'location'].flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name)]] : [])));
    response.writeHead(answer.status, headers).end(data);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  host.url = `http://127.0.0.1:${server.address().port}`;
  host.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return host;
}

/** Change what the build wrote into the worker. */
const made = (text, change) => {
  const found = /const MADE=(\{.*?\});/.exec(text);
  assert.ok(found, 'the worker has no line of the build');
  return text.replace(found[0], `const MADE=${JSON.stringify({ ...JSON.parse(found[1]), ...change })};`);
};

describe('without connection', { ...needsSite, concurrency: 4 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(test, options = {}) {
    const host = await hosting();
    const opened = await openPage(browser, { baseURL: host.url, serviceWorkers: 'allow', ...options });
    test.after(async () => {
      await opened.context.close();
      await host.close();
    });
    await opened.page.clock.setFixedTime(new Date('2026-08-15T12:00:00'));
    return { ...opened, host };
  }
  /** Wait for a promise of the page's to bring something true: `waitForFunction` does not wait for promises. */
  async function until(page, made, argument) {
    for (const end = Date.now() + 20_000; !(await page.evaluate(made, argument)); ) {
      assert.ok(Date.now() < end, `still not so: ${made}`);
      await page.waitForTimeout(50);
    }
  }
  /** Go somewhere, and wait until the worker keeps it. */
  async function visit(page, path) {
    await page.goto(path);
    await until(page, async (one) => navigator.serviceWorker.controller && Boolean(await caches.match(one)), path);
  }
  const names = (page) => page.evaluate(async () => (await caches.keys()).sort());
  const keptOf = (page, kind) =>
    page.evaluate(async (start) => {
      const name = (await caches.keys()).find((one) => one.startsWith(start));
      return name ? (await (await caches.open(name)).keys()).map((one) => one.url) : [];
    }, `${kind} `);
  const line = (page) => page.locator('header > p.offline');

  it('a page that was visited opens as it was, with its style and its scripts, under a line that says of which day it is', async (t) => {
    const { page, context, complaints } = await open(t);
    await visit(page, FIRST);
    assert.equal(await line(page).count(), 0);
    await visit(page, SECOND);
    const amount = await page.locator('.allowed .fig, .amounts').first().innerText();
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await visit(page, '/data/'); // a page, although files that programs ask for lie below it
    await context.setOffline(true);
    await page.goto('/data/');
    assert.equal(await line(page).count(), 1);
    for (const path of [FIRST, SECOND]) {
      await page.goto(path);
      assert.match(await line(page).innerText(), /^Offline copy of [A-Z][a-z]+ \d{1,2}, 20\d\d\. Our host did not answer: .* Try again$/);
      await page.locator('#calculator').waitFor(); // its script shows it
    }
    assert.equal(await page.locator('.allowed .fig, .amounts').first().innerText(), amount);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), paper);
    assert.deepEqual(await violations(page), []);
    await context.setOffline(false);
    await line(page).getByRole('link', { name: 'Try again' }).click();
    await line(page).waitFor({ state: 'detached' });
    assert.deepEqual(complaints.filter((one) => !/ERR_INTERNET_DISCONNECTED/.test(one)), []);
  });

  it('a copy whose release has ended says so by the visitor’s day', async (t) => {
    const { page, context } = await open(t);
    await visit(page, FIRST);
    await context.setOffline(true);
    await page.goto(FIRST);
    assert.equal(await page.locator('p.stale').isVisible(), false);
    await page.clock.setFixedTime(new Date('2027-02-01T12:00:00'));
    await page.goto(FIRST);
    await page.locator('p.stale').waitFor();
    assert.ok(await line(page).isVisible());
  });

  it('a page that was not visited says that it is not kept, and lists by name those that are; they can be removed', async (t) => {
    const { page, context } = await open(t);
    await visit(page, FIRST);
    const name = (await page.locator('h1').innerText()).replace(/\s+/g, ' ');
    await visit(page, '/browse/');
    await context.setOffline(true);
    await page.goto(NEVER);
    assert.match(await line(page).innerText(), /^No connection\. The page you asked for is not kept in this browser/);
    const first = page.locator('[data-part=codes] li a');
    await first.waitFor();
    assert.deepEqual([await first.getAttribute('href'), (await first.innerText()).replace(/\s+/g, ' ')], [FIRST, name]);
    assert.deepEqual(await page.locator('[data-part=others] li a').evaluateAll((all) => all.map((one) => one.getAttribute('href'))), ['/browse/']);
    assert.deepEqual(await violations(page), []);
    await page.goto('/offline/');
    assert.match(await line(page).innerText(), /^No connection\. Try again$/);
    await page.getByRole('button', { name: 'Remove these pages' }).click();
    await page.locator('[data-part=none]').waitFor();
    assert.deepEqual((await names(page)).map((one) => one.split(' ')[0]), ['shell']);
    await page.goto(FIRST);
    assert.match(await line(page).innerText(), /^No connection\./);
  });

  it('a host that does not answer in time is not waited for, and one that does is believed', async (t) => {
    const { page, host } = await open(t);
    await visit(page, FIRST);
    host.edit = (path, text) => text.replace('</h1>', ' (newer)</h1>');
    await page.goto(FIRST);
    assert.match(await page.locator('h1').innerText(), /\(newer\)/);
    assert.equal(await line(page).count(), 0);
    let answer;
    const waits = new Promise((resolve) => {
      answer = resolve;
    });
    t.after(() => answer());
    host.hold = (path) => (path === FIRST ? waits : null);
    await page.goto(FIRST);
    assert.match(await line(page).innerText(), /^Offline copy of /);
    assert.match(await page.locator('h1').innerText(), /\(newer\)/);
  });

  it('what is sent, what is asked of the function and what stands behind a ? is kept nowhere', async (t) => {
    const { page, host, context } = await open(t);
    await visit(page, FIRST);
    await page.goto('/search/?q=jane+doe');
    await page.goto('/api/reports/');
    await page.goto('/contribute/?code=97110');
    await until(page, async () => Boolean(await caches.match('/contribute/')));
    const answers = () => page.evaluate(async () => Promise.all([fetch('/api/reports?code=97110'), fetch('/api/reports', { method: 'POST', body: 'x' }), fetch('/data/v1/codes/97110.json', { method: 'POST', body: 'x' })]).then((all) => Promise.all(all.slice(0, 2).map((one) => one.text()))));
    const [got, posted] = await answers();
    assert.match(got, /^GET /);
    assert.match(posted, /^POST /);
    assert.equal(host.asked.filter((one) => one.startsWith('POST /data/')).length, 1);
    const all = await page.evaluate(async () => {
      const urls = [];
      for (const name of await caches.keys()) {
        const store = await caches.open(name);
        for (const one of await store.keys()) urls.push(one.url, (await store.match(one)).url);
      }
      return urls;
    });
    assert.ok(all.length > 10);
    assert.deepEqual(all.filter((url) => /\?|jane|\/api\/|97110\.json/.test(url)), []);
    await context.setOffline(true);
    await assert.rejects(answers, /Failed to fetch/);
    // Kept under its path, the page finds in its own address what was asked.
    await page.goto('/contribute/?code=97110');
    assert.match(await line(page).innerText(), /^Offline copy of /);
  });

  it('no more is kept than the bounds say: the oldest go', async (t) => {
    const { page, host } = await open(t);
    const bounds = /MOST=\{pages:100,assets:150,data:150\}/;
    host.edit = (path, text) => {
      if (path !== '/sw.js') return text;
      assert.match(text, bounds);
      return text.replace(bounds, 'MOST={pages:3,assets:150,data:2}');
    };
    for (const path of [FIRST, SECOND, '/browse/', '/claim/', FIRST, '/legal/']) await visit(page, path);
    await until(page, async () => (await (await caches.open((await caches.keys()).find((one) => one.startsWith('pages ')))).keys()).length === 3);
    assert.deepEqual((await keptOf(page, 'pages')).map((url) => new URL(url).pathname), ['/claim/', FIRST, '/legal/']);
    for (const code of ['97110', '97140', '99213']) await page.evaluate((one) => fetch(`/data/v1/codes/${one}.json`).then((answer) => answer.text()), code);
    await until(page, async () => Boolean(await caches.match('/data/v1/codes/99213.json')));
    await until(page, async () => !(await caches.match('/data/v1/codes/97110.json')));
    assert.deepEqual((await keptOf(page, 'data')).map((url) => url.slice(-10)), ['97140.json', '99213.json']);
  });

  it('another build of the same release takes over at once; what was visited stays, each page with its own style', async (t) => {
    const { page, context, host } = await open(t);
    await visit(page, FIRST);
    const shell = (await names(page)).find((one) => one.startsWith('shell '));
    // Another stylesheet under another name, as a build would write it.
    const style = /\/assets\/site\.\w+\.css/;
    host.edit = (path, text) => {
      if (path === '/sw.js') return made(text, { build: 'another', shell: JSON.parse(/const MADE=(\{.*?\});/.exec(text)[1]).shell.filter((one) => !style.test(one)) });
      return text.replace(/(?<=href=")(\/assets\/site\.\w+\.css)/, '$1?another');
    };
    await visit(page, SECOND);
    await until(page, async () => (await caches.keys()).includes('shell another'));
    await until(page, async (one) => !(await caches.keys()).includes(one), shell);
    await context.setOffline(true);
    for (const path of [FIRST, SECOND]) {
      await page.goto(path);
      assert.match(await line(page).innerText(), /^Offline copy of /);
      assert.equal((await page.locator('link[rel=stylesheet]').getAttribute('href')).endsWith('?another'), path === SECOND);
      assert.ok(await page.evaluate(() => document.styleSheets[0].cssRules.length > 100));
    }
  });

  it('a new release takes over at once: what was kept of the old one goes, the page that came with it stays', async (t) => {
    const { page, context, host } = await open(t);
    await visit(page, FIRST);
    const before = await names(page);
    host.edit = (path, text) => (path === '/sw.js' ? made(text, { release: 'RVU99Z', build: 'next' }) : text.replace(/data-keep="[^"]+"/, 'data-keep="RVU99Z"'));
    await page.goto(SECOND);
    await until(page, async (path) => (await caches.keys()).includes('pages RVU99Z 1') && Boolean(await (await caches.open('pages RVU99Z 1')).match(path)), SECOND);
    await until(page, async (all) => !(await caches.keys()).some((one) => all.includes(one)), before);
    await context.setOffline(true);
    await page.goto(SECOND);
    assert.match(await line(page).innerText(), /^Offline copy of /);
    await page.locator('#calculator').waitFor();
    await page.goto(FIRST);
    assert.match(await line(page).innerText(), /^No connection\./);
  });

  it('a page of the old release that stays open is not kept as one of the new', async (t) => {
    const { page, context, host } = await open(t);
    await visit(page, FIRST);
    host.edit = (path, text) => (path === '/sw.js' ? made(text, { release: 'RVU99Z', build: 'next' }) : text.replace(/data-keep="[^"]+"/, 'data-keep="RVU99Z"'));
    const other = await context.newPage();
    await other.goto(SECOND);
    await until(other, async (path) => (await caches.keys()).includes('pages RVU99Z 1') && Boolean(await (await caches.open('pages RVU99Z 1')).match(path)), SECOND);
    assert.deepEqual((await keptOf(other, 'pages RVU99Z')).map((url) => new URL(url).pathname), [SECOND]);
    assert.equal(await page.evaluate(() => document.querySelector('header').dataset.keep === 'RVU99Z'), false);
  });

  it('a worker that is taken back leaves nothing behind', async (t) => {
    const { page, context, host } = await open(t);
    await visit(page, FIRST);
    const withdraw = readFileSync(new URL('../../assets/js/worker/withdraw.js', import.meta.url), 'utf8');
    host.edit = (path, text) => (path === '/sw.js' ? withdraw : text.replace(/ data-keep="[^"]+"/, ''));
    await page.goto(SECOND);
    await until(page, async () => !(await navigator.serviceWorker.getRegistration()) && !(await caches.keys()).length);
    await page.close();
    const later = await context.newPage();
    await later.goto(FIRST);
    assert.equal(await later.evaluate(() => navigator.serviceWorker.controller), null);
    assert.deepEqual(await names(later), []);
  });

  it('the page that compares rates has no worker run, and is kept by one that runs already', async (t) => {
    const { page, context, host } = await open(t);
    await page.goto('/compare/');
    await amountsLoaded(page);
    await page.waitForLoadState('networkidle');
    assert.deepEqual(host.asked.filter((one) => one.includes('sw.js') || one.includes('offline')), []);
    await visit(page, FIRST);
    await page.goto('/compare/');
    await amountsLoaded(page);
    await until(page, async () => Boolean(await caches.match('/compare/')));
    await context.setOffline(true);
    await page.goto('/compare/');
    await amountsLoaded(page);
    assert.match(await line(page).innerText(), /^Offline copy of /);
  });
});
