/**
 * Measures what docs/RELIABILITY.md says of the function of field reports, on this machine and over loopback alone: reports that
 * come at a steady pace, a process that is killed again and again, and answers with many reports stored.
 *
 *     node bench/field.mjs [--write] [--seconds 60] [--kills 50] [--stored 100000]
 *
 * --write puts the figures into docs/RELIABILITY.md, between its two marks. Exit code 1: a target was missed.
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { REPORT, launch } from '../tests/field/local.mjs';

const { values: asked } = parseArgs({ options: { write: { type: 'boolean', default: false }, seconds: { type: 'string', default: '60' }, kills: { type: 'string', default: '50' }, stored: { type: 'string', default: '100000' } } });
const [SECONDS, KILLS, STORED] = [asked.seconds, asked.kills, asked.stored].map(Number);
const RATE = 200;
const CONNECTIONS = 50;
const ANSWER = 50;
/** Codes 00000 to 00099: all that begin with 000. */
const RECENT = 100;
const PAGE = fileURLToPath(new URL('../docs/RELIABILITY.md', import.meta.url));

const rows = [];
let missed = 0;

/** Say a figure, and keep it for the page. */
function say(what, figure, target = '', met = true) {
  if (!met) missed += 1;
  rows.push([what, figure, target && `${target}${met ? '' : ': missed'}`]);
  console.log(`${what}: ${figure}${target && ` (target: ${target}${met ? '' : ', MISSED'})`}`);
}

const number = (value) => value.toLocaleString('en-US');
const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
/** The value under which so many of a hundred lie. */
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil((share / 100) * sorted.length) - 1)];

/** A code of its own for each number: 00000 to 99999, then A0000 to Z9999. */
function codeOf(at) {
  return at < 100_000 ? String(at).padStart(5, '0') : String.fromCharCode(65 + Math.floor((at - 100_000) / 10_000)) + String(at % 10_000).padStart(4, '0');
}

/** Ask over one of few connections; resolve with status and body. */
function ask(agent, origin, path, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(origin + path, { agent, method, headers: body === undefined ? headers : { 'content-length': Buffer.byteLength(body), ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, text })).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

const post = (agent, origin, report, key) => ask(agent, origin, '/api/reports', { method: 'POST', body: JSON.stringify(report), headers: { origin, 'content-type': 'application/json', 'idempotency-key': key, 'form-seconds': '30' } });

/** How often each code is stored. */
async function counted(server) {
  const found = new Map();
  for (const { value } of await server.stored()) found.set(value.code, (found.get(value.code) ?? 0) + 1);
  return found;
}

async function within(work) {
  const directory = await mkdtemp(join(tmpdir(), 'field-bench-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reports at a steady pace; every tenth is one that came before, sent again as a browser does that got no answer. */
async function pace(directory) {
  const server = await launch(directory);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const all = RATE * SECONDS;
  const keys = Array.from({ length: all }, () => randomUUID());
  const accepted = new Set();
  const took = [];
  const failures = [];
  const start = performance.now();
  const one = async (at) => {
    const due = start + (at * 1000) / RATE;
    const which = at % 10 === 9 ? at - 5 : at;
    try {
      const { status } = await post(agent, server.origin, { ...REPORT, code: codeOf(which) }, keys[which]);
      // From when it was due, not from when it was sent: waiting for a free connection counts.
      took.push(performance.now() - due);
      if (status === 201) accepted.add(codeOf(which));
      else failures.push(String(status));
    } catch (problem) {
      failures.push(String(problem.code ?? problem.message));
    }
  };
  const running = [];
  for (let at = 0; at < all; at += 1) {
    const wait = start + (at * 1000) / RATE - performance.now();
    if (wait > 0) await pause(wait);
    running.push(one(at));
  }
  await Promise.all(running);
  const lasted = (performance.now() - start) / 1000;
  const stored = await counted(server);
  await server.stop();
  agent.destroy();
  took.sort((a, b) => a - b);
  const lost = [...accepted].filter((code) => !stored.has(code)).length;
  const twice = [...stored.values()].filter((count) => count > 1).length;
  say('Reports sent', `${number(all)} in ${lasted.toFixed(1)} s over ${CONNECTIONS} connections, one in ten of them sent again`);
  say('Answered with success', `${number(all - failures.length)} of ${number(all)}${failures.length > 0 ? ` (else: ${[...new Set(failures)].join(', ')})` : ''}`, 'all', failures.length === 0);
  say('Different reports answered with success, and stored', `${number(accepted.size)}, ${number(stored.size)}`, 'equal', stored.size === accepted.size);
  say('Lost', number(lost), '0', lost === 0);
  say('Stored twice', number(twice), '0', twice === 0);
  say('Time of an answer: half, 99 in 100, longest', [percentile(took, 50), percentile(took, 99), took.at(-1)].map(ms).join(', '));
}

/** A process killed at random moments, started again in the same folder, with senders at work. */
async function kills(directory) {
  const accepted = new Set();
  let sent = 0;
  let cut = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const server = await launch(directory);
    // From another address of this machine each time: a process that begins anew would first try every place that is taken.
    const agent = new Agent({ keepAlive: true, maxSockets: 16, localAddress: `127.0.${1 + (kill >> 8)}.${kill & 255}` });
    let over = false;
    let first = () => undefined;
    const begun = new Promise((resolve) => (first = resolve));
    const sender = async () => {
      while (!over) {
        const code = codeOf(sent++);
        try {
          const { status } = await post(agent, server.origin, { ...REPORT, code }, randomUUID());
          if (status === 201) accepted.add(code);
          first();
        } catch {
          cut += 1;
        }
      }
    };
    const senders = Array.from({ length: 16 }, sender);
    await begun;
    await pause(Math.random() * 500);
    over = true;
    server.child.kill('SIGKILL');
    await Promise.all([...senders, server.ended]);
    agent.destroy();
  }
  const server = await launch(directory);
  const stored = await counted(server);
  await server.stop();
  const lost = [...accepted].filter((code) => !stored.has(code)).length;
  const twice = [...stored.values()].filter((count) => count > 1).length;
  say('Kills (SIGKILL) while 16 senders were at work', number(KILLS));
  say('Reports answered with success; without an answer', `${number(accepted.size)}; ${number(cut)}`);
  say('Answered with success and not there afterwards', number(lost), '0', lost === 0);
  say('Stored twice', number(twice), '0', twice === 0);
  say('Stored although the answer did not arrive', number(stored.size - (accepted.size - lost)));
}

/** Many reports stored, those of a hundred codes within the week: what a page asks for. */
async function many(directory) {
  const perCode = 100;
  const reasons = ['97', '50', '16', '4'];
  const outcomes = ['paid_corrected', 'paid_appeal', 'upheld', 'pending'];
  // As the local server lays files; whether it finds them all is asked below.
  const entries = join(directory, 'entries', 'local');
  for (let at = 0; at < STORED / perCode; at += 1) {
    const code = codeOf(at);
    const folders = [join(entries, 'site:field-reports', code), join(entries, 'site:field-work', 'arrivals', new Date().toISOString().slice(0, 10))];
    for (const folder of folders) await mkdir(folder, { recursive: true });
    await Promise.all(
      Array.from({ length: perCode }, async (_, place) => {
        const name = randomBytes(16).toString('hex');
        const pick = (list) => list[createHash('md5').update(`${code} ${place} ${list[0]}`).digest()[0] % list.length];
        const outcome = pick(outcomes);
        await writeFile(join(folders[0], name), JSON.stringify({ ...REPORT, code, reason: pick(reasons), outcome, worked: outcome.startsWith('paid') ? REPORT.worked : [], quarter: '2026Q4' }));
        if (at < RECENT) await writeFile(join(folders[1], `${code}-${name}`), '');
      }),
    );
  }
  const server = await launch(directory);
  const started = performance.now();
  let runs = 0;
  for (let left = 1; left > 0; runs += 1) ({ left } = JSON.parse(await server.operate('publish', {})));
  const published = (performance.now() - started) / 1000;
  const recent = Math.min(STORED, RECENT * perCode);
  const found = (await server.stored('000')).length;
  say('Reports stored', number(STORED));
  say('Of these new, found by the server and exported', number(found), number(recent), found === recent);
  say('Publication of the new ones', `${published.toFixed(0)} s, in ${runs} ${runs === 1 ? 'run' : 'runs'}`);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const codes = Array.from({ length: 2000 }, () => codeOf(Math.floor((Math.random() * recent) / perCode)));
  const time = async (path, expects) => {
    const before = performance.now();
    const { text } = await ask(agent, server.origin, path);
    const after = performance.now() - before;
    if (!text.includes(expects)) throw new Error(`${path}: ${text.slice(0, 200)}`);
    return after;
  };
  const took = [];
  for (const code of codes) took.push(await time(`/api/reports/${code}`, '"reports":"50+"'));
  took.sort((a, b) => a - b);
  say(`Figures of a code, ${number(codes.length)} times: half, 99 in 100, longest`, [percentile(took, 50), percentile(took, 99), took.at(-1)].map(ms).join(', '), `99 in 100 within ${ANSWER} ms`, percentile(took, 99) <= ANSWER);
  const whole = [];
  for (let turn = 0; turn < 50; turn += 1) whole.push(await time('/api/reports', '"codes"'));
  whole.sort((a, b) => a - b);
  say(`Everything that is published (${number(recent / perCode)} codes), 50 times: half, longest`, [percentile(whole, 50), whole.at(-1)].map(ms).join(', '));
  agent.destroy();
  await server.stop();
}

/** Put the figures between the marks of the page. */
async function write() {
  const text = await readFile(PAGE, 'utf8');
  const [begin, end] = ['<!-- figures: node bench/field.mjs --write -->', '<!-- end of figures -->'];
  const table = ['| what | figure | target |', '| --- | --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
  const [before, rest] = text.split(begin);
  const busy = loads.map((load) => load.toFixed(1)).join(', ');
  const day = new Date().toISOString().slice(0, 10);
  await writeFile(PAGE, `${before}${begin}\n\nMeasured on ${day}, Node ${process.versions.node}, ${cpus().length} cores, the sender on the same machine, which had other work too: load average before, and after each part, ${busy}.\n\n${table}\n\n${end}${rest.split(end)[1]}`);
}

const loads = [loadavg()[0] ?? 0];
for (const [part, size] of /** @type {const} */ ([[pace, SECONDS], [kills, KILLS], [many, STORED]])) {
  if (size === 0) continue;
  await within(part);
  loads.push(loadavg()[0] ?? 0);
}
console.log(`load average before, and after each part: ${loads.map((load) => load.toFixed(1)).join(', ')}`);
if (asked.write) await write();
process.exitCode = missed > 0 ? 1 : 0;
