// The lab's data sets, drawn here: Python's (`init_utils/datasets.py`), up to rounding.

import { RandomState } from "./random.js";

/** @typedef {import("../engine.js").Examples} Examples */

const INNER = 0.8; // radius of the inner circle
const TURNS = 1.5; // of a spiral

/**
 * Points one after another, x and y of each, without noise; their labels.
 *
 * @typedef {{points: Float64Array, labels: number[]}} Drawn
 */

/** @type {Record<string, (count: number, random: RandomState) => Drawn>} */
const SHAPES = { circles, moons, xor, spirals, blobs };

/**
 * Training points from a seed, test points from the next one.
 *
 * @param {{dataset: string, noise: number, points: number, data_seed: number}} settings
 */
export function makeData({ dataset, noise, points, data_seed: seed }) {
  return {
    train: draw(dataset, { count: points, noise, seed }),
    test: draw(dataset, { count: Math.max(20, Math.floor(points / 3)), noise, seed: seed + 1 }),
  };
}

/**
 * @param {string} dataset
 * @param {{count: number, noise: number, seed: number}} options
 * @returns {Examples}
 */
function draw(dataset, { count, noise, seed }) {
  const random = new RandomState(seed);
  const { points, labels } = SHAPES[dataset](count, random);
  const X = new Float64Array(2 * count);
  for (let point = 0; point < count; point += 1) {
    X[point] = points[2 * point] + noise * random.normal();
    X[count + point] = points[2 * point + 1] + noise * random.normal();
  }
  return { count, X, Y: Float64Array.from(labels) };
}

/**
 * As scikit-learn's `make_circles`: points at equal distances, shuffled.
 *
 * @param {number} count
 * @param {RandomState} random
 * @returns {Drawn}
 */
function circles(count, random) {
  const outer = Math.floor(count / 2);
  const order = random.permutation(count);
  const points = new Float64Array(2 * count);
  order.forEach((from, to) => {
    const isOuter = from < outer;
    const step = (2 * Math.PI) / (isOuter ? outer : count - outer);
    const angle = (isOuter ? from : from - outer) * step;
    const radius = isOuter ? 1 : INNER;
    points[2 * to] = Math.cos(angle) * radius;
    points[2 * to + 1] = Math.sin(angle) * radius;
  });
  return { points, labels: order.map((from) => (from < outer ? 0 : 1)) };
}

/**
 * @param {number} count
 * @param {RandomState} random
 */
function moons(count, random) {
  return placed(count, random, (label) => {
    const angle = Math.PI * random.uniform();
    const [x, y] = label ? [1 - Math.cos(angle), 0.5 - Math.sin(angle)] : [Math.cos(angle), Math.sin(angle)];
    return [(x - 0.5) / 1.25, (y - 0.25) / 1.25];
  });
}

/**
 * Same signs: class 0; opposite signs: class 1.
 *
 * @param {number} count
 * @param {RandomState} random
 */
function xor(count, random) {
  const size = () => 0.05 + 0.95 * random.uniform();
  return placed(count, random, (label) => {
    const sign = random.uniform() < 0.5 ? -1 : 1;
    return [sign * size(), sign * size() * (label ? -1 : 1)];
  });
}

/**
 * @param {number} count
 * @param {RandomState} random
 */
function spirals(count, random) {
  return placed(count, random, (label) => {
    const along = Math.sqrt(0.01 + 0.99 * random.uniform());
    const angle = TURNS * 2 * Math.PI * along + Math.PI * label;
    return [along * Math.cos(angle), along * Math.sin(angle)];
  });
}

/**
 * @param {number} count
 * @param {RandomState} random
 */
function blobs(count, random) {
  return placed(count, random, (label) => {
    const centre = label ? 0.5 : -0.5;
    return [centre + 0.2 * random.normal(), centre + 0.2 * random.normal()];
  });
}

/**
 * As many points of each class, one more of class 0 if odd, in random order.
 *
 * @param {number} count
 * @param {RandomState} random
 * @param {(label: number) => number[]} place
 * @returns {Drawn}
 */
function placed(count, random, place) {
  const labels = random.permutation(count).map((at) => at % 2);
  return { points: Float64Array.from(labels.flatMap(place)), labels };
}
