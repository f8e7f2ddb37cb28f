/**
 * Compares tables through the page's own session, with the files of a finished site read from its folder.
 *
 *     node tests/js/compare-rows.mjs SITE < tables.json
 *
 * A table is {text, base64, older, roles, terms}: a text or the bytes of a file; `older` loads the older releases; `roles` replaces what
 * the columns are recognised as; `terms` replaces single terms. Answers, on standard output: {columns, outcome, rates, left, csv}
 * with amounts as text, or {refused}.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { Releases } from '../../assets/js/compare/releases.js';
import { Session } from '../../assets/js/compare/session.js';

const [site] = process.argv.slice(2);
const get = async (url) => JSON.parse(readFileSync(path.join(site, url), 'utf8'));
const html = readFileSync(path.join(site, 'compare/index.html'), 'utf8');
const files = Object.fromEntries(['rates', 'older', 'rules', 'places', 'releases'].map((name) => [name, new RegExp(`data-${name}="([^"]*)"`).exec(html)[1]]));
const most = Number(/data-most="(\d+)"/.exec(html)[1]);
const held = {};
for (const older of [false, true]) {
  held[older] = new Releases(get);
  await held[older].begin(files);
  if (older && files.older) await held[older].addOlder(files);
}
const made = [];
for (const asked of JSON.parse(await text(process.stdin))) {
  const session = new Session(held[Boolean(asked.older)], most);
  const columns = session.take(asked.base64 ? Buffer.from(asked.base64, 'base64') : asked.text);
  if ('refused' in columns) {
    made.push(columns);
    continue;
  }
  const terms = { roles: asked.roles ?? columns.roles, pos: '11', day: '', locality: '00000/00', factor: 'non_qp', practitioner: '', targetText: '100', about: ['Test'], ...asked.terms, target: BigInt(asked.terms?.target ?? 10_000) };
  const outcome = await session.compare(terms, async () => 'on');
  const { rows } = session.page({ by: 'line', backwards: false, side: '', from: 0, count: Infinity });
  made.push({ columns, outcome, rates: rows, left: session.left, csv: session.csv('gap', false) });
}
process.stdout.write(JSON.stringify(made));
