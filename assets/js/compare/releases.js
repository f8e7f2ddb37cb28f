// @ts-check
/** Holds what amounts are worked out from: rows, localities and rules of the newest release, and of older ones once they were asked for. */

/** @typedef {{rates: string, older: string, rules: string, places: string, releases: string}} Files addresses */
/** @typedef {{release: string, words: string, missing: string, book: any, places: any, rows: Map<string, any>}} Release what holds on a day */
/** @typedef {(url: string) => Promise<any>} Get */

/** Releases in the browser; nothing is fetched but by `begin` and `addOlder`. */
export class Releases {
  /** @param {Get} get fetches a file as JSON, or rejects */
  constructor(get) {
    this.get = get;
    /** @type {any[]} */
    this.periods = [];
    this.days = '';
    this.newest = '';
    /** @type {{[url: string]: any}} */
    this.loaded = {};
    /** Rows by release, of those that are here. @type {Map<string, Map<string, any>>} */
    this.rows = new Map();
    /** @type {Release | undefined} */
    this.today = undefined;
  }

  /**
   * Load the newest release and which days any release answers for.
   * @param {Files} files
   */
  async begin(files) {
    const [rates, { days, periods }, book, places] = await Promise.all([files.rates, files.releases, files.rules, files.places].map(this.get));
    this.periods = periods;
    this.days = days;
    this.newest = rates.release;
    this.rows.set(rates.release, new Map(Object.entries(rates.rows)));
    this.loaded[files.rules] = book;
    this.loaded[files.places] = places;
    const own = periods.findLast((/** @type {any} */ { release }) => release === rates.release);
    await this.fill([own, ...periods.filter((/** @type {any} */ { release }) => release === rates.release)].filter(Boolean));
    this.today = { release: rates.release, words: own?.words ?? rates.words, missing: own?.missing ?? '', book, places, rows: /** @type {Map<string, any>} */ (this.rows.get(rates.release)) };
  }

  /**
   * Load the older releases: each says in which codes it differs from the one after it, and which of those it does not have.
   * @param {Files} files
   */
  async addOlder(files) {
    if (this.rows.size > 1) return;
    const [older] = await Promise.all([this.get(files.older), this.fill(this.periods)]);
    let last = this.rows.get(this.newest) ?? new Map();
    for (const [release, differing] of older) {
      last = new Map(last);
      for (const [code, rows] of Object.entries(differing)) {
        if (rows) last.set(code, rows);
        else last.delete(code);
      }
      this.rows.set(release, last);
    }
  }

  /** Fetch rules and places of periods. @param {{rules: string, places: string}[]} periods */
  async fill(periods) {
    const wanted = [...new Set(periods.flatMap(({ rules, places }) => [rules, places]))].filter((url) => !this.loaded[url]);
    const made = await Promise.all(wanted.map(this.get));
    wanted.forEach((url, at) => (this.loaded[url] = made[at]));
  }

  /**
   * What holds on a day, or why nothing does.
   * @param {string} day ISO date; blank for the newest release
   * @returns {Release | string}
   */
  on(day) {
    if (!day) return this.today ?? 'Nothing is loaded.';
    const found = this.periods.find(({ from, to }) => from <= day && day <= to);
    if (!found) return `No release of ${day} is here. Give a day that can be answered, or none: ${this.days}.`;
    const rows = this.rows.get(found.release);
    if (!rows) return `${found.release} answers for ${day} and is not loaded. Press “Load older releases”; then the row is compared.`;
    return { ...found, book: this.loaded[found.rules], places: this.loaded[found.places], rows };
  }
}
