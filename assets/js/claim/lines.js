// @ts-check
/** Lines of a claim as the address and the tab hold them. */

/** @typedef {import('./read.js').Line} Line */

/** A CPT or HCPCS code: five digits, four and a capital, or a capital up to V and four. */
export const CODE = /^(?:\d{4}[\dA-Z]|[A-V]\d{4})$/;

/** A line as the address has it: `45385-59x2`, with base units and minutes of anesthesia `01402-AAx1b7m60`. @param {Line} line */
export const written = ({ code, modifiers, units, base_units, minutes }) => [code, ...modifiers].join('-') + `x${units}` + (base_units ? `b${base_units}` : '') + (minutes ? `m${minutes}` : '');

/**
 * The lines that an address or a stored text names; what is not a line is left out.
 * @param {string} text
 * @returns {Line[]}
 */
export const lined = (text) =>
  text.toUpperCase().split(',').flatMap((one) => {
    const found = /^([\dA-Z]{5})((?:-[\dA-Z]{2}){0,8})(?:X([1-9]\d{0,2}))?(?:B(\d{1,2}))?(?:M(\d{1,4}))?$/.exec(one);
    return found && CODE.test(found[1]) ? [{ code: found[1], modifiers: found[2].split('-').slice(1), units: found[3] ?? '1', base_units: found[4], minutes: found[5] }] : [];
  });
