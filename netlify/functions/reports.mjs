// @ts-check
/**
 * The function behind the form: takes reports in, shows what is published, and serves the operator.
 *
 *     POST /api/reports          the fields of schema/report.schema.json, as a form or as JSON; JSON with two headers:
 *                                Idempotency-Key (a random UUID a report) and Form-Seconds (how long the form was open)
 *     GET  /api/reports          everything that is published
 *     GET  /api/reports/<code>   what is published of a code
 *     /api/operator/<command>    docs/OPERATING.md
 *
 * A plain form gets 303 to the page of thanks, or a page that says what to change; JSON gets 201 {"stored":true}, or
 * {"error":{"kind","message","fields":[{"field","message"}]}}.
 */

import process from 'node:process';

import { knownCodes } from './lib/codes.mjs';
import { handle } from './lib/handler.mjs';
import { noMemory } from './lib/limits.mjs';
import { stores } from './lib/store.mjs';

/** What this process remembers of the hour's limits. */
const memory = noMemory();

/** @type {ReturnType<typeof knownCodes> | null} */
let known = null;

/** The codes of the site, read once. */
function codes() {
  known ??= knownCodes(process.env.MEDPAYIQ_REPORTS_CODES);
  known.catch(() => (known = null));
  return known;
}

/**
 * @param {Request} request
 * @param {import('./lib/handler.mjs').Context} context
 */
export default (request, context) => handle(request, context, { open: stores, environment: process.env, codes, memory });

export const config = { path: ['/api/reports', '/api/reports/:code', '/api/operator/:command'] };
