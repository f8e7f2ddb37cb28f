/**
 * Runs claims through the desk's own code, with the files of a finished site read from its folder.
 *
 *     node tests/js/desk.mjs SITE < claims.json
 *
 * A claim is {lines: [text], pos, locality, factor, dos, fields, edits}; lines are read as the desk reads them, or given as they
 * are where `fields` has further ones for each. `edits: false` leaves edits, limits and add-on codes out. Answers, on standard
 * output, are what check.js answers, with the lines as they were read.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { check } from '../../assets/js/claim/check.js';
import { gather } from '../../assets/js/claim/data.js';
import { readLines } from '../../assets/js/claim/read.js';

const [site] = process.argv.slice(2);
globalThis.fetch = async (url) => {
  try {
    return new Response(readFileSync(path.join(site, url)));
  } catch {
    return new Response('', { status: 404 });
  }
};

const html = readFileSync(path.join(site, 'claim/index.html'), 'utf8');
const files = Object.fromEntries(['claims', 'rules', 'places', 'releases'].map((name) => [name, new RegExp(`data-${name}="([^"]+)"`).exec(html)[1]]));
const made = [];
for (const asked of JSON.parse(await text(process.stdin))) {
  const { lines: typed, dos = '', factor, locality = '00000/00', fields, edits = true, ...claim } = asked;
  const { rules } = files;
  const book = JSON.parse(readFileSync(path.join(site, rules), 'utf8'));
  const known = new Set([...Object.keys(book.modifiers), ...book.anatomic.codes, ...book.reporting.codes]);
  const lines = fields ? typed.map((line, at) => ({ ...line, ...fields[at] })) : readLines(typed.join('\n'), (one) => known.has(one)).lines;
  const found = await gather(dos, lines.map(({ code }) => code), files);
  if (typeof found === 'string') {
    made.push({ days: found });
    continue;
  }
  const kinds = factor ? [factor] : 'all' in found.book.factors ? ['all'] : ['non_qp'];
  const editions = edits ? found.editions : { ptp: null, mue: null, aoc: null };
  const answer = check({ claim: { ...claim, locality, lines }, kinds, facts: found.facts, book: found.book, desk: found.desk, editions, tables: found.tables });
  made.push({ lines, release: found.release, editions: Object.fromEntries(Object.entries(editions).map(([name, one]) => [name, one && [one.edition.quarter, one.relation]])), ...answer });
}
process.stdout.write(JSON.stringify(made));
