/**
 * The local server: what is sent over a real connection, and what is left after it is killed.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { REPORT, launch } from './local.mjs';

let directory;
let local;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'field-wire-'));
  local = await launch(directory);
});
after(async () => {
  await local.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Write to the port as it stands, and return the first line that comes back. */
function raw(text) {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(local.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (part) => {
      got += part;
      if (got.includes('\r\n')) socket.destroy();
    });
    socket.on('close', () => resolve(got.split('\r\n')[0]));
    socket.on('error', reject);
  });
}

/** Whether somebody answers at an address. */
function reaches(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5000 });
    const done = (answer) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', done(true)).on('error', done(false)).on('timeout', done(false));
  });
}

const headers = () => ({ origin: local.origin, 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'form-seconds': '30' });

describe('over the wire', () => {
  it('ten megabytes get an answer that they are too much, and the next report is taken', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const answer = await fetch(`${local.origin}/api/reports`, { method: 'POST', headers: headers(), body: 'a'.repeat(10_000_000) });
      assert.deepEqual([answer.status, (await answer.json()).error.kind], [413, 'size']);
    }
    assert.deepEqual(await local.stored(), []);
    assert.equal(await local.send(REPORT, randomUUID()), 201);
    assert.equal((await local.stored()).length, 1);
    await local.operate('delete', { code: '97761', all: true });
  });

  it('requests that two servers could read in two ways are refused, and so are addresses that are none', async () => {
    const head = `Host: 127.0.0.1:${local.port}\r\nOrigin: ${local.origin}\r\nContent-Type: application/json\r\nIdempotency-Key: ${randomUUID()}\r\nForm-Seconds: 30\r\n`;
    const body = JSON.stringify(REPORT);
    const length = `Content-Length: ${body.length}\r\n`;
    for (const text of [
      `POST /api/reports HTTP/1.1\r\n${head}${length}Transfer-Encoding: chunked\r\n\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head}${length}Content-Length: 5\r\n\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head}Content-Length: -5\r\n\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head}Origin: https://evil.example\r\n${length}\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head}Content-Type: text/plain\r\n${length}\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head.replace(/Host: [^\r]*/u, 'Host: evil.example')}${length}\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head.replace(/Host: [^\r]*/u, 'Host: [')}${length}\r\n${body}`,
      `POST //evil.example/api/reports HTTP/1.1\r\n${head}${length}\r\n${body}`,
      `POST http://evil.example/api/reports HTTP/1.1\r\n${head}${length}\r\n${body}`,
      `POST /api/../api/operator/publish HTTP/1.1\r\n${head}${length}\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head.replace('Origin:', 'Origin :')}${length}\r\n${body}`,
      `POST /api/reports HTTP/1.1\r\n${head}X: ${'x'.repeat(20_000)}\r\n${length}\r\n${body}`,
      `TRACE /api/reports HTTP/1.1\r\n${head}\r\n`,
      'GARBAGE\r\n\r\n',
    ]) {
      assert.match(await raw(text), /^HTTP\/1\.1 4\d\d /, text.slice(0, 120));
    }
    assert.deepEqual(await local.stored(), []);
  });

  it('it answers on 127.0.0.1 alone', async () => {
    const others = ['127.0.0.2', ...Object.values(networkInterfaces()).flat().filter((one) => one.family === 'IPv4' && !one.internal).map((one) => one.address)];
    // A server that answers everywhere shows at which of these addresses this machine can be asked.
    const open = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
    await once(open, 'listening');
    const reached = [];
    for (const host of others) if (await reaches(host, open.address().port)) reached.push(host);
    open.close();
    assert.ok(reached.length > 0, 'this machine has no address but 127.0.0.1, so that this cannot be tried; add one (ip addr add 127.0.0.2/8 dev lo)');
    for (const host of reached) assert.equal(await reaches(host, local.port), false, host);
    assert.equal(await reaches('127.0.0.1', local.port), true);
  });

  it('a browser behind a proxy is asked for the address that it sees', async () => {
    const proxied = (origin) => fetch(`${local.origin}/api/reports`, { method: 'POST', headers: { ...headers(), origin, 'x-forwarded-host': '127.0.0.1:8000' }, body: '{}' });
    assert.equal((await proxied('http://127.0.0.1:8000')).status, 422);
    assert.equal((await proxied('http://127.0.0.1:8001')).status, 403);
  });
});

describe('a process that is killed', () => {
  it('has every report that it said was stored, once each, and publishes them', async () => {
    const own = await mkdtemp(join(tmpdir(), 'field-kill-'));
    const said = new Set();
    let next = 0;
    for (let kill = 0; kill < 3; kill += 1) {
      const server = await launch(own);
      const sender = async () => {
        for (;;) {
          const code = String(10_000 + next++);
          try {
            if ((await server.send({ ...REPORT, code }, randomUUID())) === 201) said.add(code);
          } catch {
            return; // it is gone
          }
          if (said.size >= 40 * (kill + 1)) server.child.kill('SIGKILL');
        }
      };
      await Promise.all([...Array.from({ length: 8 }, sender), server.ended]);
    }
    const server = await launch(own);
    const found = (await server.stored()).map((one) => one.value.code);
    assert.equal(new Set(found).size, found.length);
    assert.deepEqual([...said].filter((code) => !found.includes(code)), []);
    assert.ok(said.size >= 120);
    assert.equal(JSON.parse(await server.operate('publish', {})).left, 0);
    await server.stop();
    await rm(own, { recursive: true, force: true });
  });

  it('ends by itself when whoever started it is gone', async () => {
    const own = await mkdtemp(join(tmpdir(), 'field-end-'));
    const server = await launch(own);
    server.child.stdin.destroy();
    assert.deepEqual(await server.ended, [0, null]);
    await rm(own, { recursive: true, force: true });
  });
});
