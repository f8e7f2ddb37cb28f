/**
 * What came in is published in batches, and the operator can export, restore, delete, block, review and publish.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { alone } from '../../netlify/functions/lib/lease.mjs';
import { publish as published, unlessGone } from '../../netlify/functions/lib/publishing.mjs';
import { Blobs, StoreFailed, each } from '../../netlify/functions/lib/store.mjs';
import { withdraw } from '../../netlify/functions/lib/withdrawing.mjs';
import { REPORT, TOKEN, start } from './site.mjs';

let site;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

/** Another process: told to go, it says "in" once it alone may publish, waits for another word and publishes; or says why not. */
function worker() {
  const program = `
    import { createInterface } from 'node:readline';
    import { alone } from './netlify/functions/lib/lease.mjs';
    import { publish } from './netlify/functions/lib/publishing.mjs';
    import { stores } from './netlify/functions/lib/store.mjs';
    const blobs = stores();
    const words = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const turn = async () => {
      console.log('in');
      await words.next();
      await publish(blobs, { now: new Date() });
      return 'done';
    };
    console.log('ready');
    while (!(await words.next()).done) console.log(await alone(blobs, turn).catch((problem) => problem.refusal?.kind ?? String(problem)));
  `;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], { cwd: fileURLToPath(new URL('../../', import.meta.url)), stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async () => (await lines.next()).value;
  return {
    child,
    heard,
    async told() {
      child.stdin.write('go\n');
      return heard();
    },
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

const publish = (more = {}) => site.operate('publish', more);
/** Give an operator's command; its status alone. */
const status = async (command, body = {}) => (await site.ask(`/api/operator/${command}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } })).status;
/** The lease runs out. */
const leaseOver = async () => {
  const held = await site.stores.work.json('lease');
  if (held) await site.stores.work.put('lease', { ...held, until: Date.now() - 1 });
};
/** A store of which some methods do something else. */
const other = (store, methods) => Object.assign(Object.create(store), methods);
const failed = () => Promise.reject(new StoreFailed('the store did not answer'));
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
    site.nextDay();
    await publish();
    assert.match(await site.shown(), /"reports":"10-24"/);
  });

  it('takes in a code’s next batch when a day has gone by, and not before, whatever is called how often', async () => {
    site.now = new Date('2026-11-29T23:58:00Z');
    await site.send(5);
    await publish();
    const five = JSON.parse(await site.shown()).reports;
    await site.send(5);
    for (const early of ['2026-11-29T23:59:00Z', '2026-11-30T00:01:00Z', '2026-11-30T06:17:00Z', '2026-11-30T22:59:59Z']) {
      site.now = new Date(early);
      for (const more of [{}, { codes: ['97761'] }, { all: true }]) await publish(more);
      assert.equal(JSON.parse(await site.shown()).reports, five, early);
    }
    // A run that is somewhat earlier in its hour than the day before takes it in.
    site.now = new Date('2026-11-30T23:01:00Z');
    await publish();
    assert.equal(JSON.parse(await site.shown()).reports, '10-24');
    // Another code has its own day.
    await site.send(5, { code: '99213' });
    await publish();
    assert.match(await site.shown('99213'), /"reports":"5-9"/);
  });

  it('names the quarters in which batches were taken in, not those in which reports came', async () => {
    site.now = new Date('2026-12-31T23:00:00Z');
    await site.send(4);
    site.now = new Date('2027-01-01T06:17:00Z');
    await site.send(1);
    await publish();
    assert.deepEqual(JSON.parse(await site.shown()).period, { from: '2027Q1', to: '2027Q1' });
    site.now = new Date('2027-04-01T06:17:00Z');
    await site.send(5);
    await publish();
    assert.deepEqual(JSON.parse(await site.shown()).period, { from: '2027Q1', to: '2027Q2' });
  });

  it('keeps no list of names in the order in which they came', async () => {
    await site.send(12);
    await publish();
    site.nextDay();
    await site.operate('review', { on: true });
    await site.send(12);
    const waiting = (await site.operate('pending')).map((one) => one.report);
    await site.operate('approve', { reports: waiting.toReversed().slice(0, 8) });
    await publish();
    site.nextDay();
    await site.operate('approve', { reports: waiting.slice(0, 4).toReversed() });
    const { value } = (await site.operate('export')).find((line) => line.state);
    assert.deepEqual([value.taken.length, value.pending.length, value.approved.length], [20, 4, 4]);
    await site.operate('delete', { code: '97761', name: waiting[3].slice(6) });
    await site.operate('delete', { code: '97761', name: waiting[1].slice(6) });
    const { value: after } = (await site.operate('export')).find((line) => line.state);
    assert.equal(after.gone.length, 2);
    for (const list of [value.taken, value.pending, value.approved, after.gone, after.pending]) assert.deepEqual(list, [...list].sort());
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
    for (const [at, count] of [9, 4, 4, 4, 4].entries()) await site.send(count, { outcome: outcomes[at], worked: [] });
    await publish();
    assert.match(await site.shown(), /"reports":null/);
    await site.send(1, { outcome: 'pending', worked: [] });
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
      await site.ask('/api/operator/publish', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } });
      site.open = whole;
      await leaseOver();
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
    const answer = await site.ask('/api/operator/publish', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } });
    assert.equal(answer.status, 409);
    await site.stores.work.put('lease', { who: 'another', until: Date.now() - 1 });
    await publish();
    assert.equal(await site.stores.work.text('lease'), null);
  });

  it('leaves no lease that locks for ever: who was cut off as he took one over is taken over himself', async () => {
    await site.send(5);
    for (const gone of ['first', 'second']) {
      await leaseOver();
      if (gone === 'first') await site.stores.work.put('lease', { who: gone, until: Date.now() - 1 });
      const cut = other(site.stores.work, { put: (key, value) => (key === 'lease' ? failed() : site.stores.work.put(key, value)) });
      await assert.rejects(alone({ work: cut }, async () => assert.fail('it was at work without a lease')), StoreFailed);
      assert.equal(await status('publish'), 409);
      // A quarter of an hour later whoever took it over is surely gone as well.
      for (const key of await site.stores.work.keys('taken-over/')) await site.stores.work.put(key, { ...(await site.stores.work.json(key)), until: Date.now() - 1 });
    }
    assert.equal((await site.stores.work.keys('taken-over/')).length, 2);
    await publish();
    assert.match(await site.shown(), /"reports":"5-9"/);
    assert.deepEqual(await names('taken-over'), []);
    assert.equal(await site.stores.work.text('lease'), null);
  });

  it('is one at a time where another took the lease over and is through before this one looks who did', async () => {
    await site.stores.work.put('lease', { who: 'gone', until: Date.now() - 1 });
    let turns = 0;
    const late = other(site.stores.work, {
      putNew: async (key, value) => {
        if (key === 'taken-over/gone') await alone(site.stores, async () => (turns += 1));
        return site.stores.work.putNew(key, value);
      },
    });
    await assert.rejects(alone({ work: late }, async () => (turns += 10)), (problem) => problem.refusal?.kind === 'busy');
    assert.equal(turns, 1);
  });

  it('that failed undoes no withdrawal: what it began is over before it answers, and its lease runs out', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    for (const code of ['10001', '10002']) await site.send(5, { code });
    const { work } = site.stores;
    const whole = site.open;
    let reached;
    let go;
    const atWrite = new Promise((resolve) => (reached = resolve));
    const gate = new Promise((resolve) => (go = resolve));
    // One code fails while another is about to write its state, which takes its time.
    const slow = other(work, {
      json: async (key) => (key === 'state/10002' ? atWrite.then(failed) : work.json(key)),
      put: async (key, value) => {
        if (key === 'state/10001') {
          reached();
          await gate;
        }
        return work.put(key, value);
      },
    });
    site.open = () => ({ ...whole(), work: slow });
    let answered = false;
    const first = status('publish').finally(() => (answered = true));
    site.open = whole;
    await atWrite;
    // Whatever it does at once it has done after a command that goes to the store and back.
    assert.equal(await status('delete', { code: '10001', all: true }), 409);
    assert.equal(answered, false);
    go();
    assert.equal(await first, 503);
    assert.equal((await work.json('state/10001')).taken.length, 5);
    // A write that the store was given and did not answer for may still be done.
    assert.equal(await status('delete', { code: '10001', all: true }), 409);
    await leaseOver();
    assert.equal((await site.operate('delete', { code: '10001', all: true })).deleted, 5);
    assert.deepEqual(await names('taken-over'), []);
  });

  it('gives its lease back where it was refused for another cause than the store', async () => {
    await assert.rejects(alone(site.stores, () => Promise.reject(new TypeError('of this test'))), TypeError);
    assert.equal(await site.stores.work.text('lease'), null);
  });

  it('is one at a time where two processes find at once that the one before is gone; no batch is lost', async (test) => {
    const ends = [worker(), worker()];
    test.after(() => ends.forEach((one) => one.child.kill()));
    for (const one of ends) assert.equal(await one.heard(), 'ready');
    for (let turn = 0; turn < 12; turn += 1) {
      const code = String(20_000 + turn);
      await site.send(5, { code });
      await site.stores.work.put('lease', { who: `gone-${turn}`, until: Date.now() - 1 });
      const said = await Promise.all(ends.map((one) => one.told()));
      assert.deepEqual([...said].sort(), ['busy', 'in']);
      assert.equal(await ends[said.indexOf('in')].told(), 'done');
      assert.equal((await site.stores.work.json(`state/${code}`)).sums.n, 5);
      assert.match(await site.shown(code), /"reports":"5-9"/);
      assert.equal(await site.stores.work.text('lease'), null);
    }
    for (const one of ends) await one.stop();
  });

  it('forgets after a week when reports came, of those codes alone that it had time for', async (test) => {
    for (let at = 0; at < 9; at += 1) await site.send(1, { code: String(10_000 + at) });
    const now = new Date('2026-12-20T06:17:00Z');
    const real = Date.now;
    let late = 0;
    const { mock } = test.mock.method(Date, 'now', () => real() + late);
    // Eight are begun at once; when they look at their states the time is over.
    const slow = other(site.stores.work, {
      json: async (key) => {
        const state = await site.stores.work.json(key);
        if (key.startsWith('state/')) late = 3_600_000;
        return state;
      },
    });
    assert.deepEqual(await published({ ...site.stores, work: slow }, { now }), { codes: 8, shown: 0, left: 1 });
    mock.restore();
    const known = (await names('field-work')).filter((name) => name.includes('state/')).map((name) => name.slice(-5));
    const [note, ...others] = await names('arrivals');
    assert.deepEqual([known.length, others], [8, []]);
    assert.ok(!known.includes(note.split('/').at(-1).slice(0, 5)));
    assert.deepEqual(await published(site.stores, { now }), { codes: 1, shown: 0, left: 0 });
    assert.deepEqual(await names('arrivals'), []);
    for (let at = 0; at < 9; at += 1) assert.equal((await site.stores.work.json(`state/${10_000 + at}`)).pending.length, 1);
  });

  it('keeps no name of a report that was noted and never written, approved or not', async () => {
    const lost = 'f'.repeat(32);
    await site.stores.work.put(`arrivals/2026-11-29/97761-${lost}`, '');
    await site.send(5);
    await site.operate('publish', {});
    await site.stores.work.put('state/97761', { ...(await site.stores.work.json('state/97761')), pending: [lost], approved: [lost] });
    site.nextDay();
    await site.send(5);
    await publish();
    const { taken, pending, approved } = await site.stores.work.json('state/97761');
    assert.deepEqual([taken.length, pending, approved], [10, [], []]);
    assert.match(await site.shown(), /"reports":"10-24"/);
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
    const first = await site.ask('/api/operator/restore', { method: 'POST', body: text, headers: { authorization: `Bearer ${TOKEN}` } });
    assert.deepEqual([first.status, (await first.json()).restored], [200, 15]);
    const second = await site.ask('/api/operator/restore', { method: 'POST', body: text, headers: { authorization: `Bearer ${TOKEN}` } });
    assert.deepEqual((await second.json()).restored, 0);
    await publish({ all: true });
    assert.deepEqual([await site.shown(), await site.shown('99213')], before);
    const sorted = (list) => list.filter((line) => line.report).map((line) => JSON.stringify(line)).sort();
    assert.deepEqual(sorted(await site.operate('export')), sorted(lines));
  });

  /** Send lines back as a backup; the answer. */
  const restore = (lines) => site.ask('/api/operator/restore', { method: 'POST', body: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'), headers: { authorization: `Bearer ${TOKEN}` } });

  it('restores no report that was taken back since, not even all of a code', async () => {
    await site.send(6);
    await site.send(6, { code: '99213' });
    await publish();
    const old = await site.operate('export');
    const { report } = old.find((line) => line.report?.startsWith('97761/'));
    await site.operate('delete', { code: '97761', name: report.slice(6) });
    await site.operate('delete', { code: '99213', all: true });
    const answer = await (await restore(old)).json();
    assert.deepEqual([answer.restored, answer.gone], [0, 7]);
    site.nextDay();
    await publish({ all: true });
    const after = await site.operate('export');
    assert.deepEqual(after.filter((line) => line.report).map((line) => line.report).sort(), old.filter((line) => line.report?.startsWith('97761/') && line.report !== report).map((line) => line.report).sort());
    assert.deepEqual(after.filter((line) => line.note).length, 5);
    assert.match(await site.shown('99213'), /"reports":null/);
    // A backup made since knows it too, on a site that knows nothing.
    await site.stop();
    site = await start();
    assert.equal((await restore(after)).status, 200);
    assert.equal((await (await restore(old)).json()).gone, 7);
  });

  it('restores notes with their day, so that a burst can be taken back afterwards', async () => {
    await site.send(2);
    site.nextDay();
    await site.send(3);
    const lines = await site.operate('export');
    await site.stop();
    site = await start();
    site.now = new Date('2026-12-02T10:00:00Z');
    await restore(lines);
    assert.deepEqual((await site.operate('block', { from: '2026-11-29', to: '2026-11-30', dry: true })).counts, { 97761: 2 });
    assert.deepEqual((await site.operate('block', { from: '2026-11-30', to: '2026-12-01', dry: true })).counts, { 97761: 3 });
    assert.deepEqual((await site.operate('block', { from: '2026-12-01', to: '2026-12-03', dry: true })).counts, {});
  });

  it('restores nothing of a backup in which a line holds what no export does', async () => {
    await site.send(6);
    await publish();
    await site.send(1);
    const lines = await site.operate('export');
    const state = lines.find((line) => line.state);
    const report = lines.find((line) => line.report);
    const changed = (line, change) => {
      const copy = structuredClone(line);
      change(copy);
      return copy;
    };
    const bad = {
      'another key of a line': changed(report, (one) => (one.more = 'x')),
      'another key of a report': changed(report, (one) => (one.value.note = 'Given Family')),
      'another name of a report': changed(report, (one) => (one.report = '97761/../x')),
      'a report under another code': changed(report, (one) => (one.report = `99213${one.report.slice(5)}`)),
      'a quarter that is a day': changed(report, (one) => (one.value.quarter = '2026-11-29')),
      'another key of a state': changed(state, (one) => (one.value.note = 'Given Family')),
      'a text among names': changed(state, (one) => one.value.gone.push('Given Family')),
      'a name in two lists': changed(state, (one) => one.value.gone.push(one.value.taken[0])),
      'one approved that does not wait': changed(state, (one) => (one.value.approved = [one.value.taken[0]])),
      'names in another order': changed(state, (one) => one.value.taken.reverse()),
      'a foreign key of sums': changed(state, (one) => (one.value.sums.reasons = { 'Given Family': 6 })),
      'sums of another number': changed(state, (one) => (one.value.sums.n = 5)),
      'sums that do not add up': changed(state, (one) => (one.value.sums.outcomes.paid_corrected = 5)),
      'a text in the place of a number': changed(state, (one) => (one.value.sums.worked.corrected_modifier = '6')),
      'more sums': changed(state, (one) => (one.value.sums.names = {})),
      'a foreign key of what was shown': changed(state, (one) => (one.value.views[0].cells.reasons = { x: 0 })),
      'a band that is none': changed(state, (one) => (one.value.views[0].total = 9)),
      'more of what was shown': changed(state, (one) => (one.value.views[0].note = 'x')),
      'a period of another form': changed(state, (one) => (one.value.views[0].from = 'Given')),
      'what was shown of other sums': changed(state, (one) => (one.value.views[0].cells.outcomes = {})),
      'a list longer than it ever was': changed(state, (one) => (one.value.views[0].sizes.outcomes = 99)),
      'a batch at no hour': changed(state, (one) => (one.value.batch = 'yesterday')),
      'a note on no day': { note: `2026-02-30/97761-${'a'.repeat(32)}` },
      'a note with a text': { note: `2026-11-29/97761-${'a'.repeat(32)}-Given` },
      'a key twice': JSON.stringify(report).replace('{', '{"report":"x",'),
      'no JSON': 'x',
    };
    await site.stop();
    site = await start();
    for (const [what, line] of Object.entries(bad)) {
      const answer = await restore([...lines, line]);
      assert.equal(answer.status, 422, what);
      const text = await answer.text();
      assert.ok(text.includes(`Line ${lines.length + 1} `) && !text.includes('Given'), what);
      assert.deepEqual(await site.files(), {}, what);
    }
    assert.equal((await restore(lines)).status, 200);
  });

  it('deletes one report: what was shown goes at once, and comes again with five more', async () => {
    await site.send(7);
    await publish();
    const { report } = (await site.operate('export')).find((line) => line.report);
    assert.deepEqual(await site.operate('delete', { code: '97761', name: report.slice(6) }), { deleted: 1, hidden: 1 });
    assert.match(await site.shown(), /"reports":null/);
    assert.equal(await (await site.ask('/api/reports')).text(), '{"published":"2026-11-29","codes":{}}');
    await site.send(4);
    site.nextDay();
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
    const { report } = (await site.operate('export')).find((line) => line.value?.role === 'coder');
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
    // What stays is which reports are gone, and nothing of them.
    const [state, ...others] = await names('97761');
    assert.deepEqual([others, state.endsWith('state/97761')], [[], true]);
    const { gone, batch, ...rest } = await site.stores.work.json('state/97761');
    assert.deepEqual([gone.length, batch, rest], [6, '2026-11-29T14', { taken: [], pending: [], approved: [], sums: { n: 0, reasons: {}, payers: {}, outcomes: {}, worked: {} }, views: [] }]);
  });

  it('blocks a burst by the days on which it came; the rest stays', async () => {
    await site.send(5);
    await publish();
    const before = await site.shown();
    site.nextDay();
    await site.send(8, { role: 'other' });
    await site.send(6, { code: '99213', role: 'other' });
    site.nextDay();
    await site.send(1);
    assert.deepEqual(await site.operate('block', { from: '2026-11-30', to: '2026-12-01', dry: true }), { counts: { 97761: 8, 99213: 6 }, dry: true });
    assert.deepEqual(await site.operate('block', { from: '2026-11-30', to: '2026-12-01' }), { counts: { 97761: 8, 99213: 6 }, deleted: 14, hidden: 0 });
    await publish();
    assert.equal(await site.shown(), before.replace('2026-11-29', '2026-12-01'));
    assert.deepEqual((await site.operate('export')).filter((line) => line.report).map((line) => line.value.role), Array(6).fill('biller'));
  });

  it('blocks a burst that was published already: what it is part of is shown no more', async () => {
    await site.send(8);
    await publish();
    assert.deepEqual(await site.operate('block', { from: '2026-11-29', to: '2026-11-30', code: '97761' }), { counts: { 97761: 8 }, deleted: 8, hidden: 1 });
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
    site.nextDay();
    await publish({ all: true });
    assert.match(await site.shown(), /"reports":"10-24"/);
  });
});

describe('a withdrawal that was cut off at any write', () => {
  const CODES = ['97761', '99213'];
  const BURST = { from: '2026-11-30', to: '2026-12-01' };
  const all = async () => JSON.parse(await (await site.ask('/api/reports')).text()).codes;

  /** Six reports a code that stay, five that are to go, all of them shown. */
  async function begun() {
    for (const code of CODES) await site.send(6, { code });
    await publish();
    site.nextDay();
    for (const code of CODES) await site.send(5, { code, role: 'other' });
    await publish();
  }

  /** Give the command to stores of which no write is done after so many; return whether it went through. */
  async function cutAfter(writes) {
    const whole = site.open;
    let left = writes;
    const cut = (store) => Object.assign(Object.create(store), Object.fromEntries(['put', 'putNew', 'remove'].map((name) => [name, (...args) => (left-- > 0 ? store[name](...args) : Promise.reject(new StoreFailed('the store did not answer')))])));
    site.open = () => Object.fromEntries(Object.entries(whole()).map(([name, store]) => [name, cut(store)]));
    const answer = await site.ask('/api/operator/block', { method: 'POST', body: JSON.stringify(BURST), headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } });
    site.open = whole;
    await leaseOver();
    return answer.status === 200;
  }

  it('shows nothing as soon as a state is changed, and is made whole by the same command', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    const first = site;
    await begun();
    let cuts = 0;
    test.after(() => site !== first && first.stop());
    for (let done = false; !done; cuts += 1) {
      site = await start(first.directory);
      const before = await Promise.all(CODES.map((code) => site.stores.work.text(`state/${code}`)));
      done = await cutAfter(cuts);
      const changed = (await Promise.all(CODES.map((code) => site.stores.work.text(`state/${code}`)))).some((state, at) => state !== before[at]);
      const stored = Object.keys(await site.files()).filter((name) => name.includes('field-reports')).length;
      if (changed || stored < 22) {
        for (const code of CODES) assert.match(await site.shown(code), /"reports":null/, `${cuts}`);
        assert.deepEqual(await all(), {}, `${cuts}`);
      }
      await site.operate('block', BURST);
      for (const code of CODES) assert.match(await site.shown(code), /"reports":null/, `${cuts}`);
      assert.deepEqual(await all(), {}, `${cuts}`);
      const lines = await site.operate('export');
      assert.deepEqual(lines.filter((line) => line.report).map((line) => line.value.role), Array(12).fill('biller'), `${cuts}`);
      assert.deepEqual(lines.filter((line) => line.note?.startsWith(BURST.from)), [], `${cuts}`);
      for (const { value } of lines.filter((line) => line.state)) assert.deepEqual([value.sums.n, value.sums.reasons, value.taken.length, value.gone.length, value.views], [6, { 97: 6 }, 6, 5, []], `${cuts}`);
      await site.stop();
      site = first;
    }
    // The lease, two codes and what is shown of all, two states, ten reports, ten notes, the lease again.
    assert.ok(cuts > 25);
  });

  it('counts no report again that was to go, if a publication comes before the command is given again', async (test) => {
    test.mock.method(console, 'error', () => undefined);
    const first = site;
    await begun();
    const { now } = site;
    test.after(() => site !== first && first.stop());
    for (const cut of [7, 9, 14]) {
      site = await start(first.directory);
      site.now = now;
      assert.equal(await cutAfter(cut), false);
      site.nextDay();
      await publish();
      for (const { value } of (await site.operate('export')).filter((line) => line.state)) assert.deepEqual([value.sums.n, value.pending, value.views], [6, [], []], `${cut}`);
      assert.deepEqual(await all(), {});
      assert.equal((await site.operate('export')).filter((line) => line.report).length, 12);
      await site.stop();
      site = first;
    }
  });

  it('leaves no report that was noted, taken back, and only then written', async () => {
    const name = 'a'.repeat(32);
    await site.stores.work.put(`arrivals/2026-11-29/97761-${name}`, '');
    await withdraw(site.stores, new Map([['97761', new Set([name])]]));
    for (const one of [name, 'b'.repeat(32)]) {
      await site.stores.reports.putNew(`97761/${one}`, { ...REPORT, quarter: '2026Q4' });
      await unlessGone(site.stores, '97761', one);
    }
    assert.deepEqual((await site.operate('export')).filter((line) => line.report).map((line) => line.report), [`97761/${'b'.repeat(32)}`]);
  });

  it('deletes nothing twice: a report that is sent again after it was taken back is not counted', async () => {
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    await site.json(REPORT, key);
    const { report } = (await site.operate('export')).find((line) => line.report);
    await site.operate('delete', { code: '97761', name: report.slice(6) });
    assert.equal((await site.json(REPORT, key)).status, 201);
    await site.send(4);
    await publish();
    assert.match(await site.shown(), /"reports":null/);
    assert.equal((await site.operate('export')).filter((line) => line.report).length, 4);
  });
});

describe('the store', () => {
  it('is read and written past every cache, with strong consistency', async (test) => {
    const before = process.env.NETLIFY_BLOBS_CONTEXT;
    test.after(() => (process.env.NETLIFY_BLOBS_CONTEXT = before));
    const context = JSON.parse(Buffer.from(before, 'base64').toString());
    process.env.NETLIFY_BLOBS_CONTEXT = Buffer.from(JSON.stringify({ ...context, edgeURL: 'http://cache.example' })).toString('base64');
    const asked = test.mock.method(globalThis, 'fetch');
    const blobs = new Blobs('field-work');
    await blobs.put('one', 'x');
    assert.deepEqual([await blobs.text('one'), await blobs.putNew('one', 'y'), await blobs.keys('')], ['x', false, ['one']]);
    await blobs.remove('one');
    const hosts = new Set(asked.mock.calls.map((call) => new URL(String(call.arguments[0])).origin));
    assert.deepEqual([asked.mock.callCount() >= 5, [...hosts]], [true, [new URL(context.uncachedEdgeURL).origin]]);
  });

  it('is sent nothing more of a write that was given up, though the client would try it again', async (test) => {
    for (const answer of ['none', 'a failure']) {
      const sent = [];
      const { mock } = test.mock.method(globalThis, 'fetch', (_url, { signal }) => {
        sent.push(signal?.aborted === true);
        if (answer === 'a failure' && !signal?.aborted) return Promise.resolve(new Response(null, { status: 500 }));
        return new Promise((_resolve, reject) => (signal?.aborted ? reject(signal.reason) : signal?.addEventListener('abort', () => reject(signal.reason))));
      });
      test.mock.timers.enable({ apis: ['setTimeout'] });
      const given = assert.rejects(new Blobs('field-work').put('state/97761', '{}'), StoreFailed);
      // A minute of the client's clock, by half seconds.
      for (let half = 0; half < 120; half += 1) {
        test.mock.timers.tick(500);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await given;
      test.mock.timers.reset();
      mock.restore();
      // Tries within eight seconds, and from then on nothing that is not broken off before it is sent.
      assert.ok(sent.length > 2 && sent.indexOf(true) === (answer === 'none' ? 1 : 2), `${answer}: ${sent}`);
      assert.ok(sent.slice(sent.indexOf(true)).every(Boolean));
    }
  });

  it('is asked for each of many things; where one fails no other is begun, and those that were are waited for', async () => {
    const done = [];
    const begun = [];
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    const all = each([0, 1, 2, 3, 4], async (one) => {
      begun.push(one);
      if (one === 1) {
        setImmediate(go);
        return failed();
      }
      await gate;
      done.push(one);
      return one;
    }, 2);
    await assert.rejects(all, StoreFailed);
    assert.deepEqual([begun, done], [[0, 1], [0]]);
    assert.deepEqual(await each([3, 1, 2], async (one) => 2 * one, 2), [6, 2, 4]);
  });
});
