/**
 * The function with Netlify Blobs' own local server behind it, asked as Netlify asks it, at a time that a test sets.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { startBlobs } from '../../netlify/blobs.mjs';
import { handle } from '../../netlify/functions/lib/handler.mjs';
import { noMemory } from '../../netlify/functions/lib/limits.mjs';
import { stores } from '../../netlify/functions/lib/store.mjs';

export const ORIGIN = 'https://medpayiq.example';
export const TOKEN = 'a-token-of-these-tests-that-opens-nothing';
export const REPORT = Object.freeze({ code: '97761', payer_class: 'medicare', payer: 'noridian', reason: '97', modifier: 'none', outcome: 'paid_corrected', worked: ['corrected_modifier'], role: 'biller' });

/** Start a site of its own, empty or with what is kept in a folder. */
export async function start(from) {
  const directory = await mkdtemp(join(tmpdir(), 'field-'));
  if (from) await cp(from, directory, { recursive: true });
  const { server } = await startBlobs(directory);
  const site = {
    directory,
    stores: stores(),
    now: new Date('2026-11-29T14:20:00Z'),
    address: '203.0.113.7',
    environment: { MEDPAYIQ_REPORTS_TOKEN: TOKEN, MEDPAYIQ_REPORTS_SECRET: 'of these tests '.repeat(4), MEDPAYIQ_REPORTS_PER_HOUR: '100000', MEDPAYIQ_REPORTS_PER_CODE: '100000' },
    open: stores,
    memory: noMemory(),
    codes: async () => () => true,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
    /** Ask the function. */
    ask(path, init = {}) {
      const request = new Request(ORIGIN + path, { duplex: 'half', ...init });
      return handle(request, { ip: site.address }, { open: site.open, environment: site.environment, codes: site.codes, memory: site.memory, now: () => site.now });
    },
    /** Send a report as the form's script does. */
    json(report, headers = {}) {
      return site.ask('/api/reports', { method: 'POST', body: typeof report === 'string' ? report : JSON.stringify(report), headers: { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'form-seconds': '21.5', ...headers } });
    },
    /** Send a report as the form without a script does. */
    form(fields, headers = {}) {
      return site.ask('/api/reports', { method: 'POST', body: new URLSearchParams(fields).toString(), headers: { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', ...headers } });
    },
    /** Give an operator's command; return what it answers. */
    async operate(command, body) {
      const answer = await site.ask(`/api/operator/${command}`, { method: body === undefined ? 'GET' : 'POST', ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }), headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      return answer.headers.get('content-type').startsWith('application/x-ndjson') ? text.split('\n').filter(Boolean).map((line) => JSON.parse(line)) : JSON.parse(text);
    },
    /** Let a day go by: the next batch may be taken in. */
    nextDay() {
      site.now = new Date(site.now.getTime() + 24 * 3_600_000);
    },
    /** Send so many reports. */
    async send(count, more = {}) {
      for (let at = 0; at < count; at += 1) assert.equal((await site.json({ ...REPORT, ...more })).status, 201);
    },
    /** What is shown of a code, as it is sent. */
    async shown(code = '97761') {
      return (await site.ask(`/api/reports/${code}`)).text();
    },
    /** Everything that lies in the store: name to text. */
    async files(under = 'entries') {
      const found = {};
      for (const one of await readdir(join(directory, under), { recursive: true, withFileTypes: true }).catch(() => [])) {
        const path = join(one.parentPath ?? one.path, one.name);
        // One that goes away in this moment is none.
        const text = one.isFile() ? await readFile(path, 'utf8').catch(() => null) : null;
        if (text !== null) found[relative(join(directory, under), path)] = text;
      }
      return found;
    },
  };
  return site;
}
