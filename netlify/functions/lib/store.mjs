// @ts-check
/**
 * The blobs that everything is kept in: four stores, read with strong consistency, and a write that is answered only when it is done.
 *
 * reports   `<code>/<name>`            one report: what was chosen, and the quarter; the name is random
 * work      `state/<code>`             which reports are counted, their sums, what has been shown of them, and which are gone
 *           `arrivals/<day>/<code>-<name>`  empty, for a week: which reports came on a day, so that a burst can be taken back
 *           `review`, `lease`          the switch, and who is at work
 *           `taken-over/<who>`         a lease that ran out was taken over, until the lease itself says so
 * public    `<code>`, `all`, `day`     what is shown, and nothing else
 * limits    `salt/<hour>`              random, for that hour
 *           `<hour>/<digest>-<place>`  a mark: one of the reports that an address may send in this hour, in all or on one code
 */

import { AsyncLocalStorage } from 'node:async_hooks';

import { getStore } from '@netlify/blobs';

/** A function has ten seconds; whoever waits must hear before they are over. */
const LONGEST = 8_000;
/** A list of many thousands takes its time, and only the operator and the publication ask for one. */
const LONGEST_LIST = 120_000;

export class StoreFailed extends Error {}

/** What tells a request, and each time the client of the store tries it again, that its answer was given up. @type {AsyncLocalStorage<AbortSignal>} */
const givenUp = new AsyncLocalStorage();

/**
 * Return what is answered, or throw once it takes too long. The client tries again by itself, in a process that may sleep for hours
 * in between: once an answer was given up nothing more is sent for it, or a write of today would be done tomorrow.
 *
 * @template T
 * @param {() => Promise<T>} ask
 * @param {number} [longest]
 * @returns {Promise<T>}
 */
async function within(ask, longest = LONGEST) {
  const ends = new AbortController();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new StoreFailed('the store took too long')), longest);
  });
  try {
    return /** @type {T} */ (await Promise.race([givenUp.run(ends.signal, ask), late]));
  } catch (problem) {
    ends.abort();
    throw problem instanceof StoreFailed ? problem : new StoreFailed('the store did not answer');
  } finally {
    clearTimeout(timer);
  }
}

/** One store of blobs. */
export class Blobs {
  /** @param {string} name */
  constructor(name) {
    this.blobs = getStore({ name, consistency: 'strong', fetch: (url, init) => fetch(url, { ...init, signal: givenUp.getStore() ?? null }) });
  }

  /**
   * Return a blob's text, or null.
   *
   * @param {string} key
   * @returns {Promise<string | null>}
   */
  text(key) {
    return within(() => this.blobs.get(key, { type: 'text' }));
  }

  /**
   * Return what a blob holds as JSON, or null.
   *
   * @param {string} key
   */
  async json(key) {
    const text = await this.text(key);
    return text === null ? null : JSON.parse(text);
  }

  /**
   * Write a blob, whatever was there.
   *
   * @param {string} key
   * @param {unknown} value text as it is, anything else as JSON
   */
  async put(key, value) {
    await within(() => this.blobs.set(key, typeof value === 'string' ? value : JSON.stringify(value)));
  }

  /**
   * Write a blob unless there is one; return whether it was written.
   *
   * @param {string} key
   * @param {unknown} value
   */
  async putNew(key, value) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const { modified, etag } = await within(() => this.blobs.set(key, text, { onlyIfNew: true }));
    // The client says "modified" of a conditional write for every status but 412, a failure too; only a write that was done
    // has a tag. Where there is none, what lies there decides.
    if (modified && !etag && (await this.text(key)) !== text) throw new StoreFailed('the store did not write');
    return modified;
  }

  /** @param {string} key */
  async remove(key) {
    await within(() => this.blobs.delete(key));
  }

  /**
   * Return the keys that begin with a prefix. The local server leaves some out while others are being written (a file that goes
   * away as it looks ends its list), and lists files that are half written: nobody may rely on a key's absence, and callers
   * check the form of what they get.
   *
   * @param {string} prefix
   */
  async keys(prefix) {
    const all = async () => {
      /** @type {string[]} */
      const keys = [];
      for await (const page of this.blobs.list({ prefix, paginate: true })) for (const one of page.blobs) keys.push(one.key);
      return keys;
    };
    return within(all, LONGEST_LIST);
  }
}

/** @typedef {{reports: Blobs, work: Blobs, public: Blobs, limits: Blobs}} Stores */

/**
 * Return the four stores. Where they are the environment says: Netlify's, or the one that netlify/local.mjs sets.
 *
 * @returns {Stores}
 */
export function stores() {
  return { reports: new Blobs('field-reports'), work: new Blobs('field-work'), public: new Blobs('field-public'), limits: new Blobs('field-limits') };
}

/**
 * Do something to each of many things, some at a time; return the results in order. Where one fails, no other is begun, and it
 * throws when those that were begun are through: after that nothing goes on behind its caller's back.
 *
 * @template T, R
 * @param {Iterable<T>} things
 * @param {(thing: T) => Promise<R>} work
 * @param {number} [atATime]
 */
export async function each(things, work, atATime = 16) {
  const list = [...things];
  /** @type {R[]} */
  const results = new Array(list.length);
  /** @type {unknown[]} */
  const problems = [];
  let next = 0;
  const worker = async () => {
    while (next < list.length && problems.length === 0) {
      const at = next++;
      try {
        results[at] = await work(/** @type {T} */ (list[at]));
      } catch (problem) {
        problems.push(problem);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, list.length) }, worker));
  if (problems.length > 0) throw problems.find((problem) => problem instanceof StoreFailed) ?? problems[0];
  return results;
}
