/**
 * Whatever is sent that is not a report gets a 4xx, and nothing of it is stored or logged.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, mock } from 'node:test';

import { random } from './twins.mjs';
import { ORIGIN, REPORT, TOKEN, start } from './site.mjs';

const FORM = 'application/x-www-form-urlencoded';
const JSON_ = 'application/json';
const form = new URLSearchParams({ ...REPORT, worked: 'corrected_modifier' }).toString();
const json = JSON.stringify(REPORT);
const MARK = 'ZQXJ-trace-of-what-was-sent';

let site;
let logged;
before(async () => {
  site = await start();
  logged = ['log', 'error', 'warn', 'info', 'debug'].map((name) => mock.method(console, name, () => undefined));
});
after(async () => {
  mock.restoreAll();
  await site.stop();
});

function post(body, type, headers = {}) {
  return site.ask('/api/reports', { method: 'POST', body, headers: { origin: ORIGIN, 'idempotency-key': randomUUID(), 'form-seconds': '30', ...(type === null ? {} : { 'content-type': type }), ...headers } });
}

/** Each must be refused with one of these. */
async function refuses(answer, statuses, name) {
  assert.ok(statuses.includes(answer.status), `${name}: ${answer.status}`);
  const text = await answer.text();
  assert.ok(!text.includes(MARK), name);
  if (answer.headers.get('content-type')?.startsWith('application/json')) assert.ok(JSON.parse(text).error.message.length > 10, name);
}

/** A stream of so many bytes that says nothing of its length. */
function stream(bytes, fill = 97) {
  let left = bytes;
  let read = 0;
  const body = new ReadableStream({
    pull(controller) {
      const size = Math.min(left, 65_536);
      left -= size;
      read += size;
      if (size > 0) controller.enqueue(new Uint8Array(size).fill(fill));
      else controller.close();
    },
  });
  return { body, read: () => read };
}

const bytes = (...numbers) => new Uint8Array(numbers);
const values = [null, true, 0, -1, 1e308, 97761, '', ' ', '97761 ', '97761\n', '９７７６１', MARK, [], {}, ['97761'], { toString: '97761' }, [[]], '__proto__', 'constructor', '\u0000', '\ud800', 'a'.repeat(3000)];

describe('what is no report', () => {
  it('in its fields: every kind of value in every field', async () => {
    for (const field of Object.keys({ ...REPORT, state: '' })) {
      for (const value of values) {
        if (field === 'worked' && Array.isArray(value) && value.length === 0) continue;
        await refuses(await post(JSON.stringify({ ...REPORT, [field]: value }), JSON_), [413, 422], `${field} ${JSON.stringify(value)}`);
      }
      if (field === 'state') continue;
      const { [field]: _, ...rest } = REPORT;
      await refuses(await post(JSON.stringify(rest), JSON_), [422], `without ${field}`);
    }
  });

  it('in its strategies: four, one twice, one within another list', async () => {
    for (const worked of [['appeal_letter', 'peer_to_peer', 'added_records', 'corrected_units'], ['appeal_letter', 'appeal_letter'], [['appeal_letter']], { 0: 'appeal_letter' }, 'appeal_letter']) await refuses(await post(JSON.stringify({ ...REPORT, worked }), JSON_), [422], JSON.stringify(worked));
  });

  it('in its JSON: not JSON, not an object, two of a key, keys of prototypes, deep nesting', async () => {
    const cases = ['', ' ', '{', 'null', '1', '"x"', '[]', `[${json}]`, `${json}${json}`, `\ufeff${json}`, json.replace('{', '{"code":"99213",'), json.replace('}', ',"c\\u006fde":"97761"}'), `{"__proto__":{"admin":true},${json.slice(1)}`, `{"constructor":{"prototype":{"x":1}},${json.slice(1)}`, `{"prototype":1,${json.slice(1)}`, `{"__proto__":${json}}`, '['.repeat(2000) + ']'.repeat(2000), `{"code":${'['.repeat(1500)}${']'.repeat(1500)}}`, `{"a":`.repeat(600) + '1' + '}'.repeat(600), json.replace('"97761"', 'NaN'), json.replaceAll('"', "'"), `${json}//`];
    for (const body of cases) await refuses(await post(body, JSON_), [400, 422], body.slice(0, 60));
    assert.equal({}.admin, undefined);
    assert.equal({}.x, undefined);
  });

  it('in its form: fields twice, unknown fields, keys of prototypes, lists in the way of other frameworks', async () => {
    for (const body of ['', '=', '&&&', '%', '%00', form.replace('code=', 'Code='), `${form}&code=97761`, `${form}&code=99213`, `${form}&role=`, `${form}&__proto__=x`, `${form}&__proto__[admin]=1`, `${form}&constructor=1`, `${form}&worked[]=peer_to_peer`, form.replace('worked', 'worked[0]'), form.replaceAll('&', ';'), `${form}&worked=corrected_modifier`, form.replace('97761', '9776%C0%B1'), form.replace('97761', '97761%00'), json]) await refuses(await post(body, FORM), [422], body.slice(0, 80));
  });

  it('in its type: multipart, text, XML, none, other charsets, compressed', async () => {
    for (const type of [null, '', 'text/plain', 'text/plain;charset=utf-8', 'multipart/form-data; boundary=x', 'application/xml', 'application/json, text/plain', 'application/jsonp', 'application/json; charset=iso-8859-1', 'application/json; charset=utf-16', 'application/json; charset=utf-8; x=y', 'application/json; boundary=x', `${FORM}; charset=windows-1252`, `${FORM}+x`, 'application/ld+json']) await refuses(await post(json, type), [415], String(type));
    const data = new FormData();
    for (const [name, value] of Object.entries(REPORT)) data.append(name, String(value));
    await refuses(await post(data, null), [415], 'FormData');
    for (const coding of ['gzip', 'identity', 'br', '']) await refuses(await post(json, JSON_, { 'content-encoding': coding }), [415], coding);
  });

  it('in its encoding: bytes that are no UTF-8, UTF-16, overlong', async () => {
    for (const body of [bytes(0xff, 0xfe, 0x7b, 0), bytes(0x7b, 0xc0, 0x80, 0x7d), bytes(0xed, 0xa0, 0x80), Buffer.from(json, 'utf16le'), Buffer.concat([Buffer.from(json.slice(0, -1)), bytes(0xe9), Buffer.from('}')])]) await refuses(await post(body, JSON_), [400, 422], Buffer.from(body).toString('hex').slice(0, 40));
  });

  it('in its length: ten megabytes are not read to the end, whatever they say of their length', async () => {
    for (const type of [FORM, JSON_]) {
      for (const length of [{}, { 'content-length': '10' }, { 'content-length': '-1' }, { 'content-length': String(10 ** 7) }]) {
        const much = stream(10_000_000);
        await refuses(await post(much.body, type, length), [413], `${type} ${JSON.stringify(length)}`);
        assert.ok(much.read() < 300_000);
      }
    }
    await refuses(await post(json + ' '.repeat(5000), JSON_), [413], 'blanks');
  });

  it('in its headers: keys that are none, times that are none, another host in every place', async () => {
    for (const key of ['', 'x', '../../97761', `${randomUUID()}\t`, `${randomUUID()}, ${randomUUID()}`, randomUUID().toUpperCase(), '00000000-0000-0000-0000-00000000000g', 'a'.repeat(2000)]) {
      if (/^[0-9a-f-]{36}$/.test(key.trim())) continue;
      await refuses(await post(json, JSON_, { 'idempotency-key': key }), [400], key.slice(0, 50));
    }
    for (const seconds of ['', '-5', '1e9', 'Infinity', 'NaN', '0x20', '5,5', ' ', '12345678']) await refuses(await post(json, JSON_, { 'form-seconds': seconds }), [400], seconds);
    for (const headers of [{ origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', host: 'evil.example' }, { origin: `${ORIGIN}/` }, { origin: ORIGIN.replace('https', 'http') }, { origin: `${ORIGIN}, https://evil.example` }, { 'sec-fetch-site': 'same-origin, cross-site' }]) await refuses(await post(json, JSON_, headers), [403], JSON.stringify(headers));
  });

  it('in its method and its address', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'BREW']) {
      for (const path of ['/api/reports', '/api/reports/97761']) await refuses(await site.ask(path, { method, headers: { origin: ORIGIN, 'content-type': JSON_, 'x-http-method-override': 'POST' }, ...(method === 'OPTIONS' ? {} : { body: json }) }), [405], `${method} ${path}`);
    }
    await refuses(await site.ask('/api/reports/97761', { method: 'POST', body: json, headers: { origin: ORIGIN, 'content-type': JSON_ } }), [405], 'POST to a code');
    for (const path of ['/api/reports/', '/api/reports/all', '/api/reports/day', '/api/reports/9776', '/api/reports/977611', '/api/reports/g0283', '/api/reports/97761/', '/api/reports/97761/x', '/api/reports/..%2f97761', '/api/reports/%39%37%37%36%31', '/api/reports/97761%00', '/api/reports/__proto__', '/api/reports//97761', '/api/reports/../../state/97761', '/api/operator', '/api/operator/', '/api/operator/constructor', '/api/operator/export/x', '/api//reports', '/']) {
      await refuses(await site.ask(path, { headers: { authorization: `Bearer ${TOKEN}` } }), [404], path);
    }
  });

  it('in thousands of ways that chance finds', async () => {
    const chance = random(7);
    const pick = (list) => list[Math.floor(chance() * list.length)];
    const pieces = ['{', '}', '[', ']', ':', ',', '"', '\\', '\\u0000', 'code', 'worked', '97761', 'null', '1e9', '&', '=', '%', '+', '__proto__', '\u00e9', ' ', MARK];
    for (let turn = 0; turn < 3000; turn += 1) {
      const asJson = chance() < 0.5;
      let body = asJson ? json : form;
      for (let times = 1 + Math.floor(chance() * 3); times > 0; times -= 1) {
        const at = Math.floor(chance() * body.length);
        body = body.slice(0, at) + pick([...pieces, '']) + body.slice(at + Math.floor(chance() * 4));
      }
      // Now and then chance changes nothing that counts, or makes another report: that is none of what is looked for here.
      if (harmless(body, asJson)) continue;
      await refuses(await post(body, asJson ? JSON_ : FORM), [400, 413, 422], body);
    }
  });

  it('leaves nothing behind: no file in the store, no line in a log', async () => {
    assert.deepEqual(await site.files(), {});
    for (const one of logged) assert.equal(one.mock.callCount(), 0);
  });
});

/** Whether a text is a report after all, by other means than the function's. */
function harmless(body, asJson) {
  let fields;
  try {
    fields = asJson ? JSON.parse(body) : Object.fromEntries([...new URLSearchParams(body)].filter(([, value]) => value !== ''));
  } catch {
    return false;
  }
  if (!asJson) fields.worked = fields.worked === undefined ? [] : [fields.worked];
  const kept = Object.keys(REPORT).every((name) => name === 'code' || name === 'worked' || fields?.[name] === REPORT[name]);
  return kept && /^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$/.test(fields.code) && (fields.worked?.length === 0 || String(fields.worked) === 'corrected_modifier') && Object.keys(fields).every((name) => Object.hasOwn(REPORT, name));
}

describe('the operator’s side', () => {
  const ask = (authorization, path = 'export', method = 'GET') => site.ask(`/api/operator/${path}`, { method, headers: { ...(authorization === null ? {} : { authorization }), 'content-type': JSON_ }, ...(method === 'POST' ? { body: '{}' } : {}) });

  it('opens to the token alone', async () => {
    for (const [path, method] of [['export', 'GET'], ['pending', 'GET'], ['review', 'GET'], ['review', 'POST'], ['publish', 'POST'], ['delete', 'POST'], ['block', 'POST'], ['restore', 'POST'], ['approve', 'POST'], ['unknown', 'GET']]) {
      for (const authorization of [null, '', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Bearer  ${TOKEN}`, `bearer ${TOKEN}`, `Basic ${TOKEN}`, TOKEN, 'Bearer undefined', `Bearer ${'x'.repeat(300)}`]) await refuses(await ask(authorization, path, method), [401], `${method} ${path} ${authorization}`);
    }
    const opened = await ask(`Bearer ${TOKEN}`);
    assert.deepEqual([opened.status, await opened.text()], [200, '{"end":0}\n']);
  });

  it('is not there where no token is set, not even for an empty one', async () => {
    for (const token of ['', undefined]) {
      site.environment.MEDPAYIQ_REPORTS_TOKEN = token;
      for (const authorization of [null, 'Bearer ', 'Bearer undefined']) await refuses(await ask(authorization), [404], String(authorization));
    }
    site.environment.MEDPAYIQ_REPORTS_TOKEN = TOKEN;
  });

  it('is shut where the token is shorter than 32 characters, whatever is sent, and says how to make one', async () => {
    site.environment.MEDPAYIQ_REPORTS_TOKEN = 'a'.repeat(31);
    for (const authorization of [null, `Bearer ${'a'.repeat(31)}`]) {
      const answer = await ask(authorization);
      assert.equal(answer.status, 503);
      assert.match((await answer.json()).error.message, /MEDPAYIQ_REPORTS_TOKEN.*openssl rand -hex 32/);
    }
    site.environment.MEDPAYIQ_REPORTS_TOKEN = 'a'.repeat(32);
    const opened = await ask(`Bearer ${'a'.repeat(32)}`);
    assert.equal(opened.status, 200);
    // What is not read to its end still asks the store when that has stopped, and waits half a minute for it.
    await opened.text();
    site.environment.MEDPAYIQ_REPORTS_TOKEN = TOKEN;
  });

  it('refuses what is no command', async () => {
    for (const [path, body] of [['delete', {}], ['delete', { code: '97761' }], ['delete', { code: '97761', name: '..' }], ['delete', { code: '*', all: true }], ['delete', { code: '97761', name: 'a'.repeat(31) }], ['block', { from: '2026', to: '2027' }], ['block', { from: '2026-11-29', to: '2026-11-29' }], ['block', { from: '2026-11-30', to: '2026-11-29' }], ['block', { from: '2026-11-29T14', to: '2026-11-29T16' }], ['block', { from: '2026-02-30', to: '2026-03-02' }], ['publish', { codes: ['x'] }], ['publish', { codes: 'all' }], ['publish', { all: 1 }], ['review', { on: 'yes' }], ['approve', { reports: ['97761'] }], ['approve', {}]]) {
      const answer = await site.ask(`/api/operator/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${TOKEN}`, 'content-type': JSON_ } });
      await refuses(answer, [422], `${path} ${JSON.stringify(body)}`);
    }
    for (const body of ['{}', '{"report":"97761/x","value":{}}', `{"report":"97761/${'a'.repeat(32)}","value":${json}}`, `{"report":"99213/${'a'.repeat(32)}","value":{"quarter":"2026Q4",${json.slice(1)}}`, `{"report":"97761/${'a'.repeat(32)}","value":{"quarter":"2026-11-29",${json.slice(1)}}`, `{"report":"97761/${'a'.repeat(32)}","value":{"quarter":"2026Q4","note":"Given Family",${json.slice(1)}}`, '{"state":"97761","value":{}}', 'x']) {
      const answer = await site.ask('/api/operator/restore', { method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}` } });
      await refuses(answer, [422], body);
    }
    assert.deepEqual(Object.keys(await site.files()).filter((name) => name.includes('field-reports')), []);
  });
});
