/**
 * A backup that is cut off, comes in parts, or meets a site with reports of its own: what was shown and what is gone stays known.
 */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { united } from '../../netlify/functions/lib/uniting.mjs';
import { REPORT, TOKEN, start } from './site.mjs';

let site;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

/** Begin anew with an empty site; return what the one before exported. */
async function lost() {
  const lines = await site.operate('export');
  await site.stop();
  site = await start();
  return lines;
}

/** Send lines as a backup; status and answer. */
async function restore(lines, how = '') {
  const answer = await site.ask(`/api/operator/restore${how}`, { method: 'POST', body: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''), headers: { authorization: `Bearer ${TOKEN}` } });
  return { status: answer.status, ...(await answer.json()) };
}

const state = (code = '97761') => site.stores.work.json(`state/${code}`);
const days = async () => Object.keys(await site.files()).filter((name) => name.includes('arrivals')).map((name) => /arrivals\/([^/]+)/u.exec(name)[1]).sort();
const publish = () => site.operate('publish', { all: true });

describe('the end of a backup', () => {
  it('is the number of the lines before it, for some codes too', async () => {
    await site.send(5);
    await site.send(2, { code: '99213' });
    await publish();
    const lines = await site.operate('export');
    // Two states, seven notes, seven reports.
    assert.deepEqual(lines.at(-1), { end: 16 });
    assert.deepEqual((await site.operate('export?codes=99')).at(-1), { end: 5 });
  });

  it('is missed where a backup was cut off, or where a line is missing: nothing is restored', async () => {
    await site.send(3);
    const lines = await lost();
    for (const [what, cut] of Object.entries({ nothing: [], 'without end': lines.slice(0, -1), 'in the middle': lines.slice(0, 2), 'a line less': lines.filter((_, at) => at !== 1), 'an end within': [...lines, ...lines], 'an end that is none': [...lines.slice(0, -1), { end: '6' }] })) {
      const { status, error } = await restore(cut);
      assert.equal(status, 422, what);
      assert.match(error.message, /Nothing (?:of this )?was restored/, what);
      assert.deepEqual(await site.files(), {}, what);
    }
    assert.equal((await restore([...lines, lines[0]], '?after=0')).status, 422);
    assert.equal((await restore([...lines.slice(0, 3), { end: 3 }, ...lines.slice(3)])).status, 422);
    assert.deepEqual(await site.files(), {});
    assert.equal((await restore(lines)).restored, 3);
  });

  it('is in the last part where it comes in parts: each says what comes next, and a part that is missing is missed', async () => {
    await site.send(3);
    const lines = await lost();
    const [first, second, third] = [lines.slice(0, 2), lines.slice(2, 5), lines.slice(5)];
    assert.equal((await restore(first, '?after=0')).next, 'the part that follows, with restore?after=2');
    assert.equal((await restore(third, '?after=2')).status, 422);
    assert.equal((await restore(second, '?after=2')).next, 'the part that follows, with restore?after=5');
    assert.equal((await restore(third, '?after=5')).next, 'publish with {"all":true}');
    assert.equal((await restore(third, '?after=x')).status, 422);
    assert.equal((await site.operate('export')).filter((line) => line.report).length, 3);
  });
});

describe('a note of a day', () => {
  it('is one a report where a backup comes in parts, on the day on which the report came', async () => {
    await site.send(3);
    const lines = await lost();
    site.now = new Date('2026-12-02T10:00:00Z');
    const notes = lines.filter((line) => line.note);
    await restore(notes, '?after=0');
    await restore(lines.slice(notes.length), `?after=${notes.length}`);
    assert.deepEqual(await days(), Array(3).fill('2026-11-29'));
    // A burst of the day of the restore takes none of them along.
    await site.send(2, { role: 'other' });
    assert.equal((await site.operate('block', { from: '2026-12-02', to: '2026-12-03' })).deleted, 2);
    assert.equal((await site.operate('export')).filter((line) => line.report).length, 3);
  });

  it('stays the one that a report has where a backup with it comes again, or says another', async () => {
    await site.send(1);
    const [note, report] = await site.operate('export');
    site.nextDay();
    assert.equal((await restore([report, { end: 1 }])).present, 1);
    assert.equal((await restore([{ note: note.note.replace('2026-11-29', '2026-11-28') }, { end: 1 }])).status, 200);
    assert.deepEqual(await days(), ['2026-11-29']);
  });

  it('is not made of today for reports that only wait, whose week is over', async () => {
    await site.send(3);
    site.now = new Date('2026-12-09T06:17:00Z');
    await publish();
    const lines = await lost();
    site.now = new Date('2026-12-10T10:00:00Z');
    await site.send(1);
    await publish();
    await restore(lines);
    assert.deepEqual(await days(), ['2026-12-10']);
    assert.equal((await state()).pending.length, 4);
  });
});

describe('a backup that meets a state', () => {
  it('of reports that only wait: what was shown and counted before the loss is known again', async () => {
    await site.send(6);
    await publish();
    const before = await state();
    const lines = await lost();
    await site.send(1);
    await publish();
    assert.equal((await state()).pending.length, 1);
    const waiting = (await state()).pending;
    assert.equal((await restore(lines)).status, 200);
    assert.deepEqual(await state(), { ...before, pending: waiting });
    await publish();
    assert.match(await site.shown(), /"reports":"5-9"/);
  });

  it('knows what is gone on either side', async () => {
    await site.send(6, { code: '99213' });
    await publish();
    const old = await site.operate('export');
    const { report } = old.find((line) => line.report);
    await site.operate('delete', { code: '99213', name: report.slice(6) });
    const lines = await lost();
    await site.send(1, { code: '99213' });
    await publish();
    await restore(lines);
    assert.deepEqual((await state('99213')).gone, [report.slice(6)]);
    assert.equal((await restore(old)).gone, 1);
    assert.equal(await site.stores.reports.text(report), null);
  });

  it('takes back here what was taken back there: an older backup was restored before', async () => {
    await site.send(6);
    await publish();
    const old = await site.operate('export');
    const { report } = old.find((line) => line.report);
    await site.operate('delete', { code: '97761', name: report.slice(6) });
    const newer = await lost();
    await restore(old);
    await publish();
    assert.match(await site.shown(), /"reports":"5-9"/);
    assert.equal((await restore(newer)).status, 200);
    assert.match(await site.shown(), /"reports":null/);
    const { taken, gone, sums, views } = await state();
    assert.deepEqual([taken.length, gone, sums.n, views], [5, [report.slice(6)], 5, []]);
    assert.equal(await site.stores.reports.text(report), null);
  });

  it('restores nothing where something was shown since that it does not know, and says of which codes', async () => {
    await site.send(6);
    await site.send(6, { code: '99213' });
    await publish();
    const lines = await lost();
    await site.send(5);
    await publish();
    const files = await site.files();
    const { status, error } = await restore(lines);
    assert.deepEqual([status, error.kind], [409, 'shown']);
    assert.match(error.message, /^Of 97761 something was shown/);
    const without = (all) => Object.fromEntries(Object.entries(all).filter(([name]) => !name.endsWith('lease')));
    assert.deepEqual(without(await site.files()), without(files));
    // What the words say to do is done.
    const rest = lines.filter((line) => line.state !== '97761' && !('end' in line));
    assert.equal((await restore([...rest, { end: rest.length }])).status, 200);
    assert.equal((await state('99213')).views.length, 1);
  });

  it('does not hold a code up: a batch of an hour that is still to come is refused', async () => {
    await site.send(5);
    await publish();
    const lines = await lost();
    lines[0].value.batch = '2026-11-29T15';
    assert.equal((await restore(lines)).status, 422);
    lines[0].value.batch = '2026-11-29T14';
    assert.equal((await restore(lines)).status, 200);
  });

  it('refuses a code with two states', async () => {
    await site.send(5);
    await publish();
    const [first, ...rest] = await lost();
    assert.equal((await restore([first, first, ...rest.slice(0, -1), { end: rest.length + 1 }])).status, 422);
    assert.deepEqual(await site.files(), {});
  });
});

describe('the state of two', () => {
  const empty = { taken: [], pending: [], approved: [], gone: [], sums: { n: 0 }, views: [], batch: null };
  const [one, two] = [{ total: 0 }, { total: 1 }];
  const shown = { ...empty, taken: ['a', 'b'], sums: { n: 2 }, views: [one], batch: '2026-11-29T14' };

  it('is the one that goes on from the other, with what waits and is gone on either side', () => {
    const later = { ...shown, taken: ['a', 'b', 'c'], pending: ['e'], gone: ['x'], sums: { n: 3 }, views: [one, two], batch: '2026-12-01T06' };
    const earlier = { ...shown, pending: ['c', 'd', 'x'], approved: ['d'], gone: ['y'] };
    const expected = { ...later, pending: ['d', 'e'], approved: ['d'], gone: ['x', 'y'] };
    assert.deepEqual(united(later, earlier), expected);
    assert.deepEqual(united({ ...earlier, gone: [] }, { ...later, gone: ['x', 'y'] }), expected);
  });

  it('is none where each side showed what the other does not know', () => {
    assert.equal(united({ ...shown, taken: ['a', 'c'] }, shown), null);
    assert.equal(united({ ...shown, views: [two] }, shown), null);
    assert.equal(united({ ...shown, views: [] }, shown).views.length, 1);
  });

  it('shows nothing of what is gone: a backup does not bring back a report that it counts and that was taken back here', () => {
    assert.equal(united({ ...empty, gone: ['a'] }, shown), null);
    assert.deepEqual(united({ ...empty, gone: ['a', 'b'] }, shown), { ...empty, gone: ['a', 'b'], batch: shown.batch });
  });
});

describe('a report that is sent again', () => {
  it('on another day has the note of the day on which it came, and the block of that other day leaves it', async () => {
    const key = { 'idempotency-key': '0b0e7a54-1d2c-4c6a-9f3e-0a1b2c3d4e5f' };
    await site.json(REPORT, key);
    await site.send(4);
    await publish();
    const shown = await site.shown();
    site.nextDay();
    assert.equal((await site.json(REPORT, key)).status, 201);
    assert.deepEqual(await days(), Array(5).fill('2026-11-29'));
    assert.deepEqual(await site.operate('block', { from: '2026-11-30', to: '2026-12-01' }), { counts: {}, deleted: 0, hidden: 0 });
    assert.equal(await site.shown(), shown);
  });
});
