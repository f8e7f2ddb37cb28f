/** Prints what assets/js/field/show.js makes of figures: `node field-markup.mjs SHOW.js WORDS.json FIGURES.json`, an object of code to HTML or null. */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , script, words, figures] = process.argv;
const { fits, markup } = await import(pathToFileURL(script).href);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const table = read(words);
const made = Object.entries(read(figures)).map(([code, one]) => [code, fits(one, code, table) ? markup(one, table) : null]);
console.log(JSON.stringify(Object.fromEntries(made)));
