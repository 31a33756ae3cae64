// Bytes as a picture of colours.

import { contextOf } from "./surface.js";

/** @typedef {import("./palette.js").Colour} Colour */
/** @typedef {import("./surface.js").Box} Box */

/**
 * A square grid of bytes, painted small and then enlarged.
 *
 * @typedef {object} Grid
 * @property {Uint8Array} cells side * side, rows from the top
 * @property {number} side
 * @property {Colour[]} colours by byte
 * @property {boolean} smooth
 * @property {number} [empty] the byte that is left blank
 */

/** @type {HTMLCanvasElement | undefined} */
let patch;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Box} box
 */
export function paintGrid(context, { cells, side, colours, smooth, empty }, { x, y, width, height }) {
  patch ??= document.createElement("canvas");
  patch.width = side;
  patch.height = side;
  const small = contextOf(patch, { willReadFrequently: true });
  const image = small.createImageData(side, side);
  for (let place = 0; place < side * side; place += 1) {
    if (cells[place] === empty) continue;
    const [red, green, blue] = colours[cells[place]];
    image.data[4 * place] = red;
    image.data[4 * place + 1] = green;
    image.data[4 * place + 2] = blue;
    image.data[4 * place + 3] = 255;
  }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(patch, x, y, width, height);
}
