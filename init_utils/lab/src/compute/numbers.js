// Numbers as text.

/** @type {Record<string, string>} */
const SUPERSCRIPTS = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

// Made once: each call of toLocaleString makes another.
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FRACTION = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });

/**
 * A tick's label: plain between 0.001 and 10,000, a power of ten outside; on a wide axis powers but for 1, 10, 100.
 *
 * @param {number} value
 * @param {{wide?: boolean}} options
 */
export function tickLabel(value, { wide = false } = {}) {
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (wide ? power >= 0 && power <= 2 : power >= -3 && power <= 4) {
    return FRACTION.format(value);
  }
  const factor = value / 10 ** power;
  const exponent = [...String(power)].map((digit) => SUPERSCRIPTS[digit]).join("");
  return `${Math.abs(factor - 1) < 1e-6 ? "" : `${Math.round(factor)}·`}10${exponent}`;
}

/**
 * A measured value in three significant digits.
 *
 * @param {number | null} value
 */
export function figure(value) {
  if (value === null || !Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return whole(value);
  if (size < 0.001) return value.toExponential(1).replace("e", "·10^");
  return value.toPrecision(3);
}

/**
 * A share in per cent; only 0 is "0 %", and only the whole is "100 %".
 *
 * @param {number | null | undefined} share
 * @param {{decimals?: number}} options
 */
export function percent(share, { decimals = 0 } = {}) {
  if (typeof share !== "number" || !Number.isFinite(share)) return "–";
  if (share === 0 || share === 1) return `${share * 100} %`;
  const step = 10 ** -decimals;
  const shown = Math.max(step, share * 100);
  return `${(share < 1 ? Math.min(100 - step, shown) : shown).toFixed(decimals)} %`;
}

/** @param {number | null | undefined} share of right answers */
export function accuracy(share) {
  return percent(share, { decimals: 1 });
}

/**
 * A number with its sign, a true minus.
 *
 * @param {number} value
 */
export function signed(value) {
  const text = figure(Math.abs(value));
  if (value === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** @param {number} value */
export function whole(value) {
  return WHOLE.format(Math.round(value));
}

/** @param {string} text */
export function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {readonly number[]} values not empty */
export function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
