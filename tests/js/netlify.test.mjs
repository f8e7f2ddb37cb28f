/**
 * netlify.toml read by Netlify's own programs: no error, and the headers and redirects that are meant.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseAllHeaders } from '@netlify/headers-parser';
import { parseAllRedirects } from '@netlify/redirect-parser';

const netlifyConfigPath = fileURLToPath(new URL('../../netlify.toml', import.meta.url));
const { headers, errors } = await parseAllHeaders({ netlifyConfigPath, minimal: false });
const { redirects, errors: redirectErrors } = await parseAllRedirects({ netlifyConfigPath, minimal: false });

/** The headers of one rule, by its pattern. */
const rule = (pattern) => headers.find((one) => one.for === pattern)?.values;

/** The Content-Security-Policy as directive to sources. */
const policy = Object.fromEntries(
  rule('/*')['Content-Security-Policy'].split(';').map((part) => {
    const [name, ...sources] = part.trim().split(/\s+/);
    return [name, sources.join(' ')];
  }),
);

describe('netlify.toml', () => {
  it('is read without an error', () => {
    assert.deepEqual(errors, []);
    assert.deepEqual(redirectErrors, []);
    assert.deepEqual(headers.map((one) => one.for), ['/*', '/assets/*', '/data/*', '/changes/*', '/sw.js']);
  });

  it('allows what the site itself sends and nothing else', () => {
    assert.deepEqual(policy, {
      'default-src': "'none'",
      'script-src': "'self' 'wasm-unsafe-eval'",
      'style-src': "'self'",
      'img-src': "'self'",
      'font-src': "'self'",
      'connect-src': "'self'",
      'worker-src': "'self'",
      'manifest-src': "'self'",
      'form-action': "'self'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
      'upgrade-insecure-requests': '',
    });
    const text = JSON.stringify(headers);
    for (const loose of ["'unsafe-inline'", "'unsafe-eval'", 'data:', 'https:', 'http:']) assert.ok(!text.includes(loose), loose);
  });

  it('keeps the page out of frames, its type as it is, its address short and its connection safe', () => {
    const values = rule('/*');
    assert.equal(values['X-Frame-Options'], 'DENY');
    assert.equal(values['X-Content-Type-Options'], 'nosniff');
    assert.equal(values['Referrer-Policy'], 'strict-origin-when-cross-origin');
    assert.equal(values['Cross-Origin-Opener-Policy'], 'same-origin');
    assert.match(values['Permissions-Policy'], /camera=\(\).*geolocation=\(\).*microphone=\(\)/);
    const [, seconds] = /max-age=(\d+)/.exec(values['Strict-Transport-Security']);
    assert.ok(Number(seconds) >= 31_536_000);
  });

  it('has what is named by its content kept for a year, the service worker asked for anew each time, and leaves the rest to the host', () => {
    assert.equal(rule('/assets/*')['Cache-Control'], 'public, max-age=31536000, immutable');
    assert.deepEqual(rule('/sw.js'), { 'Cache-Control': 'no-cache' });
    assert.deepEqual(headers.filter((one) => !['/assets/*', '/sw.js'].includes(one.for) && one.values['Cache-Control']), []);
  });

  it('lets other programs read the JSON twins', () => {
    assert.equal(rule('/data/*')['Access-Control-Allow-Origin'], '*');
    assert.equal(rule('/*')['Access-Control-Allow-Origin'], undefined);
  });

  it('leads each short address to the page of the code, for good', () => {
    const short = redirects.map(({ from, path, to, status, force }) => ({ from: from ?? path, to, status, force }));
    const expected = ['/cpt/:code', '/hcpcs/:code', '/code/:code'].map((from) => ({ from, to: '/codes/:code/', status: 301, force: false }));
    for (const one of expected) assert.ok(short.some((other) => JSON.stringify(other) === JSON.stringify(one)), JSON.stringify([one, short]));
    assert.ok(redirects.every((one) => one.to.startsWith('/')), 'a redirect leads away from the site');
  });
});
