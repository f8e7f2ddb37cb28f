// Prices one claim for a day of service as a page does: what day.js loads from a finished site, the engine of the same site's sources.
// In: {site, code, day, claim} as JSON on the standard input. Out: {release, answers}, or {days} where no release answers.
import { readFileSync } from 'node:fs';

import { on } from '../../assets/js/calculator/day.js';
import { priceClaim } from '../../assets/js/payment/claim.js';

const { site, code, day, claim } = JSON.parse(readFileSync(0, 'utf8'));
globalThis.fetch = async (url) => {
  try {
    return new Response(readFileSync(site + url));
  } catch {
    return new Response('', { status: 404 });
  }
};
const html = readFileSync(`${site}/codes/${code}/index.html`, 'utf8');
const data = Object.fromEntries([...html.matchAll(/data-(releases|past|release)="([^"]*)"/g)].map(([, name, text]) => [name, text]));
const rows = JSON.parse(/<script type="application\/json">(.*?)<\/script>/.exec(html)[1]);
const found = await on(day, data, rows);
if (typeof found === 'string') console.log(JSON.stringify({ days: found }));
else {
  const facts = { rows: (one) => found.rows[one], place: (key) => found.places[key] };
  const kinds = Object.keys(found.book.factors);
  const answers = kinds.map((factor) => priceClaim({ ...claim, factor }, facts, found.book)[0]);
  console.log(JSON.stringify({ release: found.release, missing: found.missing, answers: answers.map(({ result, allowed, share, say }) => ({ result, allowed, medicare: share.medicare_paid ?? null, say })) }));
}
