// Where a neuron of the first layer begins.

/** @typedef {[number, number]} Point */

/**
 * Two ends of the line w x + b = 0, in shares of a picture's width and height from its upper left corner, outside
 * the picture; null if there is none.
 *
 * @param {readonly number[]} weights two
 * @param {number} bias
 * @param {readonly number[]} bounds left, right, bottom, top
 * @returns {[Point, Point] | null}
 */
export function lineAcross([first, second], bias, [left, right, bottom, top]) {
  const length = Math.hypot(first, second);
  if (!(length > 0) || !Number.isFinite(length + bias)) return null;
  const [x, y] = [(-bias * first) / length / length, (-bias * second) / length / length];
  const reach = Math.hypot(x, y) + Math.hypot(left, right, bottom, top);
  /** @param {number} sign @returns {Point} */
  const end = (sign) => [
    (x - (sign * reach * second) / length - left) / (right - left),
    (top - (y + (sign * reach * first) / length)) / (top - bottom),
  ];
  return [end(-1), end(1)];
}
