// @ts-check
/**
 * Sends a request to whom it is for, and turns every failure into an answer: /api/reports, /api/reports/<code>, /api/operator/<command>.
 *
 * Nothing of a request is written to a log: neither what was sent nor who sent it.
 */

import { open, refuse } from './answers.mjs';
import { Refused } from './body.mjs';
import { dated } from './counting.mjs';
import { CODE } from './lists.mjs';
import { operate } from './operator.mjs';
import { receive } from './receive.mjs';
import { StoreFailed } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {{ip?: string}} Context */
/** @typedef {Record<string, string | undefined>} Environment */

const PER_HOUR = 30;

/**
 * Return the answer to a request.
 *
 * @param {Request} request
 * @param {Context} context
 * @param {{open: () => Stores, environment: Environment, places: Map<string, number>, now?: () => Date}} with_
 */
export async function handle(request, context, { open: opened, environment, places, now = () => new Date() }) {
  const page = request.method === 'POST' && /^\s*application\/x-www-form-urlencoded/iu.test(request.headers.get('content-type') ?? '');
  try {
    const answer = await answered(request, context, opened, environment, places, now());
    return request.method === 'HEAD' ? new Response(null, answer) : answer;
  } catch (problem) {
    if (problem instanceof Refused) return refuse(problem.refusal, page);
    console.error(problem instanceof StoreFailed ? `field reports: ${problem.message}` : `field reports: ${problem instanceof Error ? problem.name : 'failure'} within the function`);
    return refuse({ status: 503, kind: 'store', message: 'This cannot be done now, and it is not known whether it was. Send it again in a minute.', headers: { 'Retry-After': '60' } }, page);
  }
}

/**
 * @param {Request} request
 * @param {Context} context
 * @param {() => Stores} opened
 * @param {Environment} environment
 * @param {Map<string, number>} places
 * @param {Date} now
 */
async function answered(request, context, opened, environment, places, now) {
  const url = new URL(request.url);
  const command = /^\/api\/operator\/([a-z]+)$/.exec(url.pathname)?.[1];
  if (command) return operate(command, { request, url, stores: opened(), now, token: environment.MEDPAYIQ_REPORTS_TOKEN ?? '' });
  const code = /^\/api\/reports\/([^/]+)$/.exec(url.pathname)?.[1];
  if (url.pathname !== '/api/reports' && code === undefined) throw new Refused({ status: 404, kind: 'unknown', message: 'There is nothing here.' });
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (code !== undefined) {
    only(reads, 'GET, HEAD');
    if (!CODE.test(code)) throw new Refused({ status: 404, kind: 'unknown', message: 'This is no code. A code has five characters, such as 97761 or G0283.' });
    return ofCode(opened(), code);
  }
  only(reads || request.method === 'POST', 'GET, HEAD, POST');
  if (reads) return open((await opened().public.text('all')) ?? '{"published":null,"codes":{}}');
  const secret = environment.MEDPAYIQ_REPORTS_SECRET ?? '';
  if (secret.length < 32) throw new Refused({ status: 503, kind: 'closed', message: 'Reports are not taken at the moment. Come back another day.' });
  const address = context.ip ?? request.headers.get('x-nf-client-connection-ip') ?? '';
  const perHour = Number(environment.MEDPAYIQ_REPORTS_PER_HOUR ?? PER_HOUR) || PER_HOUR;
  return receive(request, { stores: opened(), settings: { secret, perHour, places }, address, now });
}

/**
 * @param {boolean} allowed
 * @param {string} methods
 */
function only(allowed, methods) {
  if (!allowed) throw new Refused({ status: 405, kind: 'method', message: `Methods here: ${methods}.`, headers: { Allow: methods } });
}

/**
 * Return what is shown of a code. Under five reports it is the same bytes whether there are none or four.
 *
 * @param {Stores} stores
 * @param {string} code
 */
async function ofCode(stores, code) {
  const [shown, day] = await Promise.all([stores.public.json(code), stores.public.json('day')]);
  const published = day?.published ?? null;
  return open(JSON.stringify(shown ? dated(shown, published) : { code, reports: null, published }));
}
