// @ts-check
/**
 * The operator's side, behind a token: /api/operator/<command>. docs/OPERATING.md says how to use each.
 */

import { createHash, timingSafeEqual } from 'node:crypto';

import { closed, json } from './answers.mjs';
import { arrivals, dayOf, expired, isDay } from './arrivals.mjs';
import { exported, isReport, restored } from './backup.mjs';
import { Refused, kindOf, ofJson, textOf, wrong } from './body.mjs';
import { alone } from './lease.mjs';
import { CODE, NAME } from './lists.mjs';
import { inOrder, publish, stateOf, withArrivals } from './publishing.mjs';
import { each } from './store.mjs';
import { forget, remove, withdraw } from './withdrawing.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {{request: Request, url: URL, stores: Stores, now: Date}} Asked */

/** So long no token is guessed; `openssl rand -hex 32` makes one of 64. */
const LEAST_TOKEN = 32;
const DAY = 24 * 3_600_000;

/** @type {Record<string, (asked: Asked) => Promise<Response>>} */
const COMMANDS = {
  'GET export': exported,
  'POST restore': restored,
  'POST delete': deleted,
  'POST block': blocked,
  'POST publish': published,
  'GET review': reviewed,
  'POST review': switched,
  'GET pending': waiting,
  'POST approve': approved,
};

/**
 * Return the answer to an operator's command.
 *
 * @param {string} command
 * @param {Asked & {token: string}} asked
 */
export async function operate(command, { token, ...asked }) {
  if (!token) throw new Refused({ status: 404, kind: 'unknown', message: 'There is nothing here.' });
  if (token.length < LEAST_TOKEN) throw new Refused({ status: 503, kind: 'closed', message: `The operator’s side is shut: MEDPAYIQ_REPORTS_TOKEN has fewer than ${LEAST_TOKEN} characters. Make one with: openssl rand -hex 32` });
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/u.exec(asked.request.headers.get('authorization') ?? '')?.[1] ?? '';
  if (!same(bearer, token)) throw new Refused({ status: 401, kind: 'token', message: 'Send the operator’s token: Authorization: Bearer ...', headers: { 'WWW-Authenticate': 'Bearer' } });
  const done = Object.hasOwn(COMMANDS, `${asked.request.method} ${command}`) ? COMMANDS[`${asked.request.method} ${command}`] : undefined;
  if (!done) throw new Refused({ status: 404, kind: 'unknown', message: `Commands: ${Object.keys(COMMANDS).join(', ')}.` });
  return done(asked);
}

/**
 * Compare in a time that tells nothing of where two texts differ, nor of their lengths.
 *
 * @param {string} one
 * @param {string} other
 */
function same(one, other) {
  const digest = (/** @type {string} */ text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Return the JSON that came with a command.
 *
 * @param {Request} request
 */
async function sent(request) {
  if (kindOf(request.headers) !== 'json') throw new Refused({ status: 415, kind: 'type', message: 'Send JSON.' });
  return ofJson(await textOf(request, 1_000_000));
}

/**
 * Delete one report, or all of a code.
 *
 * @param {Asked} asked
 */
async function deleted({ request, stores }) {
  const { code, name, all } = await sent(request);
  if (typeof code !== 'string' || !CODE.test(code) || !((typeof name === 'string' && NAME.test(name)) || (name === undefined && all === true))) throw wrong('Send {"code":"97761","name":"..."} for one report, or {"code":"97761","all":true}.');
  return json(await alone(stores, async () => (typeof name === 'string' ? remove(stores, code, name) : forget(stores, code))));
}

/**
 * Take back the reports that came on some days, or count them.
 *
 * @param {Asked} asked
 */
async function blocked({ request, stores, now }) {
  const { from, to, code, dry } = await sent(request);
  if (!isDay(from) || !isDay(to) || from >= to || !(code === undefined || (typeof code === 'string' && CODE.test(code)))) throw wrong('Send {"from":"2026-11-29","to":"2026-11-30"}: days in UTC, the second not included; with "code" for one code, with "dry":true to count only.');
  if (expired(from, now)) throw wrong(`The day of a report is noted for a week: "from" can be ${firstNoted(now)} or later. Look for older ones in an export, and delete them by their names.`);
  return alone(stores, async () => {
    /** @type {Map<string, Set<string>>} */
    const burst = new Map();
    for (const one of (await arrivals(stores)).notes) {
      if (one.day >= from && one.day < to && (code === undefined || code === one.code)) burst.set(one.code, (burst.get(one.code) ?? new Set()).add(one.name));
    }
    const counts = Object.fromEntries([...burst].map(([key, names]) => [key, names.size]));
    return json({ counts, ...(dry === true ? { dry } : await withdraw(stores, burst)) });
  });
}

/**
 * Return the first day of which there are notes still.
 *
 * @param {Date} now
 */
function firstNoted(now) {
  let first = now;
  for (let day = now; !expired(dayOf(day), now); day = new Date(day.getTime() - DAY)) first = day;
  return dayOf(first);
}

/** @param {Asked} asked */
async function published({ request, stores, now }) {
  const { codes = [], all = false } = await sent(request);
  if (!Array.isArray(codes) || !codes.every((code) => typeof code === 'string' && CODE.test(code)) || typeof all !== 'boolean') throw wrong('Send {} for what has come, {"codes":["97761"]} for some codes, or {"all":true}.');
  return json(await alone(stores, () => publish(stores, { now, codes, all })));
}

/** @param {Asked} asked */
async function reviewed({ stores }) {
  return json({ on: (await stores.work.json('review'))?.on === true });
}

/** @param {Asked} asked */
async function switched({ request, stores }) {
  const { on } = await sent(request);
  if (typeof on !== 'boolean') throw wrong('Send {"on":true} to hold new reports until they are approved, or {"on":false}.');
  await alone(stores, () => stores.work.put('review', { on }));
  return json({ on });
}

/**
 * List the reports that are not counted yet.
 *
 * @param {Asked} asked
 */
async function waiting({ stores }) {
  const { codes } = await arrivals(stores);
  const known = (await stores.work.keys('state/')).map((key) => key.slice('state/'.length)).filter((code) => CODE.test(code));
  const lists = await each([...new Set([...codes.keys(), ...known])].sort(), async (code) => {
    const state = withArrivals(await stateOf(stores, code), (codes.get(code) ?? []).map(({ name }) => name));
    return each(state.pending, async (name) => ({ report: `${code}/${name}`, approved: state.approved.includes(name), value: await stores.reports.json(`${code}/${name}`) }));
  }, 4);
  const lines = lists.flat().filter((one) => one.value).map((one) => `${JSON.stringify(one)}\n`);
  return closed(lines.join(''), 200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
}

/**
 * Let reports through that wait; `approved` counts them.
 *
 * @param {Asked} asked
 */
async function approved({ request, stores }) {
  const { reports } = await sent(request);
  if (!Array.isArray(reports) || !reports.every((key) => typeof key === 'string' && isReport(key))) throw wrong('Send {"reports":["97761/..."]}, as GET /api/operator/pending names them.');
  return alone(stores, async () => {
    const stored = (await each(new Set(reports), async (key) => ({ key, is: (await stores.reports.text(key)) !== null }))).filter(({ is }) => is).map(({ key }) => key);
    let count = 0;
    for (const code of new Set(stored.map((key) => key.slice(0, 5)))) {
      const names = stored.filter((key) => key.startsWith(`${code}/`)).map((key) => key.slice(6));
      const state = withArrivals(await stateOf(stores, code), names);
      const through = names.filter((name) => state.pending.includes(name));
      if (through.length > 0) await stores.work.put(`state/${code}`, { ...state, approved: inOrder([...state.approved, ...through]) });
      count += through.length;
    }
    if (count === 0) throw new Refused({ status: 404, kind: 'unknown', message: 'None of these waits: look in GET /api/operator/pending. Nothing was done.' });
    return json({ approved: count, next: 'publish, or wait for the daily one' });
  });
}
