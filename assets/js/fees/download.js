// @ts-check
/** Has a worker make the fee schedule of the chosen locality, says how far it is, and hands the file over. */

/** The worker that is at it; another question ends it. @type {Worker | undefined} */
let working;

const number = (/** @type {number} */ count) => count.toLocaleString('en-US');

/** Make the file of the locality that is chosen. @param {HTMLElement} section */
export function download(section) {
  const [select, said, far] = ['select', '[role=status]', '#f-far'].map((one) => /** @type {HTMLSelectElement} */ (section.querySelector(one)));
  const { rates = '', rules = '', places = '', release = '' } = section.dataset;
  const { value: locality } = select;
  working?.terminate();
  const worker = (working = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
  /** @param {string} words @param {string} [progress] @param {boolean} [failed] */
  const say = (words, progress = '', failed = false) => {
    if (said.textContent !== words) said.textContent = words; // what is the same is not read aloud again
    said.classList.toggle('refused', failed);
    far.textContent = progress;
  };
  const end = (/** @type {string} */ words, failed = true) => {
    worker.terminate();
    say(words, '', failed);
  };
  worker.onerror = () => end(said.dataset.fail ?? '');
  worker.onmessage = ({ data: { rows, done, file, outdated, problem } }) => {
    if (problem || outdated) return end(said.dataset[outdated ? 'outdated' : 'fail'] ?? '');
    if (!file) return say(`Working out ${number(rows)} rows…`, done ? `${number(done)} done.` : '');
    const name = `fee-schedule-${release}-${locality}.csv`;
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a phone asks first whether it may load the file
    end(`Downloaded: ${name}, ${number(rows)} rows.`, false);
  };
  say(said.dataset.wait ?? '');
  worker.postMessage({ files: [rates, rules, places], release, locality: locality.replace('-', '/') });
}
