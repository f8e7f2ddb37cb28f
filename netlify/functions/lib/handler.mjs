// @ts-check
/**
 * Sends a request to whom it is for, and turns every failure into an answer: /api/reports, /api/reports/<code>, /api/operator/<command>.
 *
 * Nothing of a request is written to a log: neither what was sent nor who sent it.
 */

import { open, refuse } from './answers.mjs';
import { Refused } from './body.mjs';
import { dated } from './counting.mjs';
import { forget, hourOf, noMemory } from './limits.mjs';
import { CODE } from './lists.mjs';
import { operate } from './operator.mjs';
import { receive } from './receive.mjs';
import { StoreFailed } from './store.mjs';

/** @typedef {import('./store.mjs').Stores} Stores */
/** @typedef {{ip?: string, waitUntil?: (work: Promise<unknown>) => void}} Context */
/** @typedef {import('./limits.mjs').Memory} Memory */
/** @typedef {{codes: () => Promise<(code: string) => boolean>, memory: Memory}} Process what a process knows: its codes, and what it keeps of the hour */
/** @typedef {Record<string, string | undefined>} Environment */

const PER_HOUR = 30;
/** With four reports of his own somebody reads a fifth that comes with them: so three. */
const PER_CODE = 3;

/**
 * Return the answer to a request.
 *
 * @param {Request} request
 * @param {Context} context
 * @param {{open: () => Stores, environment: Environment, now?: () => Date} & Process} with_
 */
export async function handle(request, context, { open: opened, environment, codes, memory, now = () => new Date() }) {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const page = request.method === 'POST' && new URL(request.url).pathname === '/api/reports' && /^\s*application\/x-www-form-urlencoded/iu.test(request.headers.get('content-type') ?? '');
  try {
    const answer = await answered(request, context, opened, environment, { codes, memory }, now());
    return request.method === 'HEAD' ? new Response(null, answer) : answer;
  } catch (problem) {
    if (problem instanceof Refused) return refuse(problem.refusal, page);
    console.error(problem instanceof StoreFailed ? `field reports: ${problem.message}` : `field reports: ${problem instanceof Error ? problem.name : 'failure'} within the function`);
    const message = reads ? 'This cannot be read now. Ask again in a minute.' : 'This cannot be done now, and it is not known whether it was. Send it again in a minute.';
    return refuse({ status: 503, kind: 'store', next: 'unsure', message, headers: { 'Retry-After': '60' } }, page);
  }
}

/**
 * @param {Request} request
 * @param {Context} context
 * @param {() => Stores} opened
 * @param {Environment} environment
 * @param {Process} process
 * @param {Date} now
 */
async function answered(request, context, opened, environment, { codes, memory }, now) {
  const url = new URL(request.url);
  const command = /^\/api\/operator\/([a-z]+)$/.exec(url.pathname)?.[1];
  if (command) return operate(command, { request, url, stores: opened(), now, token: environment.MEDPAYIQ_REPORTS_TOKEN ?? '' });
  const code = /^\/api\/reports\/([^/]+)$/.exec(url.pathname)?.[1];
  if (url.pathname !== '/api/reports' && code === undefined) throw new Refused({ status: 404, kind: 'unknown', message: 'There is nothing here.' });
  if (memory.hour !== hourOf(now)) await anew(opened(), context, memory, now);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (code !== undefined) {
    only(reads, 'GET, HEAD');
    if (!CODE.test(code)) throw new Refused({ status: 404, kind: 'unknown', message: 'This is no code. A code has five characters, such as 97761 or G0283.' });
    return ofCode(opened(), code);
  }
  only(reads || request.method === 'POST', 'GET, HEAD, POST');
  if (reads) return open((await opened().public.text('all')) ?? '{"published":null,"codes":{}}');
  const secret = environment.MEDPAYIQ_REPORTS_SECRET ?? '';
  const known = secret.length < 32 ? null : await codes().catch(() => null);
  if (!known) {
    console.error(`field reports: ${secret.length < 32 ? 'MEDPAYIQ_REPORTS_SECRET has fewer than 32 characters' : 'the list of codes is not here: site/assets/codes.*.json must go along with the function'}`);
    throw new Refused({ status: 503, kind: 'closed', message: 'Reports are not taken at the moment. Come back another day.', next: 'later' });
  }
  const address = context.ip ?? request.headers.get('x-nf-client-connection-ip') ?? '';
  const perHour = Number(environment.MEDPAYIQ_REPORTS_PER_HOUR ?? PER_HOUR) || PER_HOUR;
  const perCode = Number(environment.MEDPAYIQ_REPORTS_PER_CODE ?? PER_CODE) || PER_CODE;
  return receive(request, { stores: opened(), settings: { secret, perHour, perCode, known, memory }, address, now });
}

/**
 * Begin a new hour: what was counted in those before is forgotten. A failure is left to the clock (forget.mjs).
 *
 * @param {Stores} stores
 * @param {Context} context
 * @param {Memory} memory
 * @param {Date} now
 */
async function anew(stores, context, memory, now) {
  Object.assign(memory, noMemory(), { hour: hourOf(now) });
  const work = forget(stores, now).catch(() => console.error('field reports: what was counted in the hour before is not all deleted'));
  // Where the host waits for work that goes on after the answer, the visitor need not.
  if (context.waitUntil) context.waitUntil(work);
  else await work;
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
