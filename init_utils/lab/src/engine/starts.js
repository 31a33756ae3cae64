// Starting weights: built-in ones, drawn here, and those of a student's functions, stored in the page.

import { parameterCount } from "../engine.js";
import { RandomState } from "./random.js";

/**
 * @typedef {object} StoredFunction a student's function, called when the page was made
 * @property {string} name
 * @property {string} argument as it is written in the call of `lab`
 * @property {string} message why it gives no network, or ""
 * @property {string} note on a function that ignores the seed
 * @property {Record<string, Float64Array>} starts by seed; "own" for the seed that is written in it
 */

/**
 * @typedef {object} Start
 * @property {Float64Array | null} parameters W1 row by row, b1, ..., WL, bL
 * @property {string} message why there are none, or ""
 */

/** What built-in starts draw from, with the seed: no exercise seeds its generator so, and none has these weights. */
const OWN_KEY = 0x1ab;
/** Stands for "no seed chosen". */
const NO_SEED = 0xffffffff;

/** Standard deviation of a weight from the units below, or one value for all. */
const BUILT_IN = /** @type {const} */ ([
  { name: "He", scale: (/** @type {number} */ before) => Math.sqrt(2 / before) },
  { name: "Xavier", scale: (/** @type {number} */ before) => Math.sqrt(1 / before) },
  { name: "constant 0.5", value: 0.5 },
  { name: "small 0.01", scale: () => 0.01 },
]);

export class Starts {
  /**
   * @param {StoredFunction[]} functions
   * @param {readonly number[]} storedDims layer sizes that their weights are stored for
   */
  constructor(functions, storedDims) {
    this.functions = new Map(functions.map((one) => [one.name, one]));
    this.storedDims = storedDims;
    const builtIn = BUILT_IN.filter(({ name }) => !(functions.length && name === "He"));
    this.candidates = [
      ...functions.map(({ name, argument }) => ({ name, argument, built_in: false })),
      ...builtIn
        .filter(({ name }) => !this.functions.has(name))
        .map(({ name }) => ({ name, argument: "", built_in: true })),
    ];
  }

  /**
   * @param {string} name of a candidate
   * @param {readonly number[]} dims
   * @param {number | null} seed
   * @returns {Start}
   */
  draw(name, dims, seed) {
    const stored = this.functions.get(name);
    return stored
      ? this.#stored(stored, dims, seed)
      : { parameters: builtInStart(name, dims, seed), message: "" };
  }

  /** @param {string} name */
  note(name) {
    const note = this.functions.get(name)?.note ?? "";
    return note || (name.startsWith("constant") ? "draws nothing: the same for every seed" : "");
  }

  /**
   * @param {StoredFunction} one
   * @param {readonly number[]} dims
   * @param {number | null} seed
   * @returns {Start}
   */
  #stored({ starts, message }, dims, seed) {
    if (message) return { parameters: null, message };
    if (String(dims) !== String(this.storedDims)) {
      const sizes = this.storedDims.join("-");
      return {
        parameters: null,
        message: `This page holds the weights of this function for ${sizes} only: for ${dims.join("-")} open the lab in Python.`,
      };
    }
    const parameters = starts[seed === null ? "own" : String(seed)];
    if (parameters) return { parameters, message: "" };
    const seeds = Object.keys(starts).filter((key) => key !== "own");
    const held = seeds.length
      ? `for the seeds ${seeds[0]} to ${seeds[seeds.length - 1]}`
      : "for the seed that is written in it";
    return {
      parameters: null,
      message: `This page holds the weights of this function ${held} only: for seed ${seed} open the lab in Python.`,
    };
  }
}

/**
 * @param {string} name
 * @param {readonly number[]} dims
 * @param {number | null} seed null: the lab's own
 */
export function builtInStart(name, dims, seed) {
  const scheme = BUILT_IN.find((one) => one.name === name);
  if (!scheme) throw new Error(`no built-in start ${name}`);
  const random = new RandomState([seed ?? NO_SEED, OWN_KEY]);
  const parameters = new Float64Array(parameterCount(dims));
  let place = 0;
  dims.slice(1).forEach((size, layer) => {
    const before = dims[layer];
    for (let weight = 0; weight < size * before; weight += 1) {
      parameters[place] = "value" in scheme ? scheme.value : random.normal() * scheme.scale(before);
      place += 1;
    }
    place += size;
  });
  return parameters;
}

/**
 * Every W, no b, times a number of its layer.
 *
 * @param {Float64Array} parameters
 * @param {readonly number[]} dims
 * @param {(layer: number) => number} factor
 */
export function scaled(parameters, dims, factor) {
  const changed = parameters.slice();
  let place = 0;
  dims.slice(1).forEach((size, layer) => {
    const end = place + size * dims[layer];
    for (; place < end; place += 1) changed[place] *= factor(layer);
    place += size;
  });
  return changed;
}
