// The text of an input as a setting's value; undefined when it is outside the setting's limit.

/** @typedef {{low: number, high: number}} Bounds */

/**
 * @param {string} text
 * @param {Bounds} bounds
 */
export function parseNumber(text, { low, high }) {
  const value = Number(text);
  const good = text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high;
  return good ? value : undefined;
}

/**
 * @param {string} text
 * @param {Bounds} bounds
 */
export function parseWhole(text, bounds) {
  const value = parseNumber(text, bounds);
  return Number.isInteger(value) ? value : undefined;
}

/**
 * Nothing at all is null.
 *
 * @param {string} text
 * @param {Bounds} bounds
 */
export function parseOptionalWhole(text, bounds) {
  return text.trim() === "" ? null : parseWhole(text, bounds);
}

/**
 * One number for all runs, or one for each that is named: "0.3", "random 0.3, he 2".
 *
 * @param {string} text
 * @param {Bounds} bounds
 * @param {readonly string[]} names of the runs that there are
 * @returns {number | Record<string, number> | undefined}
 */
export function parsePerRun(text, bounds, names) {
  const one = parseNumber(text, bounds);
  if (one !== undefined) return one;
  /** @type {Record<string, number>} */
  const found = {};
  for (const part of text.split(/[,;]/).map((words) => words.trim())) {
    const [, name, digits] = part.match(/^(.+?)[\s:=×x]+([\d.eE+-]+)$/) ?? [];
    const value = digits === undefined ? undefined : parseNumber(digits, bounds);
    if (value === undefined || !names.includes(name)) return undefined;
    found[name] = value;
  }
  return found;
}

/**
 * @param {number | Record<string, number>} value
 */
export function writePerRun(value) {
  if (typeof value === "number") return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${one}`)
    .join(", ");
}

/**
 * Layer sizes as typed: "10, 5" or "10-5"; nothing at all is a network without hidden layers.
 *
 * @param {string} text
 * @param {Bounds & {most: number}} limit
 */
export function parseSizes(text, limit) {
  const sizes = text
    .split(/[\s,;x-]+/)
    .filter(Boolean)
    .map((part) => parseWhole(part, limit));
  const good = sizes.filter((size) => size !== undefined);
  return good.length === sizes.length && good.length <= limit.most ? good : undefined;
}
