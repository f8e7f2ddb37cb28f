// @ts-check
/**
 * The "/" key puts the cursor into the search box. Small enough to be there before the box itself is loaded.
 */

let installed = false;

/** Listen for "/", once, however often this is called. */
export function install() {
  if (installed) return;
  installed = true;
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || event.isComposing || writing(event.target)) return;
    const input = box();
    if (!input) return;
    // Else the slash itself would be typed into the box.
    event.preventDefault();
    input.focus();
    input.select();
  });
}

/** The first search box that can be seen: on the search page there may be one in the header and one in the text. */
function box() {
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-search] input[name="q"]'));
  return [...inputs].find((input) => input.getClientRects().length > 0);
}

/**
 * Whether the key belongs to a field that somebody is writing in.
 * @param {EventTarget | null} target
 */
function writing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
