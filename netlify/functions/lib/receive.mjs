// @ts-check
/**
 * Takes a report in: POST /api/reports.
 *
 * Whoever gets an answer of success finds the report stored: the answer comes after the write. With an Idempotency-Key, the
 * report's name is made of the key and of what was reported, so that the same report sent again is the same blob: it is noted and
 * counted once, however often it is tried.
 */

import { createHmac, randomBytes } from 'node:crypto';

import { json, thanks } from './answers.mjs';
import { arrives, dayOf } from './arrivals.mjs';
import { Refused, kindOf, ofForm, ofJson, textOf } from './body.mjs';
import { mayCount, network } from './limits.mjs';
import { CODE, FIELDS, MOST_WORKED, quarterOf, schema } from './lists.mjs';
import { looksLike } from './personal.mjs';
import { unlessGone } from './publishing.mjs';
import { faults, understood } from './shape.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {import('./lists.mjs').Report} Report */
/** @typedef {import('./limits.mjs').Memory} Memory */
/** @typedef {{secret: string, perHour: number, perCode: number, known: (code: string) => boolean, memory: Memory}} Settings */

understood(schema);

/** A field that people do not see and leave empty. */
const TRAP = 'website';
/** Nobody chooses from eight lists in less. */
const LEAST_SECONDS = 3;
const KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Fields as the form names them, for a page that shows no form. @type {Record<string, string>} */
export const LABELS = {
  code: 'Code',
  modifier: 'Modifier on the line',
  payer_class: 'Kind of payer',
  payer: 'Payer',
  reason: 'Reason on the remittance',
  state: 'State',
  outcome: 'What happened after',
  worked: 'What worked',
  role: 'You are',
};

/** What is said of a field, in the words of the form's script (assets/js/field/form.js). */
export const WORDS = {
  empty: 'Choose one.',
  code: 'Five characters, such as 97761 or G0283.',
  most: `At most ${MOST_WORKED} of them.`,
  unknown: 'There is no page for this code. Look at its five characters.',
  pair: 'Choose what goes with what happened after: what worked where the claim was paid, else that nothing did.',
};

/**
 * Return the answer to a report.
 *
 * @param {Request} request
 * @param {{stores: Stores, settings: Settings, address: string, now: Date}} with_
 */
export async function receive(request, { stores, settings, address, now }) {
  sameSite(request);
  const kind = kindOf(request.headers);
  const text = await textOf(request);
  const report = checked(kind === 'form' ? ofForm(text) : ofJson(text));
  if (!settings.known(report.code)) throw new Refused({ status: 422, kind: 'fields', message: 'Some fields need another choice.', fields: [{ field: 'code', label: LABELS.code ?? '', message: WORDS.unknown }] });
  const key = kind === 'json' ? unhurried(request.headers) : null;
  const made = (/** @type {string} */ what) => (key ? digestOf(what, key, report, settings.secret) : randomBytes(16).toString('hex'));
  const name = made('name');
  // Whoever sends again what is stored hears that it is: it has its note and its places.
  if (!key || (await stores.reports.text(`${report.code}/${name}`)) === null) {
    await limited(stores, report.code, { settings, address, mark: made('place'), now });
    await store(stores, report, name, now);
  }
  return kind === 'form' ? thanks() : json({ stored: true }, 201);
}

/**
 * Refuse what is too much of an address in this hour, in all or on one code.
 *
 * @param {Stores} stores
 * @param {string} code
 * @param {{settings: Settings, address: string, mark: string, now: Date}} how
 */
async function limited(stores, code, { settings, address, mark, now }) {
  const { memory, perHour, perCode } = settings;
  const who = network(address);
  const headers = { 'Retry-After': String(3600 - Math.floor((now.getTime() / 1000) % 3600)) };
  // "Sent" and not "came": what was tried and failed has taken its place too.
  const refused = (/** @type {string} */ many) => new Refused({ status: 429, kind: 'limit', message: `${many} sent from your network in this hour. Send this one in the next hour.`, next: 'later', headers });
  if (!(await mayCount(stores, who, { now, most: perHour, mark, memory }))) throw refused('Many reports were');
  if (!(await mayCount(stores, `${who} ${code}`, { now, most: perCode, mark, memory }))) throw refused('Several reports on this code were');
}

/**
 * Refuse what another site's page sends through a visitor's browser. Every browser of today says where a POST comes from.
 *
 * @param {Request} request
 */
function sameSite({ headers, url }) {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const fits = (origin === null || origin === new URL(url).origin) && (site === null || site === 'same-origin');
  if (!fits || (origin === null && site === null)) throw new Refused({ status: 403, kind: 'origin', message: 'A report is taken from the form of this site alone. Open the form here and send it again.', next: 'anew' });
}

/**
 * Return the report that fields make, in the order of the schema and with nothing else; refuse anything that is not one.
 *
 * @param {Record<string, unknown>} fields
 * @returns {Report}
 */
export function checked(fields) {
  const sent = Object.fromEntries(Object.entries(fields).filter(([name, value]) => name !== TRAP || value !== ''));
  if (Object.hasOwn(sent, TRAP)) throw new Refused({ status: 422, kind: 'trap', message: `Leave the field “${TRAP}” empty: it is there for programs that fill in everything.` });
  const found = faults(sent, schema);
  if (typeof sent.code === 'string' && !CODE.test(sent.code)) found.push({ field: 'code', fault: 'not of this form' });
  if (found.length > 0) throw new Refused(refusal(sent, new Map(found.map(({ field, fault }) => [field, fault]))));
  return /** @type {Report} */ (Object.fromEntries(FIELDS.filter((name) => Object.hasOwn(sent, name)).map((name) => [name, sent[name]])));
}

/**
 * Return what to say of fields that are no report; none of what was sent is in it.
 *
 * @param {Record<string, unknown>} sent
 * @param {Map<string, string>} wrong field to fault
 * @returns {import('./answers.mjs').Refusal}
 */
function refusal(sent, wrong) {
  const unknown = Object.keys(sent).filter((name) => !FIELDS.includes(name));
  const texts = [...unknown, ...unknown.flatMap((name) => textsIn(sent[name])), ...[...wrong.keys()].flatMap((name) => (Object.hasOwn(sent, name) ? textsIn(sent[name]) : []))];
  const looks = texts.map(looksLike).find(Boolean);
  const fields = FIELDS.filter((name) => wrong.has(name)).map((field) => ({ field, label: LABELS[field] ?? field, message: wordsOf(field, wrong.get(field)) }));
  if (unknown.length > 0) fields.push({ field: '', label: '', message: 'A field that the form does not have: leave it out.' });
  if (looks) return { status: 422, kind: 'personal', message: `This holds what looks like ${looks}. Nothing of it was kept. Choose from the lists, and send nothing about a patient or a person.`, fields };
  return { status: 422, kind: 'fields', message: 'Some fields need another choice.', fields };
}

/**
 * @param {string} field
 * @param {string} [fault]
 */
function wordsOf(field, fault) {
  if (field === 'worked') return fault === 'too many' ? WORDS.most : WORDS.pair;
  return field === 'code' ? WORDS.code : WORDS.empty;
}

/**
 * Return every text within a value, names of keys too.
 *
 * @param {unknown} value
 * @returns {string[]}
 */
function textsIn(value) {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [...(Array.isArray(value) ? [] : [name]), ...textsIn(one)]);
}

/**
 * Return the Idempotency-Key of a script's report; refuse one without, or one that was filled in faster than a person can.
 *
 * @param {Headers} headers
 */
function unhurried(headers) {
  const key = headers.get('idempotency-key') ?? '';
  const seconds = headers.get('form-seconds') ?? '';
  if (!KEY.test(key) || !/^[0-9]{1,7}(?:\.[0-9]{1,6})?$/.test(seconds)) {
    throw new Refused({ status: 400, kind: 'headers', message: 'JSON needs two headers: Idempotency-Key, a random UUID in small letters for each report, and Form-Seconds, for how long the form was open.' });
  }
  if (Number(seconds) < LEAST_SECONDS) throw new Refused({ status: 422, kind: 'hurry', message: 'This came faster than a form can be filled in. Look it over and send it again.' });
  return key;
}

/**
 * Return the report's name, or the mark of its places. Both need the key, which is kept nowhere: so the name does not lead to the mark.
 *
 * @param {string} what
 * @param {string} key
 * @param {Report} report
 * @param {string} secret
 */
function digestOf(what, key, report, secret) {
  return createHmac('sha256', secret).update(`${what}\n${key}\n${JSON.stringify(report)}`).digest('hex').slice(0, 32);
}

/**
 * Store a report, unless it was taken back in the meantime.
 *
 * @param {Stores} stores
 * @param {Report} report
 * @param {string} name
 * @param {Date} now
 */
async function store(stores, report, name, now) {
  await arrives(stores, report.code, name, dayOf(now));
  await stores.reports.putNew(`${report.code}/${name}`, { ...report, quarter: quarterOf(now) });
  await unlessGone(stores, report.code, name);
}
