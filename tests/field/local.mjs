/**
 * The function as a process of its own, netlify/local.mjs, asked over the wire.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../netlify/local.mjs', import.meta.url));
export const TOKEN = 'a-token-of-this-machine-that-opens-nothing';
export const REPORT = Object.freeze({ code: '97761', payer_class: 'medicare', payer: 'noridian', reason: '97', modifier: 'none', outcome: 'paid_corrected', worked: ['corrected_modifier'], role: 'biller' });

/** Start it, and wait until it says that it is ready. */
export async function launch(directory, environment = {}) {
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, '--data', directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MEDPAYIQ_REPORTS_TOKEN: TOKEN, MEDPAYIQ_REPORTS_SECRET: 'of this machine '.repeat(4), MEDPAYIQ_REPORTS_PER_HOUR: '100000000', MEDPAYIQ_REPORTS_PER_CODE: '100000000', ...environment },
  });
  const ended = once(child, 'exit');
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line));
  const { port } = await Promise.race([ready, ended.then(([code]) => Promise.reject(new Error(`netlify/local.mjs ended with ${code}`)))]);
  const origin = `http://127.0.0.1:${port}`;
  return {
    child,
    ended,
    port,
    origin,
    /** Send a report; the answer's status. */
    async send(report, key) {
      const answer = await fetch(`${origin}/api/reports`, { method: 'POST', body: JSON.stringify(report), headers: { origin, 'content-type': 'application/json', 'idempotency-key': key, 'form-seconds': '30' } });
      await answer.arrayBuffer();
      return answer.status;
    },
    /** Give an operator's command; its answer as text. */
    async operate(command, body) {
      const answer = await fetch(`${origin}/api/operator/${command}`, { method: body === undefined ? 'GET' : 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${command}: ${answer.status} ${text}`);
      return text;
    },
    /** Every report that is stored, or those on codes that begin so. */
    async stored(codes = '') {
      return (await this.operate(`export?codes=${codes}`)).split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((line) => line.report);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
