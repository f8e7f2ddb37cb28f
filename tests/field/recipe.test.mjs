/**
 * The operator's commands as docs/OPERATING.md writes them: the token is not on a command line, where every user of a machine could read it.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TOKEN = 'a-token-that-nobody-may-see-on-a-command-line';

describe('a command of the operator', () => {
  it('hands the token over by the input of curl, and what is asked by its arguments', async () => {
    const page = await readFile(new URL('../../docs/OPERATING.md', import.meta.url), 'utf8');
    const [recipe] = /^site=.*\nask\(\).*$/mu.exec(page) ?? [];
    assert.ok(recipe, 'docs/OPERATING.md has no function ask()');
    const folder = await mkdtemp(join(tmpdir(), 'field-recipe-'));
    // Stands in for curl: says what it was given, and what it read.
    await writeFile(join(folder, 'curl'), '#!/bin/sh\nprintf "%s\\n" "$@"\nprintf "input:"\ncat\n');
    await chmod(join(folder, 'curl'), 0o755);
    const { stdout } = await run('sh', ['-c', `${recipe}\nask publish -d '{"all":true}'`], { env: { PATH: `${folder}:${process.env.PATH}`, MEDPAYIQ_REPORTS_TOKEN: TOKEN } });
    await rm(folder, { recursive: true });
    const [given, read] = stdout.split('input:');
    assert.ok(!given.includes(TOKEN));
    assert.equal(read, `Authorization: Bearer ${TOKEN}\n`);
    const words = given.trimEnd().split('\n');
    assert.deepEqual(words.slice(words.indexOf('--header'), words.indexOf('--header') + 2), ['--header', '@-']);
    assert.deepEqual(words.slice(-3), ['https://medpayiq.example/api/operator/publish', '-d', '{"all":true}']);
  });
});
