// Cosines between the weights of each two neurons, one matrix per hidden layer, and the rank of each W.

import { similarity } from "../compute/network.js";
import { paintGrid } from "../draw/raster.js";
import { Surface, strokeLine } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */

const GAP = 12;
const NO_DIRECTION = 255;

export class SimilarityChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-similarity", redraw);
  }

  /**
   * @param {Palette} palette
   * @param {Frame} frame
   */
  draw(palette, frame) {
    const context = this.surface.begin(palette, { fontSize: 12 });
    if (!context) return;
    const { width, height } = this.surface;
    const { hiddenSizes, layersDims } = frame.layout;
    const { layers, ranks } = frame;
    context.fillStyle = palette.muted;
    context.textAlign = "left";
    if (!hiddenSizes.length) {
      context.fillText(`no hidden layer; W1 rank ${ranks[0]}`, 4, height / 2);
      return;
    }
    const side = Math.max(12, Math.min(height - 20, (width - GAP * hiddenSizes.length) / hiddenSizes.length));
    hiddenSizes.forEach((size, layer) => {
      const x = layer * (side + GAP) + 1;
      const cells = likenessBytes(similarity(layers[layer]));
      const grid = { cells, side: size, pixels: palette.pixels.likeness, smooth: false, empty: NO_DIRECTION };
      paintGrid(context, grid, { x, y: 1, width: side, height: side });
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      context.strokeRect(x - 0.5, 0.5, side + 1, side + 1);
      if (cells.every((value) => value === NO_DIRECTION)) hatch(context, palette, { x, y: 1, side });
      const full = Math.min(size, layersDims[layer]);
      context.fillStyle = palette.ink;
      const text = side > 62 ? `W${layer + 1} rank ${ranks[layer]} of ${full}` : `${ranks[layer]}/${full}`;
      context.fillText(text, x, side + 12);
    });
  }
}

/**
 * Cosines as bytes: 0 opposite, 127 right angle, 254 same direction.
 *
 * @param {number[]} cosines NaN where a neuron has no direction
 */
function likenessBytes(cosines) {
  return Uint8Array.from(cosines, (value) =>
    Number.isNaN(value) ? NO_DIRECTION : Math.round((value + 1) * 127),
  );
}

/**
 * Nothing to compare: all weights of the layer are zero.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {{x: number, y: number, side: number}} square
 */
function hatch(context, palette, { x, y, side }) {
  context.save();
  context.beginPath();
  context.rect(x, y, side, side);
  context.clip();
  context.strokeStyle = palette.grid;
  for (let start = -side; start < side; start += 7)
    strokeLine(context, [x + start, y + side], [x + start + side, y]);
  context.restore();
}
