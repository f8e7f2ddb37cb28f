/**
 * A report is taken, stored once and with nothing else, or refused with words that help; the store is Netlify's own local one.
 */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { knownCodes, unpacked } from '../../netlify/functions/lib/codes.mjs';
import { forget, noMemory } from '../../netlify/functions/lib/limits.mjs';
import { looksLike } from '../../netlify/functions/lib/personal.mjs';
import { LABELS, WORDS } from '../../netlify/functions/lib/receive.mjs';
import { Blobs, StoreFailed } from '../../netlify/functions/lib/store.mjs';
import { ORIGIN, REPORT, start } from './site.mjs';

let site;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

/** The reports that are stored, by name. */
const stored = async () => Object.entries(await site.files()).filter(([name]) => name.includes('field-reports')).map(([name, text]) => [name.split('/').slice(2).join('/'), JSON.parse(text)]);
/** The refusal in an answer. */
const refused = async (answer) => ({ status: answer.status, ...(await answer.json()).error });

describe('a report', () => {
  it('from the script is stored as it was chosen, with the quarter and nothing else, under a random name', async () => {
    const answer = await site.json({ ...REPORT, state: 'CA' });
    assert.equal(answer.status, 201);
    assert.deepEqual(await answer.json(), { stored: true });
    const [[name, report]] = await stored();
    assert.match(name, /^97761\/[0-9a-f]{32}$/);
    assert.deepEqual(report, { ...REPORT, state: 'CA', quarter: '2026Q4' });
  });

  it('from the plain form is stored too, and leads to the page of thanks', async () => {
    const answer = await site.form([...Object.entries({ ...REPORT, worked: 'appeal_letter' }), ['worked', 'added_records'], ['state', ''], ['website', '']]);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), '/contribute/thanks/');
    assert.deepEqual((await stored()).map(([, report]) => report), [{ ...REPORT, worked: ['appeal_letter', 'added_records'], quarter: '2026Q4' }]);
  });

  it('from the plain form may say that nothing was done', async () => {
    const { worked: _, ...rest } = REPORT;
    assert.equal((await site.form(rest)).status, 303);
    assert.deepEqual((await stored())[0][1].worked, []);
  });

  it('sent again with the same key gets the same answer and is stored once, in the next quarter too', async () => {
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    const first = await site.json(REPORT, key);
    site.now = new Date('2027-01-02T00:00:00Z');
    const again = await Promise.all(Array.from({ length: 8 }, () => site.json(REPORT, key)));
    const text = await first.text();
    for (const answer of again) assert.deepEqual([answer.status, await answer.text()], [201, text]);
    assert.deepEqual((await stored()).map(([, report]) => report.quarter), ['2026Q4']);
  });

  it('with another key is another report, and so is another report with the same key', async () => {
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    await site.json(REPORT, key);
    await site.json(REPORT);
    await site.json({ ...REPORT, role: 'coder' }, key);
    assert.equal((await stored()).length, 3);
  });

  it('leaves nothing of who sent it: neither address nor program nor key stands in any file, in any name', async () => {
    await site.json(REPORT, { 'user-agent': 'Browser-of-a-visitor', 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f', 'x-nf-client-connection-ip': '198.51.100.9' });
    const all = JSON.stringify([await site.files(), await site.files('metadata')]);
    assert.ok(all.includes('97761'));
    for (const trace of ['203.0.113', '198.51.100', 'Browser-of', '0b0e7a54']) assert.ok(!all.includes(trace), trace);
  });

  it('carries no time finer than the quarter, and the day of arrival lies apart and is gone after a week', async () => {
    await site.send(3);
    await site.operate('publish', {});
    assert.equal(Object.keys(await site.files()).filter((name) => name.includes('arrivals/2026-11-29/')).length, 3);
    assert.ok(!JSON.stringify(Object.entries(await site.files()).filter(([name]) => !name.includes('field-limits'))).includes('T14'));
    site.now = new Date('2026-12-06T06:17:00Z');
    await site.operate('publish', {});
    const names = Object.keys(await site.files());
    assert.deepEqual(names.filter((name) => name.includes('arrivals')), []);
    // It still waits for its batch.
    await site.send(2);
    await site.operate('publish', {});
    assert.match(await site.shown(), /"reports":"5-9"/);
  });
});

describe('a refusal', () => {
  it('names every field that needs another choice, in a form for programs and in words', async () => {
    const { status, kind, fields } = await refused(await site.json({ ...REPORT, payer: 'aetna', reason: '1000', role: undefined }));
    assert.deepEqual([status, kind, fields.map(({ field }) => field)], [422, 'fields', ['payer', 'reason', 'role']]);
    assert.ok(fields.every((one) => Object.keys(one).join() === 'field,message' && one.message === 'Choose one.'));
  });

  it('says of each field what the form says, by the form’s name for it', async () => {
    const [script, form] = await Promise.all(['assets/js/field/form.js', 'templates/components/report_form.html'].map((path) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')));
    const words = Object.fromEntries([...script.matchAll(/^ {2}(\w+): '([^']*)',$/gmu)].map(([, name, text]) => [name, text]));
    assert.deepEqual([WORDS.empty, WORDS.code, WORDS.most], [words.empty, words.code, words.most.replace('#', '3')]);
    const labels = [...form.matchAll(/<(?:label|legend)[^>]*>([^<]+)<\/(?:label|legend)>/gu)].map(([, text]) => text);
    for (const [field, label] of Object.entries(LABELS)) assert.ok(labels.some((text) => text.split(/[,:]/u)[0] === label), field);
    const many = await refused(await site.json({ ...REPORT, worked: ['appeal_letter', 'peer_to_peer', 'added_records', 'corrected_units'] }));
    assert.deepEqual(many.fields, [{ field: 'worked', message: WORDS.most }]);
    const pair = await refused(await site.json({ ...REPORT, outcome: 'upheld' }));
    assert.deepEqual(pair.fields, [{ field: 'worked', message: WORDS.pair }]);
  });

  it('comes as a small page to a plain form', async () => {
    const answer = await site.form({ ...REPORT, code: '9776' });
    assert.equal(answer.status, 422);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
    const text = await answer.text();
    assert.match(text, /<h1>This report was not taken<\/h1>/);
    assert.match(text, /<b>Code:<\/b> Five characters/);
    assert.match(text, /Nothing of it was kept/);
  });

  it('says on its page one thing alone to do next', async () => {
    const page = async (answer) => /<main>([^]*)<\/main>/u.exec(await answer.text())[1];
    site.environment.MEDPAYIQ_REPORTS_PER_HOUR = '1';
    const fields = await page(await site.form({ ...REPORT, role: 'x' }));
    const foreign = await page(await site.form(REPORT, { origin: 'https://evil.example' }));
    await site.form(REPORT);
    const limit = await page(await site.form(REPORT));
    delete site.environment.MEDPAYIQ_REPORTS_SECRET;
    const closed = await page(await site.form(REPORT));
    assert.match(fields, /Go back in your browser to change it/);
    assert.match(limit, /Send this one in the next hour[^]*When it is time, go back/);
    assert.match(closed, /Come back another day[^]*When it is time, go back/);
    for (const text of [limit, closed, foreign]) assert.doesNotMatch(text, /to change it/);
    assert.doesNotMatch(foreign, /[Gg]o back/);
    for (const text of [fields, limit, closed, foreign]) assert.match(text, /Nothing of it was kept[^]*<a href="\/contribute\/">/);
  });

  it('repeats nothing of what was sent', async () => {
    for (const send of [site.json, site.form]) {
      const text = await (await send({ ...REPORT, 'Given <Family>': 'x', modifier: '<b>Given Family</b>' })).text();
      assert.ok(!text.includes('Family') && !text.includes('<b>Given'));
    }
  });

  it('says so where something looks like a person’s, in any field, in a field that is unknown, and in a name of a field', async () => {
    const texts = ['Given Family', 'Family, Given', '03/14/1961', '1961-03-14', '14 March 1961', 'MRN 12345', '123-45-6789', '(555) 123-4567', '555-123-4567', 'given@example.org', '00123456'];
    for (const text of texts) {
      for (const sent of [...Object.keys(REPORT).map((field) => ({ ...REPORT, [field]: text })), { ...REPORT, worked: [text] }, { ...REPORT, note: text }, { ...REPORT, [text]: 'x' }, { ...REPORT, note: { deep: [text] } }]) {
        const { status, kind } = await refused(await site.json(sent));
        assert.deepEqual([status, kind], [422, 'personal'], JSON.stringify(sent));
      }
    }
    assert.deepEqual(await stored(), []);
  });

  it('takes no value of the lists for a person’s', () => {
    for (const text of ['97761', 'G0283', 'paid_corrected', 'B15', 'none', 'CA', '25', 'timely_filing_proof']) assert.equal(looksLike(text), '', text);
  });

  it('takes no word for a code, not even one of five letters', async () => {
    assert.equal((await refused(await site.json({ ...REPORT, code: 'HOUSE' }))).kind, 'personal');
  });

  it('meets the field that only programs fill in', async () => {
    assert.equal((await site.form({ ...REPORT, website: 'https://spam.example' })).status, 422);
    assert.deepEqual(await stored(), []);
  });

  it('meets JSON without its two headers, and a form that was filled in within a moment', async () => {
    assert.equal((await refused(await site.json(REPORT, { 'idempotency-key': 'Given Family' }))).kind, 'headers');
    assert.equal((await refused(await site.json(REPORT, { 'form-seconds': '' }))).kind, 'headers');
    assert.equal((await refused(await site.json(REPORT, { 'form-seconds': '0.4' }))).kind, 'hurry');
    assert.deepEqual(await stored(), []);
  });

  it('meets what another site sends through a browser, and what says nothing of where it comes from', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: `${ORIGIN}.evil.example` }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }]) {
      assert.equal((await site.form(REPORT, headers)).status, 403, JSON.stringify(headers));
    }
    const none = await site.ask('/api/reports', { method: 'POST', body: new URLSearchParams(REPORT).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(none.status, 403);
    assert.deepEqual(await stored(), []);
  });
});

describe('the limit of an address', () => {
  beforeEach(() => {
    site.environment.MEDPAYIQ_REPORTS_PER_HOUR = '3';
  });

  it('is so many reports an hour; the next hour begins anew, and so does another address', async () => {
    await site.send(3);
    const answer = await site.json(REPORT);
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('retry-after'), '2400');
    site.address = '203.0.113.8';
    await site.send(3);
    site.address = '203.0.113.7';
    site.now = new Date('2026-11-29T15:00:00Z');
    await site.send(3);
    assert.equal((await stored()).length, 9);
  });

  it('counts together where functions run side by side, or begin anew', async () => {
    await site.send(2);
    site.memory = noMemory();
    await site.send(1);
    site.memory = noMemory();
    assert.equal((await site.json(REPORT)).status, 429);
  });

  it('counts an IPv6 network as one, and tells networks apart', async () => {
    site.address = '2001:db8:0:7::1';
    await site.send(2);
    site.address = '2001:0db8:0000:0007:1:2:3:4';
    await site.send(1);
    assert.equal((await site.json(REPORT)).status, 429);
    site.address = '2001:db8:0:8::1';
    await site.send(1);
  });

  it('is kept under another digest every hour; the first request of the next one forgets it, with its salt', async () => {
    const kept = async () => Object.entries(await site.files()).filter(([name]) => name.includes('field-limits')).map(([name, text]) => [name.split('/').slice(2).join('/'), text]).sort();
    await site.send(1);
    const [[own, one], [per, two], [name, salt]] = await kept();
    for (const key of [own, per]) assert.match(key, /^2026-11-29T14\/[0-9a-f]{32}-0$/);
    // A mark, the same in both places; the report's name does not lead to it.
    assert.match(one, /^[0-9a-f]{32}$/);
    assert.equal(two, one);
    const [[report]] = await stored();
    for (const with_ of [salt, site.environment.MEDPAYIQ_REPORTS_SECRET]) for (const what of [report.slice(6), report]) assert.notEqual(createHmac('sha256', with_).update(what).digest('hex').slice(0, 32), one);
    assert.notEqual(report.slice(6), one);
    assert.equal(name, 'salt/2026-11-29T14');
    assert.match(salt, /^[0-9a-f]{64}$/);
    // With the salt, and only with it, the address is found by trying.
    const digest = (with_) => createHmac('sha256', with_).update(site.address).digest('hex').slice(0, 32);
    assert.ok([own, per].includes(`2026-11-29T14/${digest(salt)}-0`));
    site.now = new Date('2026-11-29T15:00:00Z');
    await site.ask('/api/reports/97761');
    assert.deepEqual(await kept(), []);
    await site.send(1);
    const [, , [nextName, next]] = await kept();
    assert.equal(nextName, 'salt/2026-11-29T15');
    assert.notEqual(next, salt);
  });

  it('has a salt that nothing else leads to: with the same secret and the same hour it is another one', async () => {
    const salts = [];
    for (let turn = 0; turn < 2; turn += 1) {
      await site.send(1);
      salts.push(await site.stores.limits.text('salt/2026-11-29T14'));
      await site.stop();
      site = await start();
    }
    assert.equal(new Set(salts).size, 2);
  });

  it('is forgotten by the clock too, where no request comes', async () => {
    await site.send(1);
    assert.deepEqual(await forget(site.stores, site.now), { salts: 0, places: 0 });
    assert.deepEqual(await forget(site.stores, new Date('2026-11-29T15:03:00Z')), { salts: 1, places: 2 });
    assert.deepEqual(Object.keys(await site.files()).filter((name) => name.includes('field-limits')), []);
  });

  it('is not forgotten by one whose clock is of the hour before', async () => {
    await site.send(1);
    assert.deepEqual(await forget(site.stores, new Date('2026-11-29T13:59:59Z')), { salts: 0, places: 0 });
    assert.equal(Object.keys(await site.files()).filter((name) => name.includes('field-limits')).length, 3);
  });

  it('counts a report once that is tried again, in other processes too: what failed or was stored takes no other place', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    site.environment.MEDPAYIQ_REPORTS_PER_CODE = '2';
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    const whole = site.open;
    site.open = () => ({ ...whole(), reports: Object.assign(Object.create(site.stores.reports), { putNew: () => Promise.reject(new StoreFailed('the store did not answer')) }) });
    for (let turn = 0; turn < 4; turn += 1) {
      if (turn === 2) site.memory = noMemory();
      assert.deepEqual((await Promise.all([site.json(REPORT, key), site.json(REPORT, key)])).map(({ status }) => status), [503, 503]);
    }
    site.open = whole;
    for (let turn = 0; turn < 4; turn += 1) assert.equal((await site.json(REPORT, key)).status, 201);
    // The second place is another report's; with the same key too.
    assert.equal((await site.json({ ...REPORT, role: 'coder' }, key)).status, 201);
    for (const memory of [site.memory, noMemory()]) {
      site.memory = memory;
      assert.equal((await site.json({ ...REPORT, role: 'other' }, key)).status, 429);
      assert.equal((await site.json(REPORT, key)).status, 201);
    }
    assert.equal((await stored()).length, 2);
  });

  it('is three an hour on one code, fewer than the four with which somebody reads a fifth; what was stored may be sent again', async () => {
    delete site.environment.MEDPAYIQ_REPORTS_PER_CODE;
    site.environment.MEDPAYIQ_REPORTS_PER_HOUR = '30';
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    await site.json(REPORT, key);
    await site.send(2);
    for (const answer of [await site.json(REPORT), await site.form(REPORT)]) {
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.get('retry-after'), '2400');
    }
    assert.equal((await site.json(REPORT, key)).status, 201);
    await site.send(1, { code: '99213' });
    site.address = '203.0.113.8';
    await site.send(1);
    assert.equal((await stored()).length, 5);
    // In another hour too, in which its place is not known.
    site.now = new Date('2026-11-29T15:00:00Z');
    await site.send(3);
    assert.deepEqual([(await site.json(REPORT)).status, (await site.json(REPORT, key)).status], [429, 201]);
  });
});

describe('a report that is taken back while it comes in', () => {
  it('is not stored behind the withdrawal', async () => {
    const whole = site.open;
    let name = '';
    const reports = Object.assign(Object.create(site.stores.reports), {
      async putNew(key, value) {
        // It is noted and not yet written.
        name = key.slice(6);
        site.open = whole;
        assert.equal((await site.operate('block', { from: '2026-11-29', to: '2026-11-30' })).deleted, 0);
        return site.stores.reports.putNew(key, value);
      },
    });
    site.open = () => ({ ...whole(), reports });
    assert.equal((await site.json(REPORT)).status, 201);
    assert.deepEqual(await stored(), []);
    assert.deepEqual((await site.stores.work.json('state/97761')).gone, [name]);
  });
});

describe('a code that there is none of', () => {
  it('is refused at its field, and nothing is stored; those of the site are taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'field-codes-'));
    // As medpayiq/search.py packs 97110, 97761 and G0283: how many characters each shares with the one before, and the others.
    await writeFile(join(folder, 'codes.0123abcd.json'), JSON.stringify({ v: 1, codes: '0971102761' + '0G0283', names: [] }));
    site.codes = () => knownCodes(folder);
    const answer = await refused(await site.json({ ...REPORT, code: '97762' }));
    assert.deepEqual([answer.status, answer.kind, answer.fields.map(({ field }) => field)], [422, 'fields', ['code']]);
    assert.match(await (await site.form({ ...REPORT, code: '97762' })).text(), /<b>Code:<\/b> There is no page for this code/);
    assert.deepEqual(await site.files(), {});
    for (const code of ['97110', '97761', 'G0283']) assert.equal((await site.json({ ...REPORT, code })).status, 201);
    await rm(folder, { recursive: true });
  });

  it('is not looked for where the site’s index is not there: then no report is taken', async (test) => {
    const logged = test.mock.method(console, 'error', () => undefined);
    site.codes = () => knownCodes(join(tmpdir(), 'no-such-folder'));
    assert.equal((await refused(await site.json(REPORT))).kind, 'closed');
    assert.match(String(logged.mock.calls[0].arguments), /list of codes/);
    assert.deepEqual(await site.files(), {});
    for (const text of ['x', '9', '09776', '0HOUSE', '697761']) assert.throws(() => unpacked(text), text);
    // CMS's file has one code with letters in its middle.
    assert.deepEqual(unpacked('0G99991XXX1'), ['G9999', 'GXXX1']);
  });
});

describe('every answer', () => {
  it('has the headers that keep a browser safe; only what is published is for every site', async () => {
    const answers = {
      read: await site.ask('/api/reports'),
      code: await site.ask('/api/reports/97761'),
      script: await site.json(REPORT),
      form: await site.form(REPORT),
      refused: await site.form({}),
      missing: await site.ask('/api/other'),
      method: await site.ask('/api/reports', { method: 'DELETE' }),
      operator: await site.ask('/api/operator/export'),
    };
    for (const [name, { headers }] of Object.entries(answers)) {
      assert.match(headers.get('content-security-policy'), /^default-src 'none'/, name);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', name);
      assert.equal(headers.get('x-frame-options'), 'DENY', name);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', name);
      assert.match(headers.get('strict-transport-security'), /max-age=63072000/, name);
      const published = ['read', 'code'].includes(name);
      assert.equal(headers.get('access-control-allow-origin'), published ? '*' : null, name);
      assert.equal(headers.get('cache-control'), published ? 'public, max-age=300' : 'no-store', name);
      assert.equal(headers.get('set-cookie'), null, name);
    }
  });

  it('to HEAD is the one to GET without its body', async () => {
    const answer = await site.ask('/api/reports/97761', { method: 'HEAD' });
    assert.deepEqual([answer.status, await answer.text(), answer.headers.get('content-type')], [200, '', 'application/json; charset=utf-8']);
  });
});

describe('a store that fails', () => {
  /** Stores of which one write fails. */
  const failing = (name, method) => () => ({ ...site.stores, [name]: Object.assign(Object.create(site.stores[name]), { [method]: () => Promise.reject(new StoreFailed('the store did not answer')) }) });

  it('never gets an answer of success', async (test) => {
    const logged = test.mock.method(console, 'error', () => undefined);
    for (const [name, method] of [['reports', 'putNew'], ['work', 'put'], ['limits', 'putNew']]) {
      site.open = failing(name, method);
      for (const answer of [await site.json(REPORT), await site.form(REPORT)]) {
        assert.equal(answer.status, 503);
        assert.equal(answer.headers.get('retry-after'), '60');
        const text = await answer.text();
        assert.match(text, /not known whether/);
        // It may have been stored: the page must not say that it was not.
        assert.doesNotMatch(text, /not taken|Nothing of it was kept/);
      }
    }
    for (const { arguments: words } of logged.mock.calls) assert.deepEqual(words, ['field reports: the store did not answer']);
  });

  it('is said as it is where nothing was sent but a question', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    site.open = () => ({ ...site.stores, public: { text: () => Promise.reject(new StoreFailed('x')), json: () => Promise.reject(new StoreFailed('x')) } });
    for (const path of ['/api/reports', '/api/reports/97761']) {
      const { status, message } = await refused(await site.ask(path));
      assert.equal(status, 503);
      assert.match(message, /^This cannot be read now/);
      assert.doesNotMatch(message, /known/);
    }
  });

  it('is noticed where the client of the store says that a write was done which was not', async () => {
    const blobs = new Blobs('field-reports');
    blobs.blobs = { set: async () => ({ modified: true, etag: '' }), get: async () => null };
    await assert.rejects(blobs.putNew('97761/x', {}), StoreFailed);
  });

  it('is not asked where the operator has set no secret: reports are not taken then', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    delete site.environment.MEDPAYIQ_REPORTS_SECRET;
    assert.equal((await site.json(REPORT)).status, 503);
    assert.deepEqual(await site.files(), {});
  });
});
