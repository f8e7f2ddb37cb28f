/**
 * The operator's commands as docs/OPERATING.md writes them: each does what it says, and the token is not on a command line, where every
 * user of a machine could read it.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { REPORT, TOKEN as OPEN, launch } from './local.mjs';

const run = promisify(execFile);
const TOKEN = 'a-token-that-nobody-may-see-on-a-command-line';

const PAGE = await readFile(new URL('../../docs/OPERATING.md', import.meta.url), 'utf8');
const [RECIPE = ''] = /^site=.*\nask\(\).*$/mu.exec(PAGE) ?? [];
/** What the table of commands says to type, in its order. */
const TYPED = [...new Set([...PAGE.matchAll(/`(ask [^`]*)`/gu)].map(([, one]) => one))];

describe('the commands of the page, typed with curl against the local server', () => {
  let folder;
  let local;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'field-typed-'));
    local = await launch(join(folder, 'data'));
  });
  after(async () => {
    await local.stop();
    await rm(folder, { recursive: true });
  });

  const day = (more) => new Date(Date.now() + more * 24 * 3_600_000).toISOString().slice(0, 10);
  /** Type something into a shell that has what the page says first; what it prints. */
  const typed = async (text) => (await run('sh', ['-c', `set -e\n${RECIPE.replace('https://medpayiq.example', local.origin)}\n${text}`], { cwd: folder, env: { PATH: process.env.PATH, MEDPAYIQ_REPORTS_TOKEN: OPEN } })).stdout;
  /** Type the command of the page that begins so, with what stands for something replaced. */
  const command = (begin, change = (text) => text) => {
    const found = TYPED.filter((one) => one.startsWith(begin));
    assert.equal(found.length, 1, `${begin}: ${found.length}`);
    return typed(change(found[0]));
  };
  const send = async (count, more = {}) => {
    for (let at = 0; at < count; at += 1) assert.equal(await local.send({ ...REPORT, ...more }, randomUUID()), 201);
  };
  // The midnight of UTC may go by while this runs. In one pass: the day that is put in may be the one that the page names next.
  const days = (text) => text.replaceAll(/2026-11-(?:29|30)/gu, (one) => day(one === '2026-11-29' ? -1 : 2));

  it('each does what the page says, from the first report to a restore in parts', async () => {
    await send(6);
    await send(5, { code: '99213' });
    assert.deepEqual(JSON.parse(await command("ask publish -d '{}'")), { codes: 2, shown: 2, left: 0 });
    // Counted is what came; a further one waits, and is let through while the switch for review is on.
    assert.deepEqual(JSON.parse(await command("ask review -d '{\"on\":true}'")), { on: true });
    await send(2, { role: 'coder' });
    const [waiting] = (await command('ask pending')).split('\n').filter(Boolean).map((line) => JSON.parse(line).report);
    assert.equal(JSON.parse(await command('ask approve', (text) => text.replace('97761/...', waiting))).approved, 1);
    assert.deepEqual(JSON.parse(await command("ask review -d '{\"on\":false}'")), { on: false });
    assert.deepEqual(JSON.parse(await command('ask delete -d \'{"code":"97761","name"', (text) => text.replace('...', waiting.slice(6)))), { deleted: 1, hidden: 0 });
    const { counts } = JSON.parse(await command('ask block', days));
    assert.deepEqual(counts, { 97761: 7, 99213: 5 });
    await command("ask publish -d '{}'");
    await command('ask export >');
    assert.match(await command("ask 'export?codes=9'"), /\n\{"end":26\}\n$/);
    const saved = await readFile(join(folder, 'reports.ndjson'), 'utf8');
    assert.ok(saved.endsWith('\n{"end":26}\n'));
    assert.equal(JSON.parse(await command('ask restore --data-binary')).present, 14);
    assert.deepEqual(JSON.parse(await command('ask delete -d \'{"code":"97761","all"')), { deleted: 7, hidden: 1 });

    // Another site, which is empty: all of it, and then in parts.
    for (const parts of [false, true]) {
      await local.stop();
      await rm(join(folder, 'data'), { recursive: true });
      local = await launch(join(folder, 'data'));
      if (parts) {
        const [loop = ''] = /^split -C 1m reports\.ndjson part-\n[^]*?^done$/mu.exec(PAGE) ?? [];
        const said = (await typed(loop.replace('1m', '2k'))).split('\n').filter(Boolean).map((line) => JSON.parse(line).next);
        assert.ok(said.length > 2);
        assert.equal(said.at(-1), 'publish with {"all":true}');
        assert.ok(said.slice(0, -1).every((next) => /^the part that follows, with restore\?after=\d+$/.test(next)));
        // Without the last part, the last answer does not say that it was all.
        const short = await typed(`rm $(ls part-* | tail -n 1)\n${loop.replace(/^split.*\n/u, '')}`);
        assert.doesNotMatch(short, /publish/);
        // Old backups have no end.
        await command("ask 'restore?after=0'", (text) => `head -n 3 reports.ndjson > old\n${text.replace('reports.ndjson', 'old')}`);
      } else {
        assert.equal(JSON.parse(await command('ask restore --data-binary')).restored, 14);
      }
      assert.equal(JSON.parse(await command('ask publish -d \'{"all"')).shown, 2);
      assert.deepEqual((await typed('ask export')).split('\n').sort(), saved.split('\n').sort());
    }
  });

  it('are all of them tried above, and one that is refused ends with an error and says why', async () => {
    const tried = ['ask publish', 'ask review', 'ask pending', 'ask approve', 'ask delete', 'ask block', 'ask export', "ask 'export", 'ask restore', "ask 'restore"];
    assert.deepEqual(TYPED.filter((one) => !tried.some((begin) => one.startsWith(begin))), []);
    const { code, stdout } = await typed('ask block -d \'{"from":"2026-01-01","to":"2026-01-02"}\'').then(() => ({}), (problem) => problem);
    assert.equal(code, 22);
    assert.match(JSON.parse(stdout).error.message, /or later/);
  });
});

describe('a command of the operator', () => {
  it('hands the token over by the input of curl, and what is asked by its arguments', async () => {
    assert.ok(RECIPE, 'docs/OPERATING.md has no function ask()');
    const folder = await mkdtemp(join(tmpdir(), 'field-recipe-'));
    // Stands in for curl: says what it was given, and what it read.
    await writeFile(join(folder, 'curl'), '#!/bin/sh\nprintf "%s\\n" "$@"\nprintf "input:"\ncat\n');
    await chmod(join(folder, 'curl'), 0o755);
    const { stdout } = await run('sh', ['-c', `${RECIPE}\nask publish -d '{"all":true}'`], { env: { PATH: `${folder}:${process.env.PATH}`, MEDPAYIQ_REPORTS_TOKEN: TOKEN } });
    await rm(folder, { recursive: true });
    const [given, read] = stdout.split('input:');
    assert.ok(!given.includes(TOKEN));
    assert.equal(read, `Authorization: Bearer ${TOKEN}\n`);
    const words = given.trimEnd().split('\n');
    assert.deepEqual(words.slice(words.indexOf('--header'), words.indexOf('--header') + 2), ['--header', '@-']);
    assert.deepEqual(words.slice(-3), ['https://medpayiq.example/api/operator/publish', '-d', '{"all":true}']);
  });
});
