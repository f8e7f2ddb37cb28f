/**
 * Asks Lighthouse about a page of each kind of a finished site, on a simulated phone (its usual mobile settings).
 *
 *     node bench/lighthouse.mjs SITE [--runs 5] [--kinds home,surgery] [--reports FOLDER]
 *
 * The site is served on loopback by tests/browser/host.mjs over TLS, under the host of its own base_url, so that each canonical address
 * is the page's own; nothing else can be reached. No audit is left out but one: `is-crawlable` on the pages that are meant not to be indexed.
 *
 * A row is the median of the runs; below stand the audits that failed in any. Exit code 1: a bar was missed. CHROME_PATH names the browser.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';

import { host } from '../tests/browser/host.mjs';
import { isUnlisted, kindsOf } from '../tests/browser/kinds.mjs';

/** Points of a hundred that each category must reach. */
const BARS = { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 };
const CRAWLABLE = 'is-crawlable';
const TIMES = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'];

const { values: asked, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '5' }, kinds: { type: 'string' }, reports: { type: 'string' } } });
const [site] = positionals;
const runs = Number(asked.runs);
if (!site || !existsSync(path.join(site, 'index.html')) || !(runs >= 1)) {
  console.error('name a finished site\n  try: node bench/lighthouse.mjs site --runs 5');
  process.exit(2);
}
const addresses = kindsOf(site);
const kinds = asked.kinds?.split(',') ?? Object.keys(addresses);
const unknown = kinds.filter((kind) => !(kind in addresses));
if (unknown.length > 0) {
  console.error(`no kind: ${unknown.join(', ')}\n  there are: ${Object.keys(addresses).join(', ')}`);
  process.exit(2);
}
const home = readFileSync(path.join(site, 'index.html'), 'utf8');
const base = new URL(home.match(/<link rel="canonical" href="([^"]+)"/)?.[1] ?? 'https://localhost/');
const median = (/** @type {number[]} */ values) => values.toSorted((one, other) => one - other)[values.length >> 1];

/** Times that a page is asked again where the trace could not be recorded, as happens now and then: that is no measure of the page. */
const AGAIN = 3;

/** One answer of Lighthouse, in a browser that has seen nothing. */
async function ask(server, url, again = AGAIN) {
  const port = 9_222 + Math.floor(Math.random() * 20_000);
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [`--remote-debugging-port=${port}`, '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--ignore-certificate-errors', `--host-resolver-rules=MAP ${base.hostname} 127.0.0.1:${server.port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`],
  });
  try {
    const { lhr } = await lighthouse(url, { port, logLevel: 'error', onlyCategories: Object.keys(BARS) });
    if (!lhr.runtimeError) return lhr;
    if (!again) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  } finally {
    await browser.close();
  }
  return ask(server, url, again - 1);
}

/** What fails in a category: an audit with a weight and less than its full score; of performance, those with something to gain. */
function failed(lhr, category) {
  return lhr.categories[category].auditRefs
    .map(({ id, weight }) => ({ ...lhr.audits[id], weight }))
    .filter(({ id, score, weight, scoreDisplayMode, metricSavings }) => {
      if (id === CRAWLABLE && lhr.unlisted) return false;
      if (scoreDisplayMode === 'error') return true;
      if (category === 'performance') return weight > 0 ? score < 0.9 : score !== null && score < 0.9 && Object.values(metricSavings ?? {}).some((saved) => saved > 0);
      return score !== null && score < 1 && scoreDisplayMode !== 'informative';
    })
    .map((audit) => `${category}: ${audit.id}${audit.displayValue ? ` (${audit.displayValue})` : ''}: ${audit.title}${(audit.details?.items ?? []).slice(0, 3).map((item) => `\n      ${item.node?.snippet ?? item.description ?? item.url ?? item.source ?? JSON.stringify(item).slice(0, 200)}`).join('')}`);
}

/** The points of a category; where a page is not to be indexed, those of SEO without the audit that says so. */
function points(lhr, category) {
  const counted = lhr.categories[category];
  if (category !== 'seo' || !lhr.unlisted) return Math.round(counted.score * 100);
  const refs = counted.auditRefs.filter(({ id, weight }) => id !== CRAWLABLE && weight > 0 && lhr.audits[id].score !== null);
  return Math.round((100 * refs.reduce((sum, { id, weight }) => sum + weight * lhr.audits[id].score, 0)) / refs.reduce((sum, { weight }) => sum + weight, 0));
}

const server = await host(site, { secure: true });
let missed = 0;
console.log(`points of performance, accessibility, best practices, SEO; first and largest paint, blocking in ms; shift; requests, kB: median of ${runs}`);
for (const kind of kinds) {
  const answers = [];
  const unlisted = isUnlisted(site, addresses[kind]);
  for (let run = 0; run < runs; run += 1) {
    const lhr = await ask(server, new URL(addresses[kind], base).href);
    answers.push({ ...lhr, unlisted });
    if (asked.reports) {
      mkdirSync(asked.reports, { recursive: true });
      writeFileSync(path.join(asked.reports, `${kind}-${run + 1}.json`), JSON.stringify(lhr));
    }
  }
  const of = (read) => median(answers.map(read));
  const scores = Object.keys(BARS).map((category) => of((lhr) => points(lhr, category)));
  const low = Object.keys(BARS).filter((category, at) => scores[at] < BARS[category]);
  missed += low.length;
  const requests = of((lhr) => lhr.audits['network-requests'].details.items.length);
  const bytes = of((lhr) => lhr.audits['network-requests'].details.items.reduce((sum, { transferSize }) => sum + transferSize, 0));
  console.log([kind.padEnd(11), ...scores.map((score) => String(score).padStart(3)), ' ', ...TIMES.map((id) => String(Math.round(of((lhr) => lhr.audits[id].numericValue))).padStart(5)), of((lhr) => lhr.audits['cumulative-layout-shift'].numericValue).toFixed(3), String(requests).padStart(3), (bytes / 1000).toFixed(1).padStart(6), unlisted ? ' not indexed' : '', low.length > 0 ? `  MISSED: ${low.join(', ')}` : ''].join(' ').trimEnd());
  const found = new Map();
  for (const lhr of answers) for (const one of Object.keys(BARS).flatMap((category) => failed(lhr, category))) found.set(one.split(' (')[0].split(': ').slice(0, 2).join(': '), one);
  for (const one of found.values()) console.log(`    ${one}`);
}
await server.close();
console.log(missed > 0 ? `${missed} below the bar` : 'every bar met');
process.exit(missed > 0 ? 1 : 0);
