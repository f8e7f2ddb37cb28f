// @ts-check
/**
 * The form of a field report: prefilled, errors in place, sent without leaving the page. What is right, the function decides;
 * without this script the form sends itself.
 */

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

const CODE = /^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$/i;

const WORDS = {
  empty: 'Choose one.',
  code: 'Five characters, such as 97761 or G0283.',
  most: 'At most # of them.',
  wait: 'Sending…',
  wrong: 'The report was not taken. Look at what is marked.',
  refused: 'The report was not taken.',
  often: 'Too many reports came from your connection.',
  broken: 'It is not known whether the report was taken in.',
  again: 'Try again in #.',
  kept: 'Your choices are kept here.',
  twice: 'Sent again, it is stored once.',
  once: 'Your choices are kept here. Send it again when you are online: it is stored once.',
  thanks: 'Thank you: the report was taken in. It shows once five or more on the same code are in, and figures are renewed at most once a day.',
};

/**
 * @param {HTMLFormElement} form
 * @param {string} code to begin with; empty for none
 */
export function attach(form, code) {
  const opened = performance.now();
  const key = crypto.randomUUID();
  const codeField = /** @type {HTMLInputElement} */ (form.elements.namedItem('code'));
  const payer = /** @type {HTMLSelectElement} */ (form.elements.namedItem('payer'));
  const kind = /** @type {HTMLSelectElement} */ (form.elements.namedItem('payer_class'));
  const said = Object.assign(document.createElement('p'), { className: 'fine', role: 'status' });
  form.append(said);
  form.noValidate = true;
  if (CODE.test(code) && !codeField.value) codeField.value = code.toUpperCase();

  // The group a payer stands in says its kind, so that nobody is asked twice.
  const choose = () => {
    const group = payer.selectedOptions[0]?.parentElement;
    kind.value = (group instanceof HTMLOptGroupElement && group.dataset.class) || '';
  };
  const asked = /** @type {HTMLElement} */ (kind.closest('p'));
  asked.hidden = true;
  choose();
  pair(form);

  form.addEventListener('change', (event) => {
    if (event.target === payer) choose();
    const field = /** @type {Field} */ (event.target);
    if (field.name === 'outcome') pair(form);
    const wrong = new Set(check(form).map(([name]) => name));
    // What became of the claim decides what can have worked.
    for (const name of field.name === 'outcome' ? ['outcome', 'worked'] : [field.name]) if (!wrong.has(name)) mend(form, name);
  });
  codeField.addEventListener('input', () => {
    const at = codeField.selectionStart;
    codeField.value = codeField.value.toUpperCase();
    codeField.setSelectionRange(at, at);
  });

  let sending = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sending) return;
    codeField.value = codeField.value.trim().toUpperCase();
    said.classList.remove('ask');
    if (mark(form, check(form))) {
      said.classList.add('ask');
      said.textContent = WORDS.wrong;
      return;
    }
    sending = true;
    said.textContent = WORDS.wait;
    try {
      const answer = await fetch(form.action, {
        method: 'POST',
        // With the same key a report that is sent again is stored once; nobody fills in a form in no time.
        headers: { 'Content-Type': 'application/json; charset=utf-8', Accept: 'application/json', 'Idempotency-Key': key, 'Form-Seconds': ((performance.now() - opened) / 1000).toFixed(1) },
        body: JSON.stringify({ ...report(form), website: value(form, 'website') }),
      });
      if (answer.ok) thank(form);
      else await tell(form, said, answer);
    } catch {
      // Perhaps only the answer was lost.
      said.classList.add('ask');
      said.textContent = WORDS.broken + ' ' + WORDS.once;
    }
    sending = false;
  });
}

/**
 * Offers what goes with the outcome that is chosen: what worked where the claim was paid, that nothing did where it was not. The
 * schema of a report says the same. What is not offered is not sent, and is there again with another outcome.
 * @param {HTMLFormElement} form
 */
function pair(form) {
  const chosen = form.querySelector('[name="outcome"]:checked');
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[data-goes]'))) {
    field.disabled = chosen instanceof HTMLElement && chosen.dataset.with !== field.dataset.goes;
    const label = field.closest('label');
    if (label) label.hidden = field.disabled;
  }
}

/**
 * The fields as the function takes them.
 * @param {HTMLFormElement} form
 */
export function report(form) {
  const names = ['code', 'payer_class', 'payer', 'reason', 'modifier', 'outcome', 'state', 'role'];
  const chosen = names.map((name) => [name, value(form, name)]).filter(([, one]) => one);
  return { ...Object.fromEntries(chosen), worked: new FormData(form).getAll('worked') };
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const value = (form, name) => String(new FormData(form).get(name) ?? '');

/**
 * What is missing or too much, as pairs of field and words.
 * @param {HTMLFormElement} form
 * @returns {[string, string][]}
 */
function check(form) {
  /** @type {[string, string][]} */
  const found = [];
  if (!CODE.test(value(form, 'code').trim())) found.push(['code', WORDS.code]);
  for (const name of ['modifier', 'payer', 'reason', 'outcome', 'role']) if (!value(form, name)) found.push([name, WORDS.empty]);
  const most = Number(form.dataset.most);
  if (new FormData(form).getAll('worked').length > most) found.push(['worked', WORDS.most.replace('#', String(most))]);
  return found;
}

/**
 * Says errors at their fields, and goes to the first.
 * @param {HTMLFormElement} form
 * @param {[string, string][]} errors
 * @returns {boolean} whether there is one
 */
function mark(form, errors) {
  for (const name of new Set(Array.from(form.querySelectorAll('[name]'), (one) => one.getAttribute('name') ?? ''))) clear(form, name);
  /** @type {Field | undefined} */
  let first;
  for (const [name, say] of errors) {
    // The kind follows the payer, and is not seen.
    const field = fieldOf(form, name === 'payer_class' ? 'payer' : name);
    if (!field || document.getElementById(idOf(field.name))) continue;
    const group = field.type === 'radio' || field.type === 'checkbox';
    const line = Object.assign(document.createElement('p'), { className: 'wrong', id: idOf(field.name), textContent: say });
    if (group) field.closest('fieldset')?.append(line);
    else field.closest('p')?.after(line);
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', line.id);
    if (!first || field.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING) first = field;
  }
  first?.focus();
  return errors.length > 0;
}

/** @param {string} name */
const idOf = (name) => 'r-wrong-' + name;

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const fieldOf = (form, name) => /** @type {Field | null} */ (form.querySelector('[name="' + CSS.escape(name) + '"]:not(.trap *)'));

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function clear(form, name) {
  mend(form, name);
  document.getElementById(idOf(name))?.remove();
}

/**
 * Takes back what was said at a field. The line keeps its room until the next try: a field that is left must not move the one that is pressed.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function mend(form, name) {
  document.getElementById(idOf(name))?.classList.add('mended');
  const field = fieldOf(form, name);
  field?.removeAttribute('aria-invalid');
  field?.removeAttribute('aria-describedby');
}

/**
 * Says what the function said: at the fields where it names them, the rest below the button, with when to try again.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} said
 * @param {Response} answer
 */
async function tell(form, said, answer) {
  const body = await answer.json().catch(() => ({}));
  const { message, fields } = body?.error ?? {};
  /** @type {{field: string, message: string}[]} */
  const named = (Array.isArray(fields) ? fields : []).filter((one) => typeof one?.field === 'string' && typeof one.message === 'string');
  const here = named.filter((one) => fieldOf(form, one.field));
  mark(form, here.map((one) => [one.field, one.message]));
  const failed = answer.status >= 500;
  const lines = [typeof message === 'string' && message ? message : failed ? WORDS.broken : answer.status === 429 ? WORDS.often : ''];
  // After a failure within, nobody knows whether it was taken.
  if (!failed) lines.unshift(WORDS.refused);
  lines.push(...named.filter((one) => !here.includes(one)).map((one) => one.message), waiting(answer.headers.get('Retry-After')), WORDS.kept, failed ? WORDS.twice : '');
  said.classList.add('ask');
  said.textContent = lines.filter(Boolean).join(' ');
}

/**
 * Says when to try again, by the header of an answer: seconds, or a day and hour; nothing without one.
 * @param {string | null} header
 */
function waiting(header) {
  const seconds = header === null ? NaN : /^[0-9]+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  if (!(seconds > 0)) return '';
  const minutes = Math.ceil(seconds / 60);
  return WORDS.again.replace('#', minutes > 90 ? Math.ceil(minutes / 60) + ' hours' : minutes === 1 ? 'a minute' : minutes + ' minutes');
}

/** @param {HTMLFormElement} form */
function thank(form) {
  const line = Object.assign(document.createElement('p'), { role: 'status', tabIndex: -1, textContent: WORDS.thanks });
  form.replaceWith(line);
  line.focus();
}
