// @ts-check
/**
 * Writes everything out that is needed to begin anew, and takes it in again: states, notes and reports, a line of JSON each.
 *
 * A backup is a file that somebody may have changed. Every key and every value of every line is checked before the first is
 * written, and one line that does not fit refuses all. A report that was taken back is not stored again: a code's state
 * remembers its name, which holds nothing of it.
 */

import { closed, json } from './answers.mjs';
import { arrives, dayOf, expired, isDay } from './arrivals.mjs';
import { ofJson, textOf, wrong } from './body.mjs';
import { POLICY, alike, viewOf } from './counting.mjs';
import { alone } from './lease.mjs';
import { CODE, LISTS, MOST_WORKED, NAME, PARTS, QUARTER, SINGLE } from './lists.mjs';
import { inOrder, stateOf } from './publishing.mjs';
import { checked } from './receive.mjs';
import { each } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./operator.mjs').Asked} Asked */
/** @typedef {import('./lists.mjs').Stored} Stored */
/** @typedef {import('./publishing.mjs').State} State */
/** @typedef {{[key: string]: unknown}} Fields */
/** @typedef {{kind: 'state', code: string, value: State} | {kind: 'note', code: string, name: string, day: string} | {kind: 'report', code: string, name: string, value: Stored}} Line */

/** Netlify hands a function six megabytes at most. */
const MOST_RESTORED = 5_000_000;
const HOUR = /^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]$/;

/** @param {string} key */
export const isReport = (key) => key.length === 38 && key[5] === '/' && CODE.test(key.slice(0, 5)) && NAME.test(key.slice(6));

/**
 * Write everything that is needed to begin anew: states first, so that each report they count comes after them.
 *
 * @param {Asked} asked
 */
export async function exported({ url, stores }) {
  const only = url.searchParams.get('codes') ?? '';
  if (!/^[A-Z0-9]{0,5}$/.test(only)) throw wrong('codes is the beginning of codes, such as 9 or 977.');
  const lines = linesOf(stores, only);
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return closed(body, 200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
}

/**
 * @param {Stores} stores
 * @param {string} only
 */
async function* linesOf({ work, reports }, only) {
  const text = (/** @type {unknown[]} */ lines) => lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  for (const [kind, blobs, prefix] of /** @type {const} */ ([['state', work, 'state/'], ['note', work, 'arrivals/'], ['report', reports, '']])) {
    const keys = (await blobs.keys(kind === 'note' ? prefix : prefix + only)).map((key) => key.slice(prefix.length));
    if (kind === 'note') {
      yield text(keys.filter((key) => noteOf(key)?.code.startsWith(only)).map((note) => ({ note })));
      continue;
    }
    const known = keys.filter((key) => (kind === 'state' ? CODE.test(key) : isReport(key)));
    for (let at = 0; at < known.length; at += 200) {
      const some = await each(known.slice(at, at + 200), async (key) => ({ [kind]: key, value: await blobs.json(prefix + key) }));
      yield text(some.filter((one) => one.value));
    }
  }
}

/**
 * Store what an export holds, where it is not there already. States go first: what they count is not new.
 *
 * @param {Asked} asked
 */
export async function restored({ request, stores, now }) {
  const lines = (await textOf(request, MOST_RESTORED)).split('\n').filter(Boolean).map(lineOf);
  return alone(stores, async () => {
    const done = { restored: 0, present: 0, gone: 0 };
    for (const line of lines) if (line.kind === 'state') done[(await stores.work.putNew(`state/${line.code}`, line.value)) ? 'restored' : 'present'] += 1;
    /** @type {Map<string, State>} */
    const states = new Map();
    for (const { code } of lines) if (!states.has(code)) states.set(code, await stateOf(stores, code));
    const noted = new Set(lines.map((line) => (line.kind === 'note' ? `${line.code}/${line.name}` : '')));
    await each(lines, async (line) => {
      if (line.kind === 'state') return;
      const state = states.get(line.code);
      if (state?.gone.includes(line.name)) {
        if (line.kind === 'report') done.gone += 1;
      } else if (line.kind === 'note') {
        if (!expired(line.day, now) || !isKnown(state, line.name)) await arrives(stores, line.code, line.name, line.day);
      } else {
        // A publication must find it: by its note, or in the state.
        if (!noted.has(`${line.code}/${line.name}`) && !isKnown(state, line.name)) await arrives(stores, line.code, line.name, dayOf(now));
        done[(await stores.reports.putNew(`${line.code}/${line.name}`, line.value)) ? 'restored' : 'present'] += 1;
      }
    });
    return json({ lines: lines.length, ...done, next: 'publish with {"all":true}' });
  });
}

/**
 * @param {State | undefined} state
 * @param {string} name
 */
const isKnown = (state, name) => state !== undefined && (state.taken.includes(name) || state.pending.includes(name));

/**
 * @param {string} text
 * @param {number} at
 * @returns {Line}
 */
function lineOf(text, at) {
  try {
    const line = ofJson(text);
    const made = has(line, ['state', 'value']) ? ofState(line) : has(line, ['note']) ? noteOf(line.note) : has(line, ['report', 'value']) ? ofReport(line) : null;
    if (made) return made;
  } catch {
    // Whatever was wrong with it: nothing of what was sent comes back.
  }
  throw wrong(`Line ${at + 1} is no line of an export. Nothing was restored: take that line out, and send the rest again.`);
}

/**
 * Return whether a value is an object with these keys and no other.
 *
 * @param {unknown} value
 * @param {readonly string[]} keys
 */
const has = (value, keys) => typeof value === 'object' && value !== null && Object.keys(value).sort().join() === [...keys].sort().join();

/**
 * @param {unknown} note
 * @returns {Line & {kind: 'note'} | null}
 */
function noteOf(note) {
  const [day, rest = '', more] = String(note).split('/');
  const [code = '', name = '', other] = rest.split('-');
  return isDay(day) && more === undefined && other === undefined && CODE.test(code) && NAME.test(name) ? { kind: 'note', code, name, day } : null;
}

/**
 * @param {Fields} line
 * @returns {Line | null}
 */
function ofReport({ report, value }) {
  const { quarter, ...fields } = /** @type {Fields} */ (value);
  const made = checked(fields);
  const right = typeof report === 'string' && isReport(report) && report.startsWith(`${made.code}/`) && typeof quarter === 'string' && QUARTER.test(quarter);
  return right ? { kind: 'report', code: made.code, name: report.slice(6), value: { ...made, quarter } } : null;
}

/**
 * @param {Fields} line
 * @returns {Line | null}
 */
function ofState({ state, value }) {
  if (typeof state !== 'string' || !CODE.test(state)) return null;
  if (!has(value, ['taken', 'pending', 'approved', 'gone', 'sums', 'views', 'batch'])) return null;
  const { taken, pending, approved, gone, sums, views, batch } = /** @type {Fields} */ (value);
  if (![taken, pending, approved, gone].every(areNames) || !(batch === null || (typeof batch === 'string' && HOUR.test(batch)))) return null;
  const made = /** @type {State} */ (value);
  const names = [...made.taken, ...made.pending, ...made.gone];
  if (inOrder(names).length < names.length || !made.approved.every((name) => made.pending.includes(name))) return null;
  if (!areSums(sums) || made.sums.n !== made.taken.length || !Array.isArray(views) || !views.every(isView)) return null;
  const last = made.views.at(-1);
  const seen = last && viewOf(made.sums, POLICY, last.to, last.from);
  return last && !(seen && alike(seen, last)) ? null : { kind: 'state', code: state, value: made };
}

/** @param {unknown} list */
const areNames = (list) => Array.isArray(list) && list.every((name) => typeof name === 'string' && NAME.test(name)) && inOrder(list).join() === list.join();

/**
 * Return whether a value is a table of keys of a list, each with a whole number.
 *
 * @param {unknown} table
 * @param {import('./lists.mjs').Part} part
 * @param {number} least
 * @param {number} most
 */
const isTable = (table, part, least, most) => typeof table === 'object' && table !== null && Object.entries(table).every(([key, count]) => LISTS[part].includes(key) && Number.isSafeInteger(count) && count >= least && count <= most);

/** @param {any} sums */
function areSums(sums) {
  if (!has(sums, ['n', ...PARTS]) || !Number.isSafeInteger(sums.n)) return false;
  const n = Number(sums.n);
  const total = (/** @type {unknown} */ table) => Object.values(/** @type {Record<string, number>} */ (table)).reduce((sum, count) => sum + count, 0);
  return PARTS.every((part) => isTable(sums[part], part, 1, n) && (SINGLE.includes(part) ? total(sums[part]) === n : total(sums[part]) <= MOST_WORKED * n));
}

/** @param {any} view */
function isView(view) {
  const bands = POLICY.limits.length - 1;
  return (
    has(view, ['total', 'from', 'to', 'cells', 'sizes']) &&
    Number.isSafeInteger(view.total) && Number(view.total) >= 0 && Number(view.total) <= bands &&
    [view.from, view.to].every((one) => typeof one === 'string' && QUARTER.test(one)) &&
    has(view.cells, PARTS) && has(view.sizes, PARTS) &&
    PARTS.every((part) => isTable(/** @type {Fields} */ (view.cells)[part], part, 0, bands) && Number.isSafeInteger(/** @type {Fields} */ (view.sizes)[part]) && Number(/** @type {Fields} */ (view.sizes)[part]) >= 0 && Number(/** @type {Fields} */ (view.sizes)[part]) <= LISTS[part].length)
  );
}
