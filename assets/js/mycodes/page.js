// @ts-check
/** The page My codes: takes codes in, keeps the list in the address and in this browser, shows its sheet. */

import { el, hint } from '../calculator/result.js';
import { sheetOf } from './gather.js';
import { address, asked, join, keep, kept, named, read } from './list.js';
import { counted, showSheet } from './show.js';

/** So many codes are offered for words. */
const OFFERED = 12;
/** What the search box knows of words. */
const searching = () => Promise.all([import('../search/index.js'), import('../search/query.js')]);

/** Run the page. @param {HTMLElement} section */
function run(section) {
  const the = (/** @type {string} */ selector) => /** @type {HTMLElement & HTMLInputElement} */ (section.querySelector(selector));
  const part = (/** @type {string} */ name) => the(`[data-part=${name}]`);
  const { book = '', claims = '', most: room = '', release = '' } = section.dataset;
  const most = Number(room);
  const [form, text, heard, hits, note, again, other, sheet, told] = ['form', '#m-text', '#m-heard', '#m-hits', '#m-note', '#m-again', '#m-other', '.sheet', '#m-told'].map(the);
  /** @type {string[]} */
  let list = [];
  /** Whether the list came with an address and this browser keeps another one. */
  let guest = false;
  /** Counts lists, so that a late answer for an earlier one is left. */
  let turn = 0;

  async function show() {
    const mine = (turn += 1);
    again.hidden = true;
    other.hidden = !guest;
    sheet.hidden = !list[0];
    note.textContent = list[0] ? (note.dataset.wait ?? '').replace('#', String(list.length)) : (note.dataset.none ?? '');
    if (!list[0]) return;
    try {
      const made = await sheetOf(list, { book, claims, release });
      if (mine !== turn) return;
      showSheet(part, made, { remove, put });
      note.textContent = '';
    } catch {
      if (mine !== turn) return;
      sheet.hidden = true;
      note.textContent = note.dataset.fail ?? '';
      again.hidden = false;
    }
  }

  /** Take a list as this browser's own. @param {string[]} codes */
  function own(codes) {
    list = codes;
    guest = false;
    if (!keep(list) && list[0]) hint(heard, `${heard.textContent} This browser does not keep the list: bookmark this page's address.`.trim(), true);
    history.replaceState(null, '', location.pathname + address(list));
    void show();
  }

  /** @param {string} code */
  function remove(code) {
    own(list.filter((one) => one !== code));
    hint(heard, `${code} removed.`);
    text.focus();
  }

  /** Put a code in the place of one that is gone. @param {string} old @param {string} now */
  function put(old, now) {
    own([...new Set(list.map((one) => (one === old ? now : one)))]);
    hint(heard, `${now} in the place of ${old}.`);
    text.focus();
  }

  /**
   * Add codes and say what became of each.
   * @param {string[]} codes
   * @param {number} [words] that were no codes
   */
  function add(codes, words = 0) {
    const { list: joined, added, already, left } = join(list, codes, most);
    const said = [
      added[0] ? `${counted(added.length, 'code')} added.` : codes[0] ? '' : 'No code found in it.',
      already[0] ? `Already here: ${already.join(', ')}.` : '',
      left[0] ? `No room for ${left.join(', ')}: a list has up to ${most} codes.` : '',
      words ? `${counted(words, 'word')} ${words === 1 ? 'is' : 'are'} no code.` : '',
    ];
    hint(heard, said.filter(Boolean).join(' '), Boolean(left[0]) || (!added[0] && !already[0]));
    if (added[0]) own(joined);
  }

  /** Offer codes that the search box finds by these words. @param {string} words */
  async function search(words) {
    const [{ loadWhole }, { matches }] = await searching();
    const found = matches(await loadWhole(), words, OFFERED).filter(({ kind }) => kind !== 'deleted');
    const many = found.length === OFFERED ? `The first ${OFFERED} codes` : counted(found.length, 'code');
    hint(heard, found[0] ? `${many} found by words.` : 'No code found, by number or by words.', !found[0]);
    hits.replaceChildren(
      ...found.map(({ code, name, label }) => {
        const button = el('button', { type: 'button', className: 'quiet', onclick: () => add([code]) }, `Add ${code}`);
        return el('li', {}, button, ` ${name}, ${label}`);
      }),
    );
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { codes, words } = read(text.value);
    const typed = text.value;
    hits.replaceChildren();
    if (!codes[0] && !typed.trim()) return;
    text.value = '';
    if (codes[0]) add(codes, words);
    else search(typed).catch(() => hint(heard, 'Search could not load. Try again when you are online.', true));
  });
  // What the first word will be looked for in comes while it is typed.
  text.addEventListener('input', () => {
    if (/\p{L}{3}/u.test(text.value) && !read(text.value).codes[0]) searching().then(([{ loadWhole }]) => loadWhole()).catch(() => {});
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || text.value.includes('\n')) return;
    event.preventDefault();
    /** @type {HTMLFormElement} */ (/** @type {unknown} */ (form)).requestSubmit();
  });
  again.onclick = () => void show();
  the('#m-keep').onclick = () => own(list);
  the('#m-back').onclick = () => own(kept(most));
  the('#m-forget').onclick = () => {
    own([]);
    hint(heard, 'The list is forgotten: it is neither in the address nor in this browser.');
    text.focus();
  };
  the('#m-print').onclick = () => print();
  the('#m-copy').onclick = () =>
    navigator.clipboard.writeText(location.href).then(
      () => (told.textContent = 'Copied.'),
      () => (told.textContent = 'The browser does not allow it: copy the address.'),
    );

  const given = named(location.search);
  const mine = kept(most);
  const more = asked(location.hash);
  form.hidden = false;
  if (given && !more[0]) {
    const { list: first, left } = join([], given.codes, most);
    list = first;
    guest = Boolean(mine[0]) && mine.join() !== list.join();
    if (guest) the('#m-other span').textContent = `This list came with the address. This browser keeps another, of ${counted(mine.length, 'code')}.`;
    else keep(list);
    heard.textContent = [left[0] ? `No room for ${left.join(', ')}: a list has up to ${most} codes.` : '', given.words ? `${counted(given.words, 'word')} of the address ${given.words === 1 ? 'is' : 'are'} no code.` : ''].filter(Boolean).join(' ');
    void show();
  } else {
    list = mine;
    if (more[0]) add(more);
    if (!more[0] || list === mine) own(list);
  }
}

const section = document.getElementById('mine');
if (section) run(section);
