/**
 * Runs the browser's engine under Node: the first line of standard input is a release, as `world` of engines.py writes it; each
 * further line is a claim, answered at once by one line of its answers.
 */

import { createInterface } from 'node:readline';
import { priceClaim } from '../../assets/js/payment/claim.js';

/** An object's own entry. */
const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

/** A place that a worked case describes by its indices, `gpci/1.000/0.958/0.308`, without anesthesia factors. */
const given = (key) => key.startsWith('gpci/') && { gpci: key.split('/').slice(1).map((one) => Number(one.replace('.', ''))), anesthesia: {} };

let world;
for await (const line of createInterface({ input: process.stdin })) {
  if (world) {
    const facts = { rows: (code) => own(world.rows, code), place: (key) => given(key) || own(world.places, key) };
    process.stdout.write(`${JSON.stringify(priceClaim(JSON.parse(line), facts, world.book))}\n`);
  } else world = JSON.parse(line);
}
