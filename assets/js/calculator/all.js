// @ts-check
/** One line in all localities: a table that sorts by any column, and the same as a CSV file. */

/** Column and direction of the table, which stay while inputs change. */
let column = 0;
let backwards = false;

/**
 * Fill the table of all localities, which sorts by any column, and make ready the same as a CSV file.
 * @param {HTMLElement} details
 * @param {{[key: string]: {name: string, state: string}}} places
 * @param {(key: string) => any[]} run
 * @param {string} about
 * @param {string} called what the file is
 * @param {{el: typeof import('./result.js').el, figure: typeof import('./result.js').figure, dollars: typeof import('./result.js').dollars}} make from result.js, which is delivered within the calculator's script
 */
export function fill(details, places, run, about, called, make) {
  const { el, figure, dollars } = make;
  const [refused, csv, table] = /** @type {HTMLElement[]} */ ([...details.children].slice(1));
  const heads = /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll('[aria-sort]'));
  const rows = Object.entries(places).slice(1).map(([key, { name, state }]) => ({ key, name, state, answers: run(key) }));
  const no = rows.find(({ answers }) => answers[0].answer)?.answers[0];
  csv.hidden = table.hidden = Boolean((refused.textContent = no?.say ?? ''));
  if (no) return;

  const { compare } = new Intl.Collator('en', { numeric: true });
  const cells = rows.map(({ key, name, state, answers }) => [state, `${name} (${key})`, ...answers.map(({ allowed }) => allowed)]).sort((one, other) => (backwards ? -1 : 1) * (compare(one[column], other[column]) || compare(one[1], other[1])));
  table.querySelector('tbody')?.replaceChildren(...cells.map(([state, name, ...amounts]) => el('tr', {}, el('td', {}, state), el('th', { scope: 'row' }, name), ...amounts.map((amount) => figure(dollars(amount))))));
  heads.forEach((head, at) => {
    head.ariaSort = at === column ? (backwards ? 'descending' : 'ascending') : 'none';
    head.onclick = () => {
      backwards = at === column && !backwards;
      column = at;
      fill(details, places, run, about, called, make);
    };
  });

  const [link] = csv.getElementsByTagName('a');
  link.download = called;
  link.onclick = () => {
    const titles = ['Line', 'Release', 'Carrier/locality', 'State', 'Locality', ...[...heads].slice(2).filter((one) => !one.hidden).flatMap(({ innerText }) => [innerText, 'Medicare pays', 'Patient pays'])];
    const file = [titles, ...rows.map(({ key, name, state, answers }) => [about, called.split('-')[1], key, state, name, ...answers.flatMap(({ allowed, share }) => [allowed, share.medicare_paid, share.patient])])];
    link.href = URL.createObjectURL(new Blob(file.map((row) => `"${row.join('","')}"\r\n`), { type: 'text/csv' }));
  };
}
