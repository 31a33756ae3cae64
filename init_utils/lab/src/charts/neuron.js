// One neuron's activation over the plane: white where it is silent, ink where it is largest.

import { SIDE } from "../compute/network.js";
import { contextOf } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {{activations: Float32Array, largest: number}} Neuron `largest` is what full ink means */

/** @type {ImageData | undefined} */
let image;

/**
 * @param {HTMLCanvasElement} canvas SIDE x SIDE
 * @param {Palette} palette
 * @param {Neuron} neuron
 */
export function paintNeuron(canvas, palette, neuron) {
  if (canvas.width !== SIDE) canvas.width = SIDE;
  if (canvas.height !== SIDE) canvas.height = SIDE;
  const context = contextOf(canvas);
  image ??= context.createImageData(SIDE, SIDE);
  inkNeuron(new Uint32Array(image.data.buffer), palette.pixels.strength, neuron);
  context.putImageData(image, 0, 0);
}

/**
 * @param {Uint32Array} into a pixel for each activation
 * @param {Uint32Array} pixels of strengths 0 to 255
 * @param {Neuron} neuron
 */
export function inkNeuron(into, pixels, { activations, largest }) {
  const factor = largest > 0 ? 255 / largest : 0;
  for (let cell = 0; cell < activations.length; cell += 1) {
    const strength = Math.abs(activations[cell]) * factor;
    into[cell] = pixels[strength < 255 ? (strength + 0.5) | 0 : strength >= 255 ? 255 : 0]; // 0: no number
  }
}
