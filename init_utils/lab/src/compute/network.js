// A network's activations and outputs, from its parameters: what the pictures of boundary and neurons show.

import { SATURATED_TANH } from "../shared.js";

export const SIDE = 64; // cells a side of every picture of the plane
const HALF = 0.5;

/**
 * @typedef {object} Layer
 * @property {number} size neurons
 * @property {number} inputs
 * @property {Float32Array} W row by row
 * @property {Float32Array} b
 */

/** @typedef {"relu" | "tanh"} Hidden */

/**
 * @typedef {object} Points
 * @property {number} count
 * @property {Float32Array} x
 * @property {Float32Array} y
 */

/**
 * The layers whose parameters lie one after another.
 *
 * @param {Float32Array} parameters W1 row by row, b1, ..., WL, bL
 * @param {readonly number[]} layersDims
 * @returns {Layer[]}
 */
export function layersOf(parameters, layersDims) {
  let place = 0;
  return layersDims.slice(1).map((size, layer) => {
    const inputs = layersDims[layer];
    const W = parameters.subarray(place, place + size * inputs);
    const b = parameters.subarray(place + size * inputs, place + size * (inputs + 1));
    place += size * (inputs + 1);
    return { size, inputs, W, b };
  });
}

/**
 * The centres of SIDE x SIDE cells, rows from the top.
 *
 * @param {readonly number[]} bounds left, right, bottom, top
 * @returns {Points}
 */
export function planeOf([left, right, bottom, top]) {
  const x = new Float32Array(SIDE * SIDE);
  const y = new Float32Array(SIDE * SIDE);
  for (let cell = 0; cell < SIDE * SIDE; cell += 1) {
    x[cell] = left + ((right - left) * ((cell % SIDE) + HALF)) / SIDE;
    y[cell] = top - ((top - bottom) * (Math.floor(cell / SIDE) + HALF)) / SIDE;
  }
  return { count: SIDE * SIDE, x, y };
}

/**
 * The activations of every layer, neuron by neuron; those of the last are probabilities of class 1.
 *
 * @param {Layer[]} layers
 * @param {Hidden} hidden
 * @param {Points} points
 * @param {Float32Array[][]} [into] activations of another moment of the same network, which are written over
 * @returns {Float32Array[][]} per layer, per neuron, per point
 */
export function activationsOf(layers, hidden, points, into) {
  let below = [points.x, points.y];
  return layers.map((layer, index) => {
    const isLast = index === layers.length - 1;
    below = Array.from({ length: layer.size }, (_, neuron) => {
      const a = into ? into[index][neuron] : new Float32Array(points.count);
      a.fill(layer.b[neuron]);
      addProducts(a, layer.W.subarray(neuron * layer.inputs, (neuron + 1) * layer.inputs), below);
      activate(a, isLast ? "sigmoid" : hidden);
      return a;
    });
    return below;
  });
}

/**
 * Add weighted inputs, each sum rounded to float32: two inputs at once, which halves the reads and writes.
 *
 * @param {Float32Array} sums
 * @param {Float32Array} weights of one neuron
 * @param {Float32Array[]} inputs
 */
function addProducts(sums, weights, inputs) {
  const even = weights.length - (weights.length % 2);
  for (let input = 0; input < even; input += 2) {
    const [first, second] = [weights[input], weights[input + 1]];
    const [one, other] = [inputs[input], inputs[input + 1]];
    for (let point = 0; point < sums.length; point += 1) {
      sums[point] = Math.fround(sums[point] + first * one[point]) + second * other[point];
    }
  }
  if (even === weights.length) return;
  const [weight, from] = [weights[even], inputs[even]];
  for (let point = 0; point < sums.length; point += 1) sums[point] += weight * from[point];
}

/**
 * @param {Float32Array} z replaced by the activations
 * @param {Hidden | "sigmoid"} kind
 */
function activate(z, kind) {
  if (kind === "relu") {
    for (let point = 0; point < z.length; point += 1) if (z[point] < 0) z[point] = 0;
  } else if (kind === "tanh") {
    for (let point = 0; point < z.length; point += 1) z[point] = Math.tanh(z[point]);
  } else {
    for (let point = 0; point < z.length; point += 1) z[point] = 1 / (1 + Math.exp(-z[point]));
  }
}

/**
 * The largest |a|; NaN if one is no number.
 *
 * @param {Float32Array} activations
 */
export function largestOf(activations) {
  let largest = 0;
  for (let point = 0; point < activations.length; point += 1) {
    const size = Math.abs(activations[point]);
    if (size > largest) largest = size;
    else if (Number.isNaN(size)) return Number.NaN;
  }
  return largest;
}

/**
 * Probabilities as bytes: 0 is class 0 for certain, 255 class 1; one half where there is no number.
 *
 * @param {Float32Array} outputs
 */
export function bytesOf(outputs) {
  const bytes = new Uint8Array(outputs.length);
  for (let point = 0; point < outputs.length; point += 1) {
    const value = outputs[point];
    bytes[point] = Math.round((Number.isNaN(value) ? HALF : value) * 255);
  }
  return bytes;
}

/**
 * Whether a neuron passes a point on: what it does not pass on leaves (almost) no gradient.
 *
 * @param {number} a
 * @param {Hidden} hidden
 */
export function passesOn(a, hidden) {
  return hidden === "relu" ? a > 0 : Math.abs(a) <= SATURATED_TANH;
}

/**
 * What a neuron does with the training points.
 *
 * @param {Float32Array} a its activations on them
 * @param {Hidden} hidden
 */
export function neuronFacts(a, hidden) {
  let passed = 0;
  for (let point = 0; point < a.length; point += 1) if (passesOn(a[point], hidden)) passed += 1;
  return { share: a.length ? passed / a.length : 0, largest: largestOf(a), isSilent: passed === 0 };
}

/**
 * The points that reach no neuron of some hidden layer.
 *
 * @param {Float32Array[][]} hiddenActivations on the points
 * @param {Hidden} hidden
 * @returns {number[]} their places, ascending
 */
export function unreachedPoints(hiddenActivations, hidden) {
  const unreached = new Set();
  for (const layer of hiddenActivations) {
    for (let point = 0; point < layer[0].length; point += 1) {
      let neuron = 0;
      while (neuron < layer.length && !passesOn(layer[neuron][point], hidden)) neuron += 1;
      if (neuron === layer.length) unreached.add(point);
    }
  }
  return [...unreached].sort((one, other) => one - other);
}

/**
 * Shares of values from 0 to 1 in columns of equal width.
 *
 * @param {Float32Array} values
 * @param {number} columns
 */
export function histogram(values, columns) {
  const shares = new Array(columns).fill(0);
  for (const value of values) {
    const known = Number.isNaN(value) ? HALF : value;
    shares[Math.min(columns - 1, Math.floor(known * columns))] += 1 / values.length;
  }
  return shares;
}

/**
 * Cosine between the incoming weights of each two neurons, NaN where a neuron has no weights but zeros.
 *
 * @param {Layer} layer
 * @returns {number[]} size * size, row by row
 */
export function similarity({ W, size, inputs }) {
  const rows = Array.from({ length: size }, (_, neuron) => {
    const row = [...W.subarray(neuron * inputs, (neuron + 1) * inputs)];
    const largest = Math.max(...row.map(Math.abs));
    const scaled = row.map((weight) => weight / largest);
    const length = Math.hypot(...scaled);
    return scaled.map((weight) => weight / length);
  });
  return rows.flatMap((one) =>
    rows.map((other) => one.reduce((sum, value, at) => sum + value * other[at], 0)),
  );
}
