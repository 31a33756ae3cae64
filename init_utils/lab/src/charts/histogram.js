// Shares of the training examples by the network's output, 0 to 1.

import { Surface, strokeLine } from "../draw/surface.js";
import { FRAME } from "../shared.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */
/** @typedef {[CanvasTextAlign, number, number][]} Ticks alignment, value, place */

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
   * @param {Frame} frame
   */
  draw(palette, frame) {
    const context = this.surface.begin(palette, { fontSize: 10 });
    if (!context) return;
    const { width, height } = this.surface;
    const [left, right, top, bottom] = [6, width - 6, 6, height - 18];
    const shares = frame.histogram;
    const most = Math.max(1, ...shares);
    const step = (right - left) / FRAME.bins;
    shares.forEach((share, bin) => {
      const colour = palette.field[Math.round((bin / (FRAME.bins - 1)) * 255)];
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
