// An experiment as a short text, which stands behind the # of the page's address. Whatever comes in by it is
// checked by the lab's own limits.

import { checkSetting, SettingsError } from "../engine/settings.js";
import { DEFAULTS } from "../shared.js";

/** @typedef {import("../connection.js").Settings} Settings */

const LONGEST = 2000; // characters

/** @type {Record<string, {read: (text: string) => unknown, write: (value: any) => string}>} */
const FORMS = {
  dataset: { read: (text) => text, write: String },
  noise: { read: readNumber, write: String },
  points: { read: readNumber, write: String },
  data_seed: { read: readNumber, write: String },
  hidden_layers: {
    read: (text) => (text ? text.split("-").map(readNumber) : []),
    write: (sizes) => sizes.join("-"),
  },
  hidden: { read: (text) => text, write: String },
  learning_rate: { read: readNumber, write: String },
  iterations: { read: readNumber, write: String },
  gain: { read: readGain, write: writeGain },
  seed: { read: (text) => (text ? readNumber(text) : null), write: (seed) => String(seed ?? "") },
  pace: { read: readNumber, write: String },
  strip_seeds: { read: readNumber, write: String },
  compare: { read: (text) => text.split(","), write: (names) => names.join(",") },
};

/**
 * What differs from the page as it opens.
 *
 * @param {<Name extends keyof Settings>(name: Name) => Settings[Name]} get
 * @param {Partial<Settings>} usual
 */
export function writeState(get, usual) {
  const parts = new URLSearchParams();
  for (const [key, { write }] of Object.entries(FORMS)) {
    const name = /** @type {keyof typeof DEFAULTS | "compare"} */ (key);
    const text = write(get(name));
    if (text !== write(usual[name] ?? (name === "compare" ? [] : DEFAULTS[name]))) parts.set(name, text);
  }
  return parts.toString();
}

/**
 * Settings from a text.
 *
 * @param {string} text with or without a #
 * @param {readonly string[]} candidates names of the runs that there are
 * @returns {Partial<Settings>}
 */
export function readState(text, candidates) {
  if (text.length > LONGEST)
    throw new SettingsError(
      `the state has ${text.length.toLocaleString("en")} characters; a lab writes fewer than 2,000`,
    );
  /** @type {Record<string, unknown>} */
  const changes = {};
  for (const [name, value] of new URLSearchParams(text.replace(/^.*#/s, ""))) {
    const read = Object.hasOwn(FORMS, name) ? FORMS[name].read(value) : value;
    checkSetting(name, read, candidates);
    changes[name] = read;
  }
  return changes;
}

/** @param {string} text a number, or the text as it is: to be refused */
function readNumber(text) {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

/** @param {string} text "0.3", or "random:0.3,he:2" */
function readGain(text) {
  if (!text.includes(":")) return readNumber(text);
  return Object.fromEntries(
    text.split(",").map((part) => {
      const end = part.lastIndexOf(":");
      return [part.slice(0, end), readNumber(part.slice(end + 1))];
    }),
  );
}

/** @param {number | Record<string, number>} gain */
function writeGain(gain) {
  if (typeof gain === "number") return String(gain);
  return Object.entries(gain)
    .map(([name, one]) => `${name}:${one}`)
    .join(",");
}
