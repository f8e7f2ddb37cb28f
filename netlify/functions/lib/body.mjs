// @ts-check
/**
 * Reads what was sent: so many bytes and no more, as UTF-8, as a form or as JSON.
 */

/** @typedef {import('./answers.mjs').Refusal} Refusal */

/** A report has some 300 bytes. */
export const MOST_BYTES = 4096;

export class Refused extends Error {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

/**
 * Return the refusal of a command that is none.
 *
 * @param {string} message what to send instead
 */
export const wrong = (message) => new Refused({ status: 422, kind: 'fields', message });

/**
 * Return whether a form or JSON was sent; refuse anything else.
 *
 * @param {Headers} headers
 * @returns {'form' | 'json'}
 */
export function kindOf(headers) {
  const [, type, rest] = /^\s*([^;\s]+)\s*(.*)$/u.exec(headers.get('content-type') ?? '') ?? ['', '', ''];
  const kind = { 'application/x-www-form-urlencoded': 'form', 'application/json': 'json' }[String(type).toLowerCase()];
  const utf8 = rest === '' || /^;\s*charset=(?:utf-8|"utf-8")\s*$/iu.test(String(rest));
  if ((kind === 'form' || kind === 'json') && utf8 && !headers.has('content-encoding')) return kind;
  throw new Refused({ status: 415, kind: 'type', message: 'Send a form (application/x-www-form-urlencoded) or JSON (application/json), in UTF-8 and not compressed.' });
}

/**
 * Return the text of a body; what its length is said to be is not believed.
 *
 * @param {Request} request
 * @param {number} [most]
 */
export async function textOf(request, most = MOST_BYTES) {
  const parts = [];
  let size = 0;
  for (const reader = request.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > most) {
      await reader.cancel().catch(() => undefined);
      throw new Refused({ status: 413, kind: 'size', message: `This is longer than ${most} bytes. A report holds the fields of the form and nothing else.` });
    }
    parts.push(value);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    throw new Refused({ status: 400, kind: 'encoding', message: 'This is not UTF-8. Send it again as UTF-8.' });
  }
}

/**
 * Return the fields of a form: a field that is left empty was left out, and only `worked` may stand more than once.
 *
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
export function ofForm(text) {
  /** @type {Map<string, unknown>} */
  const fields = new Map([['worked', []]]);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === 'worked') /** @type {string[]} */ (fields.get('worked')).push(value);
    else if (fields.has(name)) throw new Refused({ status: 422, kind: 'twice', message: 'A field stands twice. Send each field once.' });
    else fields.set(name, value);
  }
  const worked = /** @type {string[]} */ (fields.get('worked'));
  fields.set('worked', worked.filter(Boolean));
  return Object.fromEntries([...fields].filter(([, value]) => value !== ''));
}

/**
 * Return the fields of JSON: one object, in which no key stands twice.
 *
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
export function ofJson(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused({ status: 400, kind: 'json', message: 'This is not JSON. Send one JSON object with the fields of the form.' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused({ status: 422, kind: 'shape', message: 'Send one JSON object with the fields of the form.' });
  // JSON.parse takes the last of two equal keys without a word; other programs take the first.
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gsu)].filter(([, colon]) => colon).length;
  if (written !== keysIn(value)) throw new Refused({ status: 422, kind: 'twice', message: 'A key stands twice in the JSON. Send each field once.' });
  return value;
}

/**
 * @param {unknown} value
 * @returns {number}
 */
function keysIn(value) {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum, one) => sum + keysIn(one), own);
}
