// @ts-check
/**
 * Checks a value against a JSON Schema, in the few words of it that the schema of a report uses.
 *
 * A word that is not known here ends the function as it starts, so that a new rule of the schema is never passed over. A whole
 * validator would bring generated code and sentences that repeat what was sent; of what was sent nothing may come back.
 */

/**
 * @typedef {{[word: string]: any}} Schema
 * @typedef {{field: string, fault: string}} Fault
 */

const KNOWN = new Set(['$schema', 'title', 'description', 'type', 'additionalProperties', 'required', 'properties', 'enum', 'const', 'pattern', 'items', 'maxItems', 'uniqueItems', 'allOf', 'if', 'then']);

/** @type {Record<string, (value: unknown) => boolean>} */
const TYPES = {
  string: (value) => typeof value === 'string',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/**
 * Throw where a schema says something that this check would pass over.
 *
 * @param {Schema} schema
 */
export function understood(schema) {
  for (const word of Object.keys(schema)) if (!KNOWN.has(word)) throw new Error(`the schema of a report says ${word}, which netlify/functions/lib/shape.mjs does not know`);
  if (schema.type !== undefined && !Object.hasOwn(TYPES, schema.type)) throw new Error(`the schema of a report has the type ${schema.type}, which shape.mjs does not know`);
  if (![undefined, false].includes(schema.additionalProperties)) throw new Error('shape.mjs knows no additionalProperties but false');
  const within = [schema.items, schema.if, schema.then, ...(schema.allOf ?? []), ...Object.values(schema.properties ?? {})];
  for (const one of within) if (one) understood(one);
}

/**
 * Return every fault of a value, each with its field; no word of the value is in them.
 *
 * @param {unknown} value
 * @param {Schema} schema
 * @param {string} [field]
 * @returns {Fault[]}
 */
export function faults(value, schema, field = '') {
  if (schema.type && !TYPES[schema.type]?.(value)) return [{ field, fault: schema.type === 'object' ? 'object' : 'missing or of another kind' }];
  /** @type {Fault[]} */
  const found = [];
  if (schema.enum && !schema.enum.includes(value)) found.push({ field, fault: 'not in the list' });
  if (Object.hasOwn(schema, 'const') && value !== schema.const) found.push({ field, fault: 'not in the list' });
  if (schema.pattern && typeof value === 'string' && !new RegExp(schema.pattern, 'u').test(value)) found.push({ field, fault: 'not of this form' });
  if (Array.isArray(value)) found.push(...ofList(value, schema, field));
  else if (TYPES.object?.(value)) found.push(...ofObject(/** @type {Record<string, unknown>} */ (value), schema));
  for (const rule of schema.allOf ?? []) found.push(...faults(value, rule, field));
  if (schema.if && faults(value, schema.if, field).length === 0) found.push(...faults(value, schema.then ?? {}, field));
  return found;
}

/**
 * @param {unknown[]} value
 * @param {Schema} schema
 * @param {string} field
 */
function ofList(value, schema, field) {
  /** @type {Fault[]} */
  const found = [];
  if (schema.maxItems !== undefined && value.length > schema.maxItems) found.push({ field, fault: 'too many' });
  if (schema.uniqueItems && new Set(value.map((one) => JSON.stringify(one))).size < value.length) found.push({ field, fault: 'twice' });
  if (schema.items) for (const one of value) found.push(...faults(one, schema.items, field));
  return found;
}

/**
 * @param {Record<string, unknown>} value
 * @param {Schema} schema
 */
function ofObject(value, schema) {
  const properties = schema.properties ?? {};
  /** @type {Fault[]} */
  const found = [];
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) found.push({ field: name, fault: 'missing or of another kind' });
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name)) found.push(...faults(value[name], properties[name], name));
    else if (schema.additionalProperties === false) found.push({ field: '', fault: 'unknown field' });
  }
  return found;
}
