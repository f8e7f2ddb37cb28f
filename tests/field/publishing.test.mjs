/**
 * What came in is published in batches, and the operator can export, restore, delete, block, review and publish.
 */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { StoreFailed } from '../../netlify/functions/lib/store.mjs';
import { REPORT, start } from './site.mjs';

let site;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const publish = (more = {}) => site.operate('publish', more);
const names = async (prefix) => Object.keys(await site.files()).filter((name) => name.includes(prefix));

describe('a publication', () => {
  it('answers with the same bytes for none, one and four reports', async () => {
    await publish();
    const none = await site.shown();
    assert.equal(none, '{"code":"97761","reports":null,"published":"2026-11-29"}');
    for (const more of [1, 3]) {
      await site.send(more);
      await publish();
      assert.equal(await site.shown(), none);
      assert.equal(await (await site.ask('/api/reports')).text(), '{"published":"2026-11-29","codes":{}}');
    }
  });

  it('shows from five on what they have in common, in bands', async () => {
    await site.send(4);
    await site.send(1, { reason: '50' });
    await publish();
    const all = JSON.parse(await site.shown());
    assert.deepEqual(all, {
      code: '97761',
      reports: '5-9',
      period: { from: '2026Q4', to: '2026Q4' },
      published: '2026-11-29',
      reasons: [],
      payers: [{ key: 'medicare/noridian', band: '5-9' }],
      outcomes: [{ key: 'paid_corrected', band: '5-9' }],
      worked: [{ key: 'corrected_modifier', band: '5-9' }],
    });
    assert.deepEqual(JSON.parse(await (await site.ask('/api/reports')).text()), { published: '2026-11-29', codes: { 97761: all } });
  });

  it('shows nothing new before it runs, and nothing before five more have come', async () => {
    await site.send(9);
    assert.match(await site.shown(), /"reports":null/);
    await publish();
    const nine = await site.shown();
    await site.send(4);
    await publish();
    assert.equal(await site.shown(), nine);
    await site.send(1);
    assert.equal(await site.shown(), nine);
    await publish();
    assert.match(await site.shown(), /"reports":"10-24"/);
  });

  it('has one day for all codes, whether anything was new or not', async () => {
    await site.send(5);
    await publish();
    site.now = new Date('2026-12-01T06:00:00Z');
    await publish();
    assert.equal(JSON.parse(await site.shown()).published, '2026-12-01');
    assert.equal(JSON.parse(await site.shown('99213')).published, '2026-12-01');
    const all = JSON.parse(await (await site.ask('/api/reports')).text());
    assert.deepEqual([all.published, all.codes['97761'].published], ['2026-12-01', '2026-12-01']);
  });

  it('holds a batch back as long as it would let a number be told', async () => {
    const outcomes = ['paid_corrected', 'paid_appeal', 'upheld', 'written_off', 'pending'];
    for (const [at, count] of [9, 4, 4, 4, 4].entries()) await site.send(count, { outcome: outcomes[at] });
    await publish();
    assert.match(await site.shown(), /"reports":null/);
    await site.send(1, { outcome: 'pending' });
    await publish();
    assert.match(await site.shown(), /"reports":"25-49"/);
  });

  it('that was cut off at any write is made whole by the next', async () => {
    for (let stop = 0; stop < 5; stop += 1) {
      await site.stop();
      site = await start();
      await site.send(5);
      let writes = 0;
      const cut = (store) => Object.assign(Object.create(store), { put: (...args) => (writes++ >= stop ? Promise.reject(new StoreFailed('the store did not answer')) : store.put(...args)) });
      const whole = site.open;
      site.open = () => ({ ...whole(), work: cut(site.stores.work), public: cut(site.stores.public) });
      await site.ask('/api/operator/publish', { method: 'POST', body: '{}', headers: { authorization: 'Bearer a-token-of-these-tests', 'content-type': 'application/json' } });
      site.open = whole;
      await publish();
      assert.match(await site.shown(), /"reports":"5-9"/);
      assert.equal(JSON.parse(await (await site.ask('/api/reports')).text()).codes['97761'].reports, '5-9');
      assert.equal((await site.operate('export')).find((line) => line.state).value.sums.n, 5);
    }
  });

  it('counts a report once, however often it is published and sent again', async () => {
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    await site.json(REPORT, key);
    await site.send(4);
    await publish();
    await site.json(REPORT, key);
    await publish();
    await publish({ all: true });
    assert.equal((await site.operate('export')).find((line) => line.state).value.sums.n, 5);
  });

  it('is one at a time', async () => {
    await site.stores.work.put('lease', { who: 'another', until: Date.now() + 60_000 });
    const answer = await site.ask('/api/operator/publish', { method: 'POST', body: '{}', headers: { authorization: 'Bearer a-token-of-these-tests', 'content-type': 'application/json' } });
    assert.equal(answer.status, 409);
    await site.stores.work.put('lease', { who: 'another', until: Date.now() - 1 });
    await publish();
    assert.equal(await site.stores.work.text('lease'), null);
  });

  it('goes through many codes', async () => {
    for (let at = 0; at < 20; at += 1) await site.send(5, { code: String(10_000 + at) });
    assert.deepEqual(await publish(), { codes: 20, shown: 20, left: 0 });
    assert.equal(Object.keys(JSON.parse(await (await site.ask('/api/reports')).text()).codes).length, 20);
  });
});

describe('the operator', () => {
  it('exports everything, and an empty site is as it was when that is restored, once or twice', async () => {
    await site.send(6);
    await site.send(5, { code: '99213', state: 'CA' });
    await publish();
    await site.send(2);
    const before = [await site.shown(), await site.shown('99213')];
    const lines = await site.operate('export');
    assert.equal(lines.filter((line) => line.report).length, 13);
    assert.deepEqual((await site.operate('export?codes=99')).filter((line) => line.report).length, 5);
    await site.stop();
    site = await start();
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const first = await site.ask('/api/operator/restore', { method: 'POST', body: text, headers: { authorization: 'Bearer a-token-of-these-tests' } });
    assert.deepEqual([first.status, (await first.json()).restored], [200, 15]);
    const second = await site.ask('/api/operator/restore', { method: 'POST', body: text, headers: { authorization: 'Bearer a-token-of-these-tests' } });
    assert.deepEqual((await second.json()).restored, 0);
    await publish({ all: true });
    assert.deepEqual([await site.shown(), await site.shown('99213')], before);
    const sorted = (list) => list.filter((line) => line.report).map((line) => JSON.stringify(line)).sort();
    assert.deepEqual(sorted(await site.operate('export')), sorted(lines));
  });

  it('deletes one report: what was shown goes at once, and comes again with five more', async () => {
    await site.send(7);
    await publish();
    const { report } = (await site.operate('export')).find((line) => line.report);
    assert.deepEqual(await site.operate('delete', { code: '97761', name: report.slice(6) }), { deleted: 1, hidden: 1 });
    assert.match(await site.shown(), /"reports":null/);
    assert.equal(await (await site.ask('/api/reports')).text(), '{"published":"2026-11-29","codes":{}}');
    await site.send(4);
    await publish();
    assert.match(await site.shown(), /"reports":null/);
    await site.send(1);
    await publish();
    assert.match(await site.shown(), /"reports":"10-24"/);
    assert.equal((await site.operate('export')).find((line) => line.state).value.sums.n, 11);
    // It is what a code shows that never had others: all that was there before may have been taken back.
    await site.send(11, { code: '99213' });
    await publish();
    assert.equal(await site.shown(), (await site.shown('99213')).replace('99213', '97761'));
  });

  it('deletes a report that is not counted yet: what is shown stays', async () => {
    await site.send(5);
    await publish();
    const before = await site.shown();
    await site.send(1, { role: 'coder' });
    const { report } = (await site.operate('export')).find((line) => line.value.role === 'coder');
    assert.deepEqual(await site.operate('delete', { code: '97761', name: report.slice(6) }), { deleted: 1, hidden: 0 });
    assert.equal(await site.shown(), before);
    assert.equal((await names('field-reports')).length, 5);
  });

  it('deletes everything of a code, and nothing of another', async () => {
    await site.send(6);
    await site.send(6, { code: '99213' });
    await publish();
    assert.equal((await site.operate('delete', { code: '97761', all: true })).deleted, 6);
    assert.match(await site.shown(), /"reports":null/);
    assert.match(await site.shown('99213'), /"reports":"5-9"/);
    assert.deepEqual((await names('97761')), []);
  });

  it('blocks a burst by the hours in which it came; the rest stays', async () => {
    await site.send(5);
    await publish();
    const before = await site.shown();
    site.now = new Date('2026-11-29T16:30:00Z');
    await site.send(8, { role: 'other' });
    await site.send(6, { code: '99213', role: 'other' });
    site.now = new Date('2026-11-29T18:00:00Z');
    await site.send(1);
    assert.deepEqual(await site.operate('block', { from: '2026-11-29T16', to: '2026-11-29T18', dry: true }), { counts: { 97761: 8, 99213: 6 }, dry: true });
    assert.deepEqual(await site.operate('block', { from: '2026-11-29T16', to: '2026-11-29T18' }), { counts: { 97761: 8, 99213: 6 }, deleted: 14, hidden: 0 });
    await publish();
    assert.equal(await site.shown(), before);
    assert.deepEqual((await site.operate('export')).filter((line) => line.report).map((line) => line.value.role), Array(6).fill('biller'));
  });

  it('blocks a burst that was published already: what it is part of is shown no more', async () => {
    await site.send(8);
    await publish();
    assert.deepEqual(await site.operate('block', { from: '2026-11-29T14', to: '2026-11-29T15', code: '97761' }), { counts: { 97761: 8 }, deleted: 8, hidden: 1 });
    assert.match(await site.shown(), /"reports":null/);
  });

  it('reviews: what comes while the switch is on is counted when it is approved, or when the switch is off again', async () => {
    await site.operate('review', { on: true });
    assert.deepEqual(await site.operate('review'), { on: true });
    await site.send(7);
    await publish();
    assert.match(await site.shown(), /"reports":null/);
    const pending = await site.operate('pending');
    assert.equal(pending.length, 7);
    await site.operate('approve', { reports: pending.slice(0, 5).map((one) => one.report) });
    await publish();
    assert.match(await site.shown(), /"reports":"5-9"/);
    assert.equal((await site.operate('pending')).length, 2);
    await site.send(3);
    await site.operate('review', { on: false });
    await publish({ all: true });
    assert.match(await site.shown(), /"reports":"10-24"/);
  });
});
