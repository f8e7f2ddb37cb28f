// @ts-check
/**
 * Runs the function of field reports on this machine: Netlify Blobs' own local server, kept in a folder, and a server before the
 * function. `build.py serve` starts it.
 *
 *     node netlify/local.mjs --data FOLDER [--codes FOLDER] [--port N]
 *
 * Prints one line of JSON when it is ready, {"port":...}, and ends when its input does. It listens on 127.0.0.1 alone. The operator's
 * side is there if MEDPAYIQ_REPORTS_TOKEN is set. --codes is the folder of a built site that has its index of codes, such as
 * site/assets; without it every code of the right form is taken. Whoever stands before it (a proxy) says in X-Forwarded-Host what the browser asked.
 */

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { HOST, startBlobsApart } from './blobs.mjs';

const DAY = 24 * 3_600_000;

/** @typedef {(request: Request, context: {ip?: string}) => Promise<Response>} Handler */

/**
 * Return what is sent, as it comes. Node's own Readable.toWeb throws where nobody can catch it if more comes after the reader gave up.
 *
 * @param {import('node:http').IncomingMessage} incoming
 * @returns {ReadableStream<Uint8Array>}
 */
function bodyOf(incoming) {
  let over = false;
  return new ReadableStream({
    start(controller) {
      /** @type {(then: () => void) => () => void} */
      const once = (then) => () => {
        if (!over) then();
        over = true;
      };
      incoming.on('data', (part) => {
        if (over) return;
        controller.enqueue(part);
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      incoming.on('end', once(() => controller.close()));
      incoming.on('error', once(() => controller.error(new Error('the request broke off'))));
      incoming.pause();
    },
    pull() {
      incoming.resume();
    },
    cancel() {
      over = true;
    },
  });
}

/**
 * Return Node's request as the function takes it, or null where its address is none.
 *
 * @param {import('node:http').IncomingMessage} incoming
 */
function asRequest(incoming) {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) headers.append(String(incoming.rawHeaders[at]), String(incoming.rawHeaders[at + 1]));
  const method = incoming.method ?? 'GET';
  const body = ['GET', 'HEAD'].includes(method) ? null : bodyOf(incoming);
  try {
    const url = new URL(incoming.url ?? '/', `http://${headers.get('x-forwarded-host') ?? headers.get('host') ?? HOST}`);
    return new Request(url, /** @type {RequestInit} */ ({ method, headers, body, duplex: 'half' }));
  } catch {
    return null;
  }
}

/**
 * Answer a request through the function.
 *
 * @param {Handler} handler
 * @param {import('node:http').IncomingMessage} incoming
 * @param {import('node:http').ServerResponse} outgoing
 */
async function serve(handler, incoming, outgoing) {
  const request = asRequest(incoming);
  const answer = request ? await handler(request, { ip: incoming.socket.remoteAddress ?? '' }) : new Response(null, { status: 400 });
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) for await (const part of answer.body) outgoing.write(part);
  outgoing.end();
  // What was not read goes nowhere; whoever still sends it reads the answer when he is done.
  incoming.resume();
}

const { values } = parseArgs({ options: { data: { type: 'string' }, codes: { type: 'string' }, port: { type: 'string', default: '0' } } });
if (!values.data) {
  console.error('say where reports are kept: node netlify/local.mjs --data FOLDER');
  process.exit(2);
}
// Node 20 calls the import of JSON experimental, and would say so at every start.
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(warning);
});
process.env.MEDPAYIQ_REPORTS_SECRET ??= randomBytes(32).toString('hex');
const { ANY } = await import('./functions/lib/codes.mjs');
process.env.MEDPAYIQ_REPORTS_CODES = values.codes ?? ANY;
// Everybody on this machine has one address: a limit of reports on one code would be one for all.
process.env.MEDPAYIQ_REPORTS_PER_CODE ??= '1000';
await startBlobsApart(values.data);
const { default: handler } = await import('./functions/reports.mjs');
const { default: publish } = await import('./functions/publish.mjs');
const { default: forget } = await import('./functions/forget.mjs');

/**
 * Do what Netlify does by the clock; a failure is told and ends nothing.
 *
 * @param {() => Promise<void>} work
 */
const quietly = (work) => void work().catch((problem) => console.error(`field reports: ${problem instanceof Error ? problem.message : 'failure'}`));

const server = createServer((incoming, outgoing) => {
  serve(handler, incoming, outgoing).catch(() => outgoing.destroy());
});
server.requestTimeout = 30_000;
// Longer than a proxy keeps a connection: it must not send on one that is closed in that moment.
server.keepAliveTimeout = 120_000;
server.maxConnections = 256;
server.listen(Number(values.port), HOST, () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' && address ? address.port : 0 }));
});
setInterval(() => quietly(publish), DAY).unref();
setInterval(() => quietly(forget), DAY / 24).unref();
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
