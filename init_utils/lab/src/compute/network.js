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
 * @returns {Float32Array[][]} per layer, per neuron, per point
 */
export function activationsOf(layers, hidden, points) {
  let below = [points.x, points.y];
  return layers.map((layer, index) => {
    const isLast = index === layers.length - 1;
    below = Array.from({ length: layer.size }, (_, neuron) => {
      const a = new Float32Array(points.count).fill(layer.b[neuron]);
      for (let input = 0; input < layer.inputs; input += 1) {
        const weight = layer.W[neuron * layer.inputs + input];
        const from = below[input];
        for (let point = 0; point < points.count; point += 1) a[point] += weight * from[point];
      }
      activate(a, isLast ? "sigmoid" : hidden);
      return a;
    });
    return below;
  });
}

/**
 * @param {Float32Array} z replaced by the activations
 * @param {Hidden | "sigmoid"} kind
 */
function activate(z, kind) {
  for (let point = 0; point < z.length; point += 1) {
    if (kind === "relu") z[point] = Math.max(0, z[point]);
    else z[point] = kind === "tanh" ? Math.tanh(z[point]) : 1 / (1 + Math.exp(-z[point]));
  }
}

/**
 * Probabilities as bytes: 0 is class 0 for certain, 255 class 1; one half where there is no number.
 *
 * @param {Float32Array} outputs
 */
export function bytesOf(outputs) {
  return Uint8Array.from(outputs, (value) => Math.round((Number.isNaN(value) ? HALF : value) * 255));
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
  let [passed, largest] = [0, 0];
  for (const value of a) {
    if (passesOn(value, hidden)) passed += 1;
    largest = Math.max(largest, Math.abs(value));
  }
  return { share: a.length ? passed / a.length : 0, largest, isSilent: passed === 0 };
}

/**
 * The points that reach no neuron of some hidden layer.
 *
 * @param {Float32Array[][]} hiddenActivations on the points
 * @param {Hidden} hidden
 * @returns {number[]} their places, ascending
 */
export function unreachedPoints(hiddenActivations, hidden) {
  const count = hiddenActivations[0]?.[0].length ?? 0;
  return Array.from({ length: count }, (_, point) => point).filter((point) =>
    hiddenActivations.some((layer) => layer.every((a) => !passesOn(a[point], hidden))),
  );
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
