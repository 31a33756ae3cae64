// One neuron's activation over the plane: white where it is silent, ink where it is largest.

import { SIDE } from "../compute/network.js";
import { contextOf } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */

/** @type {ImageData | undefined} */
let image;

/**
 * @param {HTMLCanvasElement} canvas SIDE x SIDE
 * @param {Palette} palette
 * @param {{activations: Float32Array, largest: number}} neuron `largest` is what full ink means
 */
export function paintNeuron(canvas, palette, { activations, largest }) {
  if (canvas.width !== SIDE) canvas.width = SIDE;
  if (canvas.height !== SIDE) canvas.height = SIDE;
  const context = contextOf(canvas);
  image ??= context.createImageData(SIDE, SIDE);
  const { data } = image;
  const factor = largest > 0 ? 255 / largest : 0;
  for (let cell = 0; cell < activations.length; cell += 1) {
    const [red, green, blue] =
      palette.strength[Math.min(255, Math.round(Math.abs(activations[cell]) * factor)) || 0];
    data[4 * cell] = red;
    data[4 * cell + 1] = green;
    data[4 * cell + 2] = blue;
    data[4 * cell + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
