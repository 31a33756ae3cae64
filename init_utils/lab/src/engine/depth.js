// What initial weights do to a signal and to a gradient in a deep network: the counterpart of Python's
// `init_utils/lab/dial.py` and `depth.py`, with random numbers of its own.

import { DEEP, DIAL } from "../shared.js";
import { RandomState } from "./random.js";

/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {{rows: number, columns: number, values: Float64Array}} Matrix row by row */

const EXAMPLES = 60; // enough for curves that a line is wide
const NODES = 400; // of the integrals over a normal number, from -REACH to REACH
const REACH = 10;
/** Mean squares of a weight, times the units below. @type {Record<string, number>} */
const GAINS = { He: 2, Xavier: 1, orthogonal: 1 };

/** @type {Record<string, {at: (z: number) => number, slope: (z: number) => number}>} */
const ACTIVATIONS = {
  relu: { at: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0) },
  tanh: { at: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
};

/**
 * Of each scheme what `ProfilesChart` reads: shares of sizes, and root mean squares, measured and in theory.
 *
 * @param {{depth: number, hidden: string}} dial
 */
export function profilesOf({ depth, hidden }) {
  const parts = DIAL.schemes.flatMap((scheme) => {
    const random = new RandomState(1);
    const inputs = normals(random, DEEP.width, EXAMPLES);
    const errors = normals(random, DEEP.width, EXAMPLES);
    const weights = Array.from({ length: depth }, () => weightsOf(scheme, random));
    const { activations, gradients } = send(weights, hidden, inputs, errors);
    const expected = expectedSizes(GAINS[scheme], hidden, depth);
    return [
      ...activations.map(({ values }) => sharesOf(values)),
      ...gradients.map(({ values }) => sharesOf(values)),
      activations.map(({ values }) => rootMeanSquare(values)),
      gradients.map(({ values }) => rootMeanSquare(values)),
      expected.activations,
      expected.gradients,
    ];
  });
  return new DataView(Float32Array.from(parts.flat()).buffer);
}

/**
 * Per run the sizes of its activations in a network of `DEEP.layers` layers, then the theory's; NaN for a function
 * of a student's, whose weights for these sizes are not in the page.
 *
 * @param {Settings} settings
 * @param {readonly string[]} builtIn names of the runs that are no student's
 */
export function deepCurves({ compare, hidden, gain }, builtIn) {
  const curves = compare.flatMap((name) => {
    const one = builtIn.includes(name) ? DEEP_STARTS[name] : undefined;
    if (!one) return new Array(2 * DEEP.layers).fill(NaN);
    const factor = typeof gain === "number" ? gain : (gain[name] ?? 1);
    const random = new RandomState(2);
    const weights = Array.from({ length: DEEP.layers }, () => {
      const W = normals(random, DEEP.width, DEEP.width);
      for (let at = 0; at < W.values.length; at += 1)
        W.values[at] = factor * (one.isDrawn ? one.scale * W.values[at] : one.scale);
      return W;
    });
    const measured = upwards(weights, hidden, normals(random, DEEP.width, EXAMPLES)).activations;
    const theory = one.isDrawn
      ? expectedSizes((factor * one.scale) ** 2 * DEEP.width, hidden, DEEP.layers).activations
      : new Array(DEEP.layers).fill(NaN); // weights that are not centred: the theory does not cover them
    return [...measured.map(({ values }) => rootMeanSquare(values)), ...theory];
  });
  return new DataView(Float32Array.from(curves).buffer);
}

/** @type {Record<string, {scale: number, isDrawn: boolean}>} */
const DEEP_STARTS = {
  He: { scale: Math.sqrt(2 / DEEP.width), isDrawn: true },
  Xavier: { scale: Math.sqrt(1 / DEEP.width), isDrawn: true },
  "constant 0.5": { scale: 0.5, isDrawn: false },
  "small 0.01": { scale: 0.01, isDrawn: true },
};

/**
 * @param {RandomState} random
 * @param {number} rows
 * @param {number} columns
 * @returns {Matrix}
 */
function normals(random, rows, columns) {
  return { rows, columns, values: random.normals(rows * columns) };
}

/**
 * @param {string} scheme
 * @param {RandomState} random
 */
function weightsOf(scheme, random) {
  const W = normals(random, DEEP.width, DEEP.width);
  if (scheme === "orthogonal") orthogonalise(W);
  else {
    const scale = Math.sqrt(GAINS[scheme] / DEEP.width);
    for (let at = 0; at < W.values.length; at += 1) W.values[at] *= scale;
  }
  return W;
}

/**
 * Make the rows orthogonal and of length 1: Gram and Schmidt's way, twice, for rounding.
 *
 * @param {Matrix} W
 */
function orthogonalise({ rows, columns, values }) {
  const row = (/** @type {number} */ at) => values.subarray(at * columns, (at + 1) * columns);
  for (let here = 0; here < rows; here += 1) {
    const one = row(here);
    for (let before = 0; before < 2 * here; before += 1) {
      const other = row(before % here);
      let dot = 0;
      for (let at = 0; at < columns; at += 1) dot += one[at] * other[at];
      for (let at = 0; at < columns; at += 1) one[at] -= dot * other[at];
    }
    const length = Math.sqrt(columns) * rootMeanSquare(one);
    for (let at = 0; at < columns; at += 1) one[at] /= length;
  }
}

/**
 * @param {Matrix} W
 * @param {Matrix} a
 * @param {boolean} isTurned multiply by W's transpose
 * @returns {Matrix}
 */
function product(W, a, isTurned = false) {
  const { columns: m } = a;
  const rows = isTurned ? W.columns : W.rows;
  const inner = isTurned ? W.rows : W.columns;
  const values = new Float64Array(rows * m);
  for (let row = 0; row < rows; row += 1) {
    const to = row * m;
    for (let at = 0; at < inner; at += 1) {
      const weight = W.values[isTurned ? at * W.columns + row : row * W.columns + at];
      const from = at * m;
      for (let p = 0; p < m; p += 1) values[to + p] += weight * a.values[from + p];
    }
  }
  return { rows, columns: m, values };
}

/**
 * @param {Matrix[]} weights
 * @param {string} hidden
 * @param {Matrix} inputs
 */
function upwards(weights, hidden, inputs) {
  const { at } = ACTIVATIONS[hidden];
  /** @type {Matrix[]} */
  const z = [];
  /** @type {Matrix[]} */
  const activations = [];
  for (const W of weights) {
    const one = product(W, activations[activations.length - 1] ?? inputs);
    z.push(one);
    activations.push({ ...one, values: one.values.map(at) });
  }
  return { z, activations };
}

/**
 * Activations on the way up, gradients on the way down; biases are 0.
 *
 * @param {Matrix[]} weights
 * @param {string} hidden
 * @param {Matrix} inputs
 * @param {Matrix} errors of the last layer
 */
function send(weights, hidden, inputs, errors) {
  const { z, activations } = upwards(weights, hidden, inputs);
  const { slope } = ACTIVATIONS[hidden];
  const gradients = [errors];
  for (let layer = weights.length - 1; layer > 0; layer -= 1) {
    const below = product(weights[layer], gradients[0], true);
    const slopes = z[layer - 1].values;
    for (let at = 0; at < slopes.length; at += 1) below.values[at] *= slope(slopes[at]);
    gradients.unshift(below);
  }
  return { activations, gradients };
}

/**
 * Root mean squares of a_l and dz_l that the theory of wide layers gives.
 *
 * @param {number} gain variance of a weight times the units below
 * @param {string} hidden
 * @param {number} depth
 */
function expectedSizes(gain, hidden, depth) {
  const { at, slope } = ACTIVATIONS[hidden];
  /** @type {number[]} mean squares of z */
  const squares = [];
  /** @type {number[]} */
  const activations = [];
  let below = 1;
  for (let layer = 0; layer < depth; layer += 1) {
    squares.push(gain * below);
    below = meanSquare(at, gain * below);
    activations.push(Math.sqrt(below));
  }
  const gradients = [1];
  for (let layer = depth - 1; layer > 0; layer -= 1)
    gradients.unshift(Math.sqrt(gain * meanSquare(slope, squares[layer - 1])) * gradients[0]);
  return { activations, gradients };
}

/**
 * E[f(z)²] for z normal with mean 0.
 *
 * @param {(z: number) => number} f
 * @param {number} variance
 */
function meanSquare(f, variance) {
  const size = Math.sqrt(variance);
  let [sum, whole] = [0, 0];
  for (let node = 0; node < NODES; node += 1) {
    const z = -REACH + (2 * REACH * (node + 0.5)) / NODES;
    const share = Math.exp((-z * z) / 2);
    sum += share * f(size * z) ** 2;
    whole += share;
  }
  return sum / whole;
}

/** @param {ArrayLike<number>} values */
function rootMeanSquare(values) {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] * values[at];
  return Math.sqrt(sum / values.length);
}

/**
 * The share of exact zeros, then of sizes in `DIAL.bins` columns of a logarithmic axis.
 *
 * @param {Float64Array} values
 */
function sharesOf(values) {
  const counts = new Array(1 + DIAL.bins).fill(0);
  for (const value of values) {
    const place = ((Math.log10(Math.abs(value)) - DIAL.from) / (DIAL.to - DIAL.from)) * DIAL.bins;
    counts[value === 0 ? 0 : 1 + Math.floor(Math.min(DIAL.bins - 1, Math.max(0, place)))] += 1;
  }
  return counts.map((count) => count / values.length);
}
