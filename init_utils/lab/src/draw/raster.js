// Bytes as a picture of colours.

import { contextOf } from "./surface.js";

/** @typedef {import("./surface.js").Box} Box */

/**
 * A square grid of bytes, painted small and then enlarged.
 *
 * @typedef {object} Grid
 * @property {Uint8Array} cells side * side, rows from the top
 * @property {number} side
 * @property {Uint32Array} pixels by byte
 * @property {boolean} smooth
 * @property {number} [empty] the byte that is left blank
 */

/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, image: ImageData}} Patch */

/** Small canvases, by the side of their grids. @type {Map<number, Patch>} */
const patches = new Map();

/**
 * @param {number} side
 * @returns {Patch}
 */
function patchOf(side) {
  const known = patches.get(side);
  if (known) return known;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = contextOf(canvas, { willReadFrequently: true });
  const patch = { canvas, context, image: context.createImageData(side, side) };
  patches.set(side, patch);
  return patch;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Box} box
 */
export function paintGrid(context, { cells, side, pixels, smooth, empty }, { x, y, width, height }) {
  const patch = patchOf(side);
  const into = new Uint32Array(patch.image.data.buffer);
  for (let place = 0; place < side * side; place += 1) {
    into[place] = cells[place] === empty ? 0 : pixels[cells[place]];
  }
  patch.context.putImageData(patch.image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(patch.canvas, x, y, width, height);
}
