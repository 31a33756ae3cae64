// The settings of a lab without Python: checked by the same limits, refused in the same words.

import { DEFAULTS, DIAL, LIMITS, MOST_RUNS } from "../shared.js";

/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {keyof typeof LIMITS} SettingName */

/** A setting is not usable; the text names it, the value got and the values wanted. */
export class SettingsError extends Error {}

/** @returns {Settings} those of the published experiment */
export function defaultSettings() {
  return {
    ...DEFAULTS,
    hidden_layers: [...DEFAULTS.hidden_layers],
    compare: [],
    predictions: {},
    dial: { depth: 30, hidden: "relu" },
  };
}

/**
 * Raise SettingsError for a value that a setting cannot have.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} candidates names of the runs that there are
 */
export function checkSetting(name, value, candidates) {
  if (name === "compare") checkCompare(value, candidates);
  else if (name === "dial") checkDial(value);
  else if (name === "predictions") checkPredictions(value);
  else if (name === "gain") checkGain(value, candidates);
  else if (Object.hasOwn(LIMITS, name)) checkLimit(name, LIMITS[/** @type {SettingName} */ (name)], value);
  else
    throw new SettingsError(
      `the lab has no setting ${shown(name)}; it has ${Object.keys(LIMITS).join(", ")}`,
    );
}

/**
 * @param {string} name
 * @param {any} limit a row of LIMITS
 * @param {unknown} value
 */
function checkLimit(name, limit, value) {
  if (limit.values) {
    if (!limit.values.includes(value))
      throw new SettingsError(`${name} is ${shown(value)}; expected one of ${limit.values.join(", ")}`);
  } else if (limit.most !== undefined) checkSizes(name, limit, value);
  else if (limit.optional !== undefined) {
    if (value === null && limit.optional) return;
    if (!Number.isInteger(value) || !isBetween(value, limit))
      throw new SettingsError(`${name} is ${shown(value)}; expected a whole number from ${range(limit)}`);
  } else checkNumber(name, limit, value);
}

/**
 * @param {string} name
 * @param {{low: number, high: number}} limit
 * @param {unknown} value
 */
function checkNumber(name, limit, value) {
  if (typeof value !== "number" || !isBetween(value, limit))
    throw new SettingsError(
      `${name} is ${shown(value)}; expected a number from ${limit.low} to ${limit.high}`,
    );
}

/**
 * @param {string} name
 * @param {{most: number, low: number, high: number}} limit
 * @param {unknown} value
 */
function checkSizes(name, limit, value) {
  if (!Array.isArray(value) || value.length > limit.most)
    throw new SettingsError(`${name} is ${shown(value)}; expected up to ${limit.most} layer sizes, as 10, 5`);
  for (const size of value) checkLimit(name, { ...limit, most: undefined, optional: false }, size);
}

/**
 * @param {unknown} value
 * @param {readonly string[]} candidates
 */
function checkGain(value, candidates) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return checkNumber("gain", LIMITS.gain, value);
  for (const [run, one] of Object.entries(value)) {
    if (!candidates.includes(run))
      throw new SettingsError(`gain names ${shown(run)}; the lab has ${candidates.join(", ")}`);
    checkNumber(`gain[${shown(run)}]`, LIMITS.gain, one);
  }
}

/**
 * @param {unknown} value
 * @param {readonly string[]} candidates
 */
function checkCompare(value, candidates) {
  const names = Array.isArray(value) ? value : [];
  const unknown = names.find((name) => !candidates.includes(name));
  if (unknown !== undefined)
    throw new SettingsError(`compare names ${shown(unknown)}; the lab has ${candidates.join(", ")}`);
  if (!names.length || names.length > MOST_RUNS || new Set(names).size < names.length)
    throw new SettingsError(`compare is ${shown(value)}; expected 1 to ${MOST_RUNS} different names`);
}

/** @param {any} value */
function checkDial(value) {
  checkLimit("depth", { low: DIAL.low, high: DIAL.high, optional: false }, value?.depth);
  checkLimit("hidden", { values: DIAL.hidden }, value?.hidden);
}

/** @param {unknown} value shapes by the names of runs; unknown ones are not drawn */
function checkPredictions(value) {
  if (typeof value !== "object" || value === null)
    throw new SettingsError("predictions are no table of shapes");
}

/**
 * @param {unknown} value
 * @param {{low: number, high: number}} limit
 */
function isBetween(value, { low, high }) {
  return typeof value === "number" && value >= low && value <= high;
}

/** @param {{low: number, high: number}} limit */
function range({ low, high }) {
  return `${low.toLocaleString("en")} to ${high.toLocaleString("en")}`;
}

const LONGEST = 60;

/** @param {unknown} value as a sentence shows it, cut where it is long */
function shown(value) {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/**
 * The line of Python that opens a lab in this state.
 *
 * @param {readonly string[]} functions as written in the call
 * @param {Settings} settings
 * @param {readonly string[]} usual names that are compared if none are given
 */
export function codeLine(functions, settings, usual) {
  const words = [...functions];
  for (const name of /** @type {SettingName[]} */ (Object.keys(LIMITS))) {
    const value = settings[name];
    if (JSON.stringify(value) !== JSON.stringify(DEFAULTS[name])) words.push(`${name}=${inPython(value)}`);
  }
  if (String(settings.compare) !== String(usual))
    words.push(`compare=[${settings.compare.map(quoted).join(", ")}]`);
  return `lab(${words.join(", ")})`;
}

/** @param {unknown} value */
function inPython(value) {
  if (value === null) return "None";
  if (Array.isArray(value)) return value.length === 1 ? `(${value[0]},)` : `(${value.join(", ")})`;
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object")
    return `{${Object.entries(/** @type {object} */ (value))
      .map(([run, one]) => `${quoted(run)}: ${one}`)
      .join(", ")}}`;
  return String(value);
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
