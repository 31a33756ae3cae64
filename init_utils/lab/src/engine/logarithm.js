// The natural logarithm to the last place. `Math.log` may be one place off, and another one in another browser:
// normal numbers drawn with it would be as well.

const LN2_HIGH = 0.6931471803691238; // its last 20 bits are 0, so that a small multiple is exact
const LN2_LOW = 1.9082149292705877e-10;
const SPLIT = 134217729; // 2**27 + 1
const TERMS = 14;

/** @param {number} x positive, not subnormal */
export function logarithm(x) {
  let power = Math.floor(Math.log2(x));
  let m = x / 2 ** power;
  while (m > Math.SQRT2) [m, power] = [m / 2, power + 1];
  while (m < Math.SQRT1_2) [m, power] = [m * 2, power - 1];
  // log m = 2 (s + s³/3 + s⁵/5 + ...) with s = (m - 1) / (m + 1), here as a sum of two numbers.
  const below = m - 1;
  const [above, missing] = exactSum(m, 1);
  const s = below / above;
  const [product, error] = exactProduct(s, above);
  const rest = (below - product - error - s * missing) / above;
  const square = s * s;
  let series = 0;
  for (let term = TERMS; term >= 1; term -= 1) series = (series + 1 / (2 * term + 1)) * square;
  const low = 2 * rest + 2 * s * series;
  const [high, carried] = exactSum(power * LN2_HIGH, 2 * s);
  return high + (carried + low + power * LN2_LOW);
}

/**
 * A product, and what its rounding lost (Dekker 1971).
 *
 * @param {number} x
 * @param {number} y
 */
function exactProduct(x, y) {
  const product = x * y;
  const [x1, y1] = [upperHalf(x), upperHalf(y)];
  const [x2, y2] = [x - x1, y - y1];
  return [product, x1 * y1 - product + x1 * y2 + x2 * y1 + x2 * y2];
}

/** @param {number} x */
function upperHalf(x) {
  const large = SPLIT * x;
  return large - (large - x);
}

/**
 * A sum, and what its rounding lost (Knuth).
 *
 * @param {number} x
 * @param {number} y
 */
function exactSum(x, y) {
  const sum = x + y;
  const part = sum - x;
  return [sum, x - (sum - part) + (y - part)];
}
