/**
 * Makes fee schedules as the worker of /localities/ does, with the files of a finished site read from its folder.
 *
 *     node tests/js/fee-schedule.mjs SITE < asked.json
 *
 * Asked is a list of {locality, day, keys}: `day` is one of an older release, `keys` the code and modifier of single rows; without them
 * the newest release and every row. Answers, on standard output: a list of tables, the names of the columns first.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { Releases } from '../../assets/js/compare/releases.js';
import { COLUMNS, filler, keysOf } from '../../assets/js/fees/schedule.js';

const [site] = process.argv.slice(2);
const get = async (url) => JSON.parse(readFileSync(path.join(site, url), 'utf8'));
const addresses = (page, ...names) => {
  const html = readFileSync(path.join(site, page, 'index.html'), 'utf8');
  return Object.fromEntries(names.map((name) => [name, new RegExp(`data-${name}="([^"]*)"`).exec(html)[1]]));
};

const here = addresses('localities', 'rates', 'rules', 'places');
const [{ release, rows }, book, places] = await Promise.all([here.rates, here.rules, here.places].map(get));
const newest = { release, rows, book, places };

const asked = JSON.parse(await text(process.stdin));
const releases = new Releases(get);
if (asked.some(({ day }) => day)) {
  const files = addresses('compare', 'rates', 'older', 'rules', 'places', 'releases');
  await releases.begin(files);
  await releases.addOlder(files);
}
const worlds = new Map([['', newest]]);
const worldOf = (day = '') => {
  if (!worlds.has(day)) {
    const found = releases.on(day);
    worlds.set(day, { ...found, rows: Object.fromEntries(found.rows) });
  }
  return worlds.get(day);
};

const made = asked.map(({ locality, day, keys }) => {
  const world = worldOf(day);
  const fill = filler(world, locality.replace('-', '/'));
  return [COLUMNS, ...(keys ?? keysOf(world)).map(([code, modifier]) => fill(code, modifier))];
});
process.stdout.write(JSON.stringify(made));
