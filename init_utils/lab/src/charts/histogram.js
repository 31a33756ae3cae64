// Shares of the training examples by the network's output, 0 to 1.

import { histogram } from "../compute/network.js";
import { Surface, strokeLine } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/evaluation.js").Evaluation} Evaluation */
/** @typedef {[CanvasTextAlign, number, number][]} Ticks alignment, value, place */

const BINS = 20;

export class HistogramChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-histogram", redraw);
  }

  /**
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   */
  draw(palette, evaluation) {
    const context = this.surface.begin(palette, { fontSize: 12 });
    if (!context) return;
    const { width, height } = this.surface;
    const [left, right, top, bottom] = [6, width - 6, 6, height - 18];
    const shares = histogram(evaluation.outputs, BINS);
    const most = Math.max(...shares) || 1;
    const step = (right - left) / BINS;
    shares.forEach((share, bin) => {
      const colour = palette.field[Math.round((bin / (BINS - 1)) * 255)];
      const tall = share ? Math.max(1.5, (share / most) * (bottom - top)) : 0;
      context.fillStyle = `rgb(${colour.map(Math.round).join(",")})`;
      context.fillRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
      context.strokeStyle = palette.muted;
      context.lineWidth = 0.7;
      if (tall) context.strokeRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
    });
    context.strokeStyle = palette.muted;
    strokeLine(context, [left, bottom + 0.5], [right, bottom + 0.5]);
    context.fillStyle = palette.muted;
    /** @type {Ticks} */
    const ticks = [
      ["left", 0, left],
      ["center", 0.5, (left + right) / 2],
      ["right", 1, right],
    ];
    for (const [align, value, x] of ticks) {
      context.textAlign = align;
      context.fillText(String(value), x, bottom + 10);
    }
  }
}
