// @ts-check
/** Runs a session beside the page, so that the page answers while rows are compared: a message asks, a message answers. */

import { fetched } from './fetched.js';
import { Releases } from './releases.js';
import { Session } from './session.js';

/** @typedef {{turn: number, ask: string, [field: string]: any}} Asked */

const releases = new Releases(fetched);
/** @type {Session} */
let session;
/** The comparison that runs, and whether to end it early. */
let running = 0;
let halted = false;

/** What each question does; what it returns is the answer. @type {{[ask: string]: (asked: Asked) => unknown}} */
const answers = {
  begin: async ({ files, most }) => {
    await releases.begin(files);
    session = new Session(releases, most);
    return true;
  },
  older: async ({ files }) => {
    await releases.addOlder(files);
    return true;
  },
  take: async ({ source }) => {
    running += 1;
    session.forget();
    return session.take(typeof source === 'string' ? source : new Uint8Array(await source.arrayBuffer()));
  },
  compare: async ({ terms, turn }) => {
    const mine = (running += 1);
    halted = false;
    return session.compare(terms, async (done, line) => {
      postMessage({ turn, progress: { done, line } });
      await new Promise((resume) => setTimeout(resume));
      return mine !== running ? 'leave' : halted ? 'stop' : 'on';
    });
  },
  stop: () => {
    halted = true;
    return true;
  },
  forget: () => {
    running += 1;
    session.forget();
    return true;
  },
  page: (asked) => session.page(/** @type {any} */ (asked)),
  listed: ({ from, count }) => session.listed(from, count),
  csv: ({ by, backwards }) => new Blob([session.csv(by, backwards)], { type: 'text/csv' }),
};

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ turn: data.turn, answer: await answers[data.ask](data) });
  } catch (problem) {
    postMessage({ turn: data.turn, problem: String(problem) });
  }
});
