// @ts-check
/**
 * Writes everything out that is needed to begin anew, and takes it in again: states, notes and reports, a line of JSON each.
 *
 * A backup is a file that somebody may have changed or that was cut off. Every key and every value of every line is checked before the
 * first is written, and one line that does not fit refuses all; the last line says how many there are before it. A report that was
 * taken back is not stored again: a code's state remembers its name, which holds nothing of it.
 */

import { closed, json } from './answers.mjs';
import { arrivals, arrives, dayOf, expired, isDay } from './arrivals.mjs';
import { Refused, ofJson, textOf, wrong } from './body.mjs';
import { POLICY, alike, viewOf } from './counting.mjs';
import { alone } from './lease.mjs';
import { hourOf } from './limits.mjs';
import { CODE, LISTS, MOST_WORKED, NAME, PARTS, QUARTER, SINGLE } from './lists.mjs';
import { inOrder, stateOf } from './publishing.mjs';
import { checked } from './receive.mjs';
import { each } from './store.mjs';
import { united } from './uniting.mjs';
import { withdraw } from './withdrawing.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./operator.mjs').Asked} Asked */
/** @typedef {import('./lists.mjs').Stored} Stored */
/** @typedef {import('./publishing.mjs').State} State */
/** @typedef {{[key: string]: unknown}} Fields */
/** @typedef {{kind: 'state', code: string, value: State} | {kind: 'note', code: string, name: string, day: string} | {kind: 'report', code: string, name: string, value: Stored}} Line */
/** @typedef {{kind: 'end', lines: number}} End */

/** Netlify hands a function six megabytes at most. */
const MOST_RESTORED = 5_000_000;
const HOUR = /^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]$/;

/** @param {string} key */
export const isReport = (key) => key.length === 38 && key[5] === '/' && CODE.test(key.slice(0, 5)) && NAME.test(key.slice(6));

/**
 * Write everything that is needed to begin anew: states first, so that each report they count comes after them; and at the end how
 * many lines there are, by which a restore knows that nothing was cut off.
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
  let count = 0;
  const text = (/** @type {unknown[]} */ lines) => {
    count += lines.length;
    return lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  };
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
  yield `${JSON.stringify({ end: count })}\n`;
}

/**
 * Store what an export holds, where it is not there already. States go first: what they count is not new. An export may come in parts,
 * each with the number of lines that were before it (`after`); only the last part has the end.
 *
 * @param {Asked} asked
 */
export async function restored({ request, url, stores, now }) {
  const after = url.searchParams.get('after');
  if (after !== null && !/^(?:0|[1-9][0-9]{0,8})$/.test(after)) throw wrong('after is the number of lines in the parts before this one, such as 0 for the first.');
  const all = (await textOf(request, MOST_RESTORED)).split('\n').filter(Boolean).map((text, at) => lineOf(text, at, now));
  const { lines, ended } = whole(all, after === null ? null : Number(after));
  return alone(stores, async () => {
    const done = { restored: 0, present: 0, gone: 0 };
    await restoreStates(stores, lines, done);
    /** @type {Map<string, State>} */
    const states = new Map();
    for (const { code } of lines) if (!states.has(code)) states.set(code, await stateOf(stores, code));
    // A report has one note: its own, which may have come in a part before, or which a report that is here has already.
    const here = new Set((await arrivals(stores)).notes.map(({ code, name }) => `${code}/${name}`));
    const noted = new Set([...here, ...lines.map((line) => (line.kind === 'note' ? `${line.code}/${line.name}` : ''))]);
    await each(lines, async (line) => {
      if (line.kind === 'state') return;
      const state = states.get(line.code);
      const key = `${line.code}/${line.name}`;
      if (state?.gone.includes(line.name)) {
        if (line.kind === 'report') done.gone += 1;
      } else if (line.kind === 'note') {
        if (!here.has(key) && (!expired(line.day, now) || !isKnown(state, line.name))) await arrives(stores, line.code, line.name, line.day);
      } else {
        // A publication must find it: by its note, or in the state.
        if (!noted.has(key) && !isKnown(state, line.name)) await arrives(stores, line.code, line.name, dayOf(now));
        done[(await stores.reports.putNew(key, line.value)) ? 'restored' : 'present'] += 1;
      }
    });
    const next = ended ? 'publish with {"all":true}' : `the part that follows, with restore?after=${Number(after) + all.length}`;
    return json({ lines: lines.length, ...done, next });
  });
}

/**
 * Return lines without the end, and whether it was there; refuse a backup that was cut off, and a part after the wrong number of lines.
 *
 * @param {(Line | End)[]} all
 * @param {number | null} after how many lines came in other parts; null: this is the whole
 */
function whole(all, after) {
  const lines = all.filter(/** @returns {one is Line} */ (one) => one.kind !== 'end');
  const last = all.at(-1);
  const ended = last?.kind === 'end';
  if (all.length - lines.length > (ended ? 1 : 0)) throw wrong('The backup ends before its last line: these are several. Nothing was restored: restore each by itself.');
  if (!ended && after === null) throw wrong('The backup has no end, {"end":...}: it was cut off, or is a part. Nothing was restored. Take another, or restore what there is as the first part: restore?after=0');
  if (ended && last.lines !== lines.length + (after ?? 0)) throw wrong(`The backup says that ${last.lines} lines come before its end, and ${lines.length + (after ?? 0)} do. Nothing of this was restored: look whether a part is missing, or how many lines were before this one.`);
  return { lines, ended };
}

/**
 * Write the states of a backup, united with those that are here; refuse all where one cannot be.
 *
 * @param {Stores} stores
 * @param {Line[]} lines
 * @param {{restored: number, present: number}} done
 */
async function restoreStates(stores, lines, done) {
  const states = lines.filter(/** @returns {line is Line & {kind: 'state'}} */ (line) => line.kind === 'state');
  if (new Set(states.map(({ code }) => code)).size < states.length) throw wrong('A code has two states in this backup. Nothing was restored: restore each backup by itself.');
  const read = await each(states, async ({ code, value }) => ({ code, value, here: await stateOf(stores, code) }));
  const refused = read.filter(({ value, here }) => !united(here, value)).map(({ code }) => code);
  if (refused.length > 0) {
    throw new Refused({
      status: 409,
      kind: 'shown',
      message: `Of ${refused.slice(0, 10).join(', ')}${refused.length > 10 ? ` and ${refused.length - 10} more` : ''} something was shown here that the backup does not know: both cannot be kept to. Nothing of this was restored. Restore into an empty site, or take the states of these codes out of the backup and lower the number at its end: what it says was shown of them is forgotten then.`,
    });
  }
  const { notes } = await arrivals(stores);
  /** @type {Map<string, Set<string>>} */
  const burst = new Map();
  for (const { code, value, here } of read) {
    const known = new Set([...here.taken, ...here.pending, ...notes.filter((one) => one.code === code).map((one) => one.name)]);
    const names = value.gone.filter((name) => known.has(name));
    if (names.length > 0) burst.set(code, new Set(names));
  }
  if (burst.size > 0) await withdraw(stores, burst);
  for (const { code, value } of read) {
    const here = await stateOf(stores, code);
    const state = united(here, value);
    const changed = state !== null && JSON.stringify(state) !== JSON.stringify(here);
    if (changed) await stores.work.put(`state/${code}`, state);
    done[changed ? 'restored' : 'present'] += 1;
  }
}

/**
 * @param {State | undefined} state
 * @param {string} name
 */
const isKnown = (state, name) => state !== undefined && (state.taken.includes(name) || state.pending.includes(name));

/**
 * @param {string} text
 * @param {number} at
 * @param {Date} now
 * @returns {Line | End}
 */
function lineOf(text, at, now) {
  try {
    const line = ofJson(text);
    if (has(line, ['end']) && Number.isSafeInteger(line.end)) return { kind: 'end', lines: Number(line.end) };
    const made = has(line, ['state', 'value']) ? ofState(line, now) : has(line, ['note']) ? noteOf(line.note) : has(line, ['report', 'value']) ? ofReport(line) : null;
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
 * @param {Date} now no batch was taken in later: it would hold the next one up until a day after it
 * @returns {Line | null}
 */
function ofState({ state, value }, now) {
  if (typeof state !== 'string' || !CODE.test(state)) return null;
  if (!has(value, ['taken', 'pending', 'approved', 'gone', 'sums', 'views', 'batch'])) return null;
  const { taken, pending, approved, gone, sums, views, batch } = /** @type {Fields} */ (value);
  if (![taken, pending, approved, gone].every(areNames) || !(batch === null || (typeof batch === 'string' && HOUR.test(batch) && batch <= hourOf(now)))) return null;
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
