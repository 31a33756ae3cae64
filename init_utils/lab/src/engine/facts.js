// What can be said of a network at one moment from its points: the counterpart of Python's
// `init_utils/lab/facts.py`.

import { passesOn } from "../compute/network.js";
import { normOf } from "../engine.js";
import { ALIKE, CONFIDENT } from "../shared.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */

/**
 * @typedef {object} LayerFacts of a hidden layer on the training points
 * @property {number} size neurons
 * @property {number} silent neurons that pass no point on
 * @property {number} unreached share of the points that no neuron passes on
 * @property {number} unreached_wrong share of the unreached points that get the wrong answer; 0 if there are none
 * @property {boolean} alike whether several neurons all give the same activation for every point
 */

/**
 * @param {Float64Array} a neuron by neuron
 * @param {boolean[]} wrong which points get the wrong answer
 * @param {Hidden} hidden
 * @returns {LayerFacts}
 */
export function layerFacts(a, wrong, hidden) {
  const m = wrong.length;
  const size = a.length / m;
  const isReached = new Array(m).fill(false);
  let silent = 0;
  let largest = 0;
  for (let neuron = 0; neuron < size; neuron += 1) {
    let isSilent = true;
    for (let point = 0; point < m; point += 1) {
      const value = a[neuron * m + point];
      largest = Math.max(largest, Math.abs(value));
      if (!passesOn(value, hidden)) continue;
      isSilent = false;
      isReached[point] = true;
    }
    if (isSilent) silent += 1;
  }
  const unreached = wrong.filter((_, point) => !isReached[point]);
  return {
    size,
    silent,
    unreached: unreached.length / m,
    unreached_wrong: shareOf(unreached),
    alike: size > 1 && spreadOf(a, m) <= ALIKE * largest,
  };
}

/**
 * The largest difference between two neurons at one point.
 *
 * @param {Float64Array} a
 * @param {number} m points
 */
function spreadOf(a, m) {
  let spread = 0;
  for (let point = 0; point < m; point += 1) {
    let [low, high] = [Infinity, -Infinity];
    for (let place = point; place < a.length; place += m) {
      low = Math.min(low, a[place]);
      high = Math.max(high, a[place]);
    }
    spread = Math.max(spread, high - low);
  }
  return spread;
}

/**
 * Which points are on the wrong side of 0.5.
 *
 * @param {Float64Array} outputs
 * @param {Float64Array} Y
 */
export function wrongAnswers(outputs, Y) {
  return Array.from(outputs, (output, point) => output > 0.5 !== Y[point] > 0.5);
}

/** @param {boolean[]} flags */
function shareOf(flags) {
  return flags.length ? flags.filter(Boolean).length / flags.length : 0;
}

/** @param {boolean[]} wrong */
export function accuracyOf(wrong) {
  return 1 - shareOf(wrong);
}

/**
 * Share of the points whose class gets a probability below 1 - CONFIDENT.
 *
 * @param {Float64Array} outputs
 * @param {boolean[]} wrong
 */
export function confidentWrongShare(outputs, wrong) {
  return shareOf(
    wrong.map((isWrong, point) => isWrong && Math.max(outputs[point], 1 - outputs[point]) > CONFIDENT),
  );
}

/**
 * Share of right answers in the class that has the smaller one.
 *
 * @param {boolean[]} wrong
 * @param {Float64Array} Y
 */
export function worstClassAccuracy(wrong, Y) {
  const classes = [0, 1].map((label) => wrong.filter((_, point) => Y[point] === label));
  return Math.min(...classes.filter((one) => one.length).map(accuracyOf));
}

/**
 * Size of W - `before` against the size of `before`; Infinity where that was 0 and W is not.
 *
 * @param {Float64Array} W
 * @param {Float64Array} before
 */
export function relativeChange(W, before) {
  const moved = normOf(W.map((value, place) => value - before[place]));
  return moved === 0 ? 0 : moved / normOf(before);
}

/**
 * Rank of a matrix, by NumPy's tolerance; its singular values by one-sided Jacobi rotations.
 *
 * @param {ArrayLike<number>} W row by row
 * @param {number} rows
 * @param {number} columns
 */
export function rankOf(W, rows, columns) {
  // The vectors that are turned: the shorter side's, each as long as the longer side.
  const isWide = columns > rows;
  const [count, length] = isWide ? [rows, columns] : [columns, rows];
  const largest = Math.max(0, ...Array.from(W, Math.abs));
  if (largest === 0) return 0;
  const vectors = Array.from({ length: count }, (_, one) =>
    Float64Array.from(
      { length },
      (_unused, at) => (isWide ? W[one * columns + at] : W[at * columns + one]) / largest,
    ),
  );
  for (let isTurned = true, sweep = 0; isTurned && sweep < SWEEPS; sweep += 1) {
    isTurned = false;
    for (let one = 0; one < count; one += 1)
      for (let other = one + 1; other < count; other += 1)
        if (turn(vectors[one], vectors[other])) isTurned = true;
  }
  const sizes = vectors.map(normOf);
  const tolerance = Math.max(...sizes) * Math.max(rows, columns) * Number.EPSILON;
  return sizes.filter((size) => size > tolerance).length;
}

const SWEEPS = 30; // about ten are enough for 64 vectors

/**
 * Turn two vectors in their plane until they are orthogonal.
 *
 * @param {Float64Array} one
 * @param {Float64Array} other
 * @returns {boolean} whether they were not
 */
function turn(one, other) {
  let [p, q, both] = [0, 0, 0];
  for (let at = 0; at < one.length; at += 1) {
    p += one[at] * one[at];
    q += other[at] * other[at];
    both += one[at] * other[at];
  }
  if (both === 0 || Math.abs(both) <= Number.EPSILON * Math.sqrt(p * q)) return false;
  const zeta = (q - p) / (2 * both);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  for (let at = 0; at < one.length; at += 1) {
    const [x, y] = [one[at], other[at]];
    one[at] = cosine * (x - tangent * y);
    other[at] = cosine * (tangent * x + y);
  }
  return true;
}
