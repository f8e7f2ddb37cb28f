/**
 * The operator hears what was done: of what is not there nothing is counted, and nothing is remembered as gone.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { REPORT, TOKEN, start } from './site.mjs';

let site;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const GHOST = 'f'.repeat(32);
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

/** Give a command that is refused; its status and words. */
async function refused(command, body) {
  const answer = await site.ask(`/api/operator/${command}`, { method: 'POST', body: JSON.stringify(body), headers });
  return [answer.status, (await answer.json()).error.message];
}

/** Everything that lies in the store but who is at work. */
const kept = async () => Object.fromEntries(Object.entries(await site.files()).filter(([name]) => !name.endsWith('lease')));

describe('what is not there', () => {
  it('is not deleted: a false name and a code without reports get 404, and no trace stays', async () => {
    await site.send(1);
    const before = await kept();
    const [status, message] = await refused('delete', { code: '97761', name: GHOST });
    assert.equal(status, 404);
    assert.match(message, /no such report: look in an export/);
    assert.equal((await refused('delete', { code: '99213', all: true }))[0], 404);
    assert.deepEqual(await kept(), before);
  });

  it('was there: deleting it once more says that nothing was left to delete', async () => {
    await site.send(6);
    await site.operate('publish', {});
    const { report } = (await site.operate('export')).find((line) => line.report);
    const one = { code: '97761', name: report.slice(6) };
    assert.deepEqual(await site.operate('delete', one), { deleted: 1, hidden: 1 });
    assert.deepEqual(await site.operate('delete', one), { deleted: 0, hidden: 0 });
    assert.deepEqual(await site.operate('delete', { code: '97761', all: true }), { deleted: 5, hidden: 0 });
    assert.deepEqual(await site.operate('delete', { code: '97761', all: true }), { deleted: 0, hidden: 0 });
  });

  it('is a note alone: it can be deleted, and no report is counted', async () => {
    await site.stores.work.put(`arrivals/2026-11-29/97761-${GHOST}`, '');
    assert.deepEqual(await site.operate('delete', { code: '97761', name: GHOST }), { deleted: 0, hidden: 0 });
    assert.deepEqual(Object.keys(await kept()).filter((name) => name.includes('arrivals')), []);
  });

  it('is shown all the same where a state was lost: deleting all of the code hides it', async () => {
    await site.send(6);
    await site.operate('publish', {});
    await site.stores.work.remove('state/97761');
    assert.deepEqual(await site.operate('delete', { code: '97761', all: true }), { deleted: 6, hidden: 1 });
    assert.match(await site.shown(), /"reports":null/);
    assert.equal(await (await site.ask('/api/reports')).text(), '{"published":"2026-11-29","codes":{}}');
  });

  it('is not approved, and neither is what is counted already', async () => {
    await site.send(5);
    await site.operate('publish', {});
    const counted = (await site.operate('export')).find((line) => line.report).report;
    const before = await kept();
    assert.equal((await refused('approve', { reports: [`97761/${GHOST}`, counted, `99213/${GHOST}`] }))[0], 404);
    assert.deepEqual(await kept(), before);
    await site.send(1, { role: 'coder' });
    const { report } = (await site.operate('pending'))[0];
    assert.equal((await site.operate('approve', { reports: [`97761/${GHOST}`, counted, report, report] })).approved, 1);
    const { pending, approved } = await site.stores.work.json('state/97761');
    assert.deepEqual([pending, approved], [[report.slice(6)], [report.slice(6)]]);
  });
});

describe('the days of a block', () => {
  it('are those that are noted: older ones are refused with the first that there is', async () => {
    await site.send(1);
    for (const from of ['2026-08-01', '2026-11-22']) {
      const [status, message] = await refused('block', { from, to: '2026-11-30' });
      assert.equal(status, 422);
      assert.match(message, /2026-11-23 or later/);
    }
    assert.deepEqual((await site.operate('block', { from: '2026-11-23', to: '2026-11-30', dry: true })).counts, { 97761: 1 });
  });
});

describe('the operator’s token', () => {
  it('is compared in a time that tells nothing', async () => {
    const source = await readFile(new URL('../../netlify/functions/lib/operator.mjs', import.meta.url), 'utf8');
    const [body] = /^function same\([^]*?^\}/mu.exec(source);
    assert.match(body, /return timingSafeEqual\(digest\(one\), digest\(other\)\);/);
    // And by nothing else: no other line has both.
    assert.deepEqual(source.split('\n').filter((line) => /\bbearer\b/u.test(line) && /\btoken\b/u.test(line)).map((line) => line.trim().split(' throw')[0]), ['if (!same(bearer, token))']);
  });
});

describe('an answer to the operator', () => {
  it('is JSON and no page of a report, whatever type was sent', async () => {
    const answer = await site.ask('/api/operator/publish', { method: 'POST', body: '{}', headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(answer.status, 415);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.equal((await answer.json()).error.kind, 'type');
    const form = await site.form({ ...REPORT, role: 'x' });
    assert.match(form.headers.get('content-type'), /^text\/html/);
  });
});
