/**
 * The live server in a browser: a save loads the page again where the reader was, and a finding comes and goes by itself.
 *
 * PROJECT is the folder of the project that BASE_URL serves; its files are changed here, and put back.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { launch, needsSite, openPage } from '../browser/helpers.mjs';

const TIP = path.join(process.env.PROJECT ?? '', 'content/tips/a-tip-to-change.yml');
const PAGE = '/codes/97110/';
const PATIENCE = 60_000;

describe('live server', needsSite, () => {
  let browser;
  let context;
  let page;
  let complaints;
  let text;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    text = readFileSync(TIP, 'utf8');
    ({ context, page, complaints } = await openPage(browser));
    // A save of a template has everything read again: on a busy machine that is longer than any page takes.
    page.setDefaultTimeout(PATIENCE);
    await page.goto(PAGE);
  });
  afterEach(async () => {
    writeFileSync(TIP, text);
    await context.close();
  });

  /** Save the tip with one part of it changed. */
  function save(old, other) {
    assert.ok(text.includes(old));
    writeFileSync(TIP, text.replace(old, other));
  }

  it('loads a page again after a save, where the reader was and with what he had open', async () => {
    const more = page.locator('#tips details.more');
    await more.locator('summary').click();
    await page.evaluate(() => scrollTo(0, 900));
    const top = await page.evaluate(() => scrollY);
    assert.ok(top > 0);
    save('97110 waits its turn', '97110 steps back');
    await page.locator('.tip h3', { hasText: '97110 steps back' }).waitFor();
    await page.waitForFunction((wanted) => scrollY === wanted, top);
    await page.locator('#tips details.more[open]').waitFor(); // the browser may scroll before our script opens it
    assert.deepEqual(complaints, []);
  });

  it('shows a finding at its tip without being asked, and takes it away when the tip is mended', async () => {
    save('no modifier.', 'no modfier.');
    const box = page.locator('#tip-a-tip-to-change .live');
    await box.waitFor();
    assert.match(await box.innerText(), /content\/tips\/a-tip-to-change\.yml:\d+:\d+: error: 'modfier' is misspelt \[misspelt-modifier\]\s*try: modifier/);
    writeFileSync(TIP, text);
    await box.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  it('keeps the place over a save that leaves a file half written, and over one that the page cannot be made of', async () => {
    const template = path.join(process.env.PROJECT, 'templates/code.html');
    const before = readFileSync(template, 'utf8');
    const more = page.locator('#tips details.more');
    await more.locator('summary').click();
    // So far below the beginning of the tips: what a finding says above them moves the page.
    const below = () => page.evaluate(() => -Math.round(document.querySelector('#tips').getBoundingClientRect().top));
    await page.evaluate(() => document.querySelector('#tips').scrollIntoView());
    await page.evaluate(() => scrollBy(0, 1));
    const was = await below();
    try {
      writeFileSync(TIP, '');
      await page.locator('.live', { hasText: 'a-tip-to-change' }).first().waitFor();
      await page.locator('#tips details.more[open]').waitFor();
      assert.equal(await below(), was);
      writeFileSync(template, `${before}{% if %}`);
      await page.getByRole('heading', { name: 'This page cannot be made' }).waitFor();
      writeFileSync(TIP, text);
      writeFileSync(template, before);
      await page.locator('.tip h3', { hasText: '97110 waits its turn' }).waitFor({ state: 'attached' });
      await page.locator('#tips details.more[open]').waitFor();
      assert.equal(await below(), was);
    } finally {
      writeFileSync(template, before);
    }
  });

  it('comes back by itself from a page that could not be made', async () => {
    const template = path.join(process.env.PROJECT, 'templates/code.html');
    const before = readFileSync(template, 'utf8');
    try {
      writeFileSync(template, `${before}{% if %}`);
      await page.getByRole('heading', { name: 'This page cannot be made' }).waitFor();
      writeFileSync(template, before);
      await page.locator('.tip h3', { hasText: '97110 waits its turn' }).waitFor();
    } finally {
      writeFileSync(template, before);
    }
  });
});
