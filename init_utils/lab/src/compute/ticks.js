// Axes: their range, their round values, and the place of a value on them.

/** @typedef {readonly [number, number]} Range */

/**
 * Round values inside a range on a logarithmic axis: decades, with 2 and 5 between when there are few.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function logTicks(low, high, most) {
  const ticks = [];
  const decades = Math.log10(high / low);
  const factors = decades <= 1.2 ? [1, 2, 5] : decades <= 2.2 && most > 5 ? [1, 3] : [1];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  const every = Math.max(1, Math.ceil(ticks.length / most));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % every === 0);
}

/**
 * Round values from 0 to `high` on a linear axis.
 *
 * @param {number} high
 * @param {number} most
 */
export function linearTicks(high, most) {
  const raw = high / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step =
    [1, 2, 5].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999) ?? 10 * power;
  const ticks = [];
  for (let value = 0; value <= high * 1.0001; value += step) ticks.push(value);
  return ticks;
}

/**
 * The next of 1, 2, 5, 10, ... outwards: an axis that does not tremble while costs fall.
 *
 * @param {number} value positive
 * @param {"down" | "up"} direction
 */
export function snapped(value, direction) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const factor = value / 10 ** power;
  const step =
    direction === "down"
      ? [5, 2, 1].find((candidate) => candidate <= factor * 1.0001)
      : [1, 2, 5, 10].find((candidate) => candidate >= factor * 0.9999);
  return (step ?? 1) * 10 ** power;
}

/**
 * Range of a logarithmic axis around all positive finite values, at least a factor of 5.
 *
 * @param {Iterable<Iterable<number>>} curves
 * @param {{floor?: number, ceiling?: number}} limits
 * @returns {Range}
 */
export function logRange(curves, { floor = 1e-12, ceiling = 1e12 } = {}) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const values of curves) {
    for (const value of values) {
      if (value > 0 && Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (high === 0) return [0.1, 1];
  low = Math.max(low, floor);
  high = Math.min(Math.max(high, low), ceiling);
  if (high / low < 5) [low, high] = [low / 2, high * 2];
  return [snapped(low, "down"), snapped(high, "up")];
}

/**
 * Where a positive value lies in a logarithmic range: 0 at its low end, 1 at its high end.
 *
 * @param {number} value
 * @param {Range} range
 */
export function logShare(value, [low, high]) {
  return Math.log(value / low) / Math.log(high / low);
}
