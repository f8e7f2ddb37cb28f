/**
 * Serves a site on this machine as Netlify does: the headers of netlify.toml by Netlify's own parser, folders by index.html, 404.html, and
 * texts compressed. Netlify prefers Brotli, at a level it does not tell; here it is gzip at its usual level, which makes more bytes.
 *
 * With `secure` it is HTTP/2 over TLS with a certificate of its own making (needs the program openssl), and no header is left out. Without,
 * the headers that turn http into https are.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { parseAllHeaders } from '@netlify/headers-parser';

const SETTINGS = fileURLToPath(new URL('../../netlify.toml', import.meta.url));
const TYPES = { css: 'text/css', html: 'text/html', ico: 'image/x-icon', js: 'text/javascript', json: 'application/json', mjs: 'text/javascript', pdf: 'application/pdf', png: 'image/png', svg: 'image/svg+xml', txt: 'text/plain', wasm: 'application/wasm', webmanifest: 'application/manifest+json', xml: 'application/xml', xsl: 'application/xml' };
const IS_TEXT = /^text\/|json|xml|javascript|wasm/;
/** What Netlify says where netlify.toml says nothing. */
const USUAL = 'public, max-age=0, must-revalidate';

/** The bytes of a text as they go over the wire. */
export const compressed = (/** @type {Buffer} */ body) => gzipSync(body, { level: 6 });

/** Key and certificate, made for this run. */
function identity() {
  const folder = mkdtempSync(path.join(tmpdir(), 'host-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Starts it on a free port of the loopback address.
 * @param {string} folder the site
 * @param {{ secure?: boolean }} [options]
 */
export async function host(folder, { secure = false } = {}) {
  const { headers: rules, errors } = await parseAllHeaders({ headersFiles: [], netlifyConfigPath: SETTINGS, minimal: true });
  if (errors.length > 0) throw new Error(errors.join('\n'));

  /** The headers of an address; a later rule adds to an earlier one. */
  function headersOf(address) {
    const made = { 'cache-control': USUAL };
    for (const { for: pattern, values } of rules) {
      if (address !== pattern && !(pattern.endsWith('*') && address.startsWith(pattern.slice(0, -1)))) continue;
      for (const [name, value] of Object.entries(values)) made[name.toLowerCase()] = value;
    }
    if (!secure) {
      delete made['strict-transport-security'];
      if (made['content-security-policy']) made['content-security-policy'] = made['content-security-policy'].replace('; upgrade-insecure-requests', '');
    }
    return made;
  }

  /** A file of the site, or the page that says that there is none. */
  async function found(address) {
    const name = path.join(folder, path.normalize(`/${address}`), address.endsWith('/') ? 'index.html' : '');
    try {
      return { status: 200, name, body: await readFile(name) };
    } catch {
      return { status: 404, name: '404.html', body: await readFile(path.join(folder, '404.html')) };
    }
  }

  /** @type {{ address: string, bytes: number }[]} */
  const log = [];

  async function answer(request, response) {
    const address = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (address.startsWith('/api/')) {
      // The function of field reports, as it answers while nothing is published.
      const code = address.match(/^\/api\/reports\/([0-9A-Z]{5})$/)?.[1];
      response.writeHead(code ? 200 : 204, code ? { 'content-type': 'application/json; charset=utf-8' } : {});
      response.end(code ? JSON.stringify({ code, reports: null, published: '2026-08-24' }) : undefined);
      return;
    }
    const { status, name, body } = await found(address);
    const type = TYPES[path.extname(name).slice(1)] ?? 'application/octet-stream';
    const packed = IS_TEXT.test(type);
    const sent = packed ? compressed(body) : body;
    const headers = { 'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type, 'content-length': sent.length, ...(packed ? { 'content-encoding': 'gzip', vary: 'accept-encoding' } : {}), ...headersOf(address) };
    response.writeHead(status, headers);
    response.end(request.method === 'HEAD' ? undefined : sent);
    // As HTTP/1.1 writes them; HTTP/2 needs less.
    const above = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 0);
    log.push({ address, bytes: above + sent.length });
  }

  const listener = (request, response) => answer(request, response).catch((problem) => response.destroy(problem));
  const server = secure ? createSecureServer({ allowHTTP1: true, ...identity() }, listener) : createServer(listener);
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    /** What was sent, headers and all, in that order. */
    log,
    origin: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
