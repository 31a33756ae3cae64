// The colours in force: those of the style sheet, which follow JupyterLab's theme, and those of the schemes.

import { CLASSES, REPEAT_DASHES, SCHEMES } from "../shared.js";

/** @typedef {[number, number, number]} Colour red, green, blue: 0 to 255 */
/** @typedef {(typeof SCHEMES)[number]["mark"]} Mark */
/** @typedef {{colour: string, mark: Mark, dash: readonly number[]}} Look how a run is drawn */

/**
 * @typedef {object} Palette
 * @property {string} ink
 * @property {string} paper
 * @property {string} muted
 * @property {string} grid
 * @property {string} halo
 * @property {string[]} classes of the points
 * @property {Colour[]} field of outputs 0 to 255
 * @property {Colour[]} strength of activations 0 to 255
 * @property {{field: Uint32Array, strength: Uint32Array, likeness: Uint32Array}} pixels the same, and of
 *   similarities 0 to 254, as an ImageData holds them
 * @property {string} font
 */

/**
 * @param {Element} root
 * @param {{dark: boolean}} theme
 * @returns {Palette | null} null while the root is not on the page
 */
export function readPalette(root, { dark }) {
  const style = getComputedStyle(root);
  const [first, second] = CLASSES.map((one) => ({
    colour: dark ? one.dark_colour : one.colour,
    region: dark ? one.dark_region : one.region,
  }));
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(`--il-${name}`).trim();
  if (!read("muted")) return null;
  const field = ramp([first.region, read("field-middle"), second.region]);
  const strength = ramp(["strength-0", "strength-middle", "strength-1"].map(read));
  const likeness = ramp(["opposite", "unlike", "same"].map(read));
  return {
    ink: style.color,
    paper: style.backgroundColor,
    muted: read("muted"),
    grid: read("grid"),
    halo: read("halo"),
    classes: [first.colour, second.colour],
    field,
    strength,
    pixels: { field: pixelsOf(field), strength: pixelsOf(strength), likeness: pixelsOf(likeness) },
    font: style.fontFamily,
  };
}

/**
 * 256 colours along three stops.
 *
 * @param {string[]} stops `#rrggbb`
 * @returns {Colour[]}
 */
export function ramp(stops) {
  const parsed = stops.map((hex) =>
    [1, 3, 5].map((place) => Number.parseInt(hex.slice(place, place + 2), 16)),
  );
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * 2;
    const stop = Math.min(1, Math.floor(place));
    const [from, to] = [parsed[stop], parsed[stop + 1]];
    /** @param {number} part */
    const mixed = (part) => from[part] + (to[part] - from[part]) * (place - stop);
    return [mixed(0), mixed(1), mixed(2)];
  });
}

/**
 * Colours as an ImageData holds them, opaque.
 *
 * @param {Colour[]} colours
 */
export function pixelsOf(colours) {
  const bytes = new Uint8ClampedArray(4 * colours.length).fill(255);
  colours.forEach((colour, index) => {
    bytes.set(colour, 4 * index);
  });
  return new Uint32Array(bytes.buffer);
}

/**
 * Whether a colour of the page is a dark one.
 *
 * @param {string} colour `rgb(...)`
 */
export function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? ["255", "255", "255"]).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}

/**
 * How a run is drawn, by its identity.
 *
 * @param {{scheme: string, repeat: number}} identity
 * @param {{dark: boolean}} theme
 * @returns {Look}
 */
export function lookOf({ scheme, repeat }, { dark }) {
  const row = SCHEMES.find((one) => one.name === scheme) ?? SCHEMES[SCHEMES.length - 1];
  const dash = repeat ? REPEAT_DASHES[(repeat - 1) % REPEAT_DASHES.length] : row.dash;
  return { colour: dark ? row.dark_colour : row.colour, mark: row.mark, dash };
}
