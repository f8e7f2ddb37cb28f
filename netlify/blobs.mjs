// @ts-check
/**
 * Starts Netlify Blobs' own local server, which keeps blobs as files in a folder: here, or in a thread of its own.
 */

import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { BlobsServer } from '@netlify/blobs/server';

export const HOST = '127.0.0.1';

/**
 * Let writes to one place wait for one another. The server looks whether a blob is there, waits for what is sent, and writes: of two
 * that may only write what is new, both would. Netlify's own store promises that one of them does.
 *
 * @param {BlobsServer} server
 */
function oneByOne(server) {
  const inner = /** @type {{put: (request: Request) => Promise<Response>}} */ (/** @type {unknown} */ (server));
  const put = inner.put.bind(server);
  /** @type {Map<string, Promise<unknown>>} */
  const last = new Map();
  inner.put = (request) => {
    const { pathname } = new URL(request.url);
    const mine = (last.get(pathname) ?? Promise.resolve()).then(() => put(request));
    const done = mine.catch(() => undefined).finally(() => {
      if (last.get(pathname) === done) last.delete(pathname);
    });
    last.set(pathname, done);
    return mine;
  };
}

/**
 * Start the server, and say in the environment where it is, as Netlify does.
 *
 * @param {string} directory
 */
export async function startBlobs(directory) {
  const token = randomBytes(32).toString('hex');
  // It would listen on every address of the machine; what it takes for a port is handed to Node as it is, and may name a host.
  const port = /** @type {number} */ (/** @type {unknown} */ ({ port: 0, host: HOST }));
  const server = new BlobsServer({ directory, token, port, logger: () => undefined });
  oneByOne(server);
  const { port: used } = await server.start();
  const url = `http://${HOST}:${used}`;
  const context = Buffer.from(JSON.stringify({ edgeURL: url, uncachedEdgeURL: url, siteID: 'local', token })).toString('base64');
  process.env.NETLIFY_BLOBS_CONTEXT = context;
  return { server, context };
}

/**
 * Start it in a thread of its own: the function and its store then have a processor each.
 *
 * @param {string} directory
 */
export async function startBlobsApart(directory) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { directory } });
  process.env.NETLIFY_BLOBS_CONTEXT = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

if (!isMainThread && workerData?.directory) parentPort?.postMessage((await startBlobs(workerData.directory)).context);
