// A canvas that knows its size in CSS pixels and is sharp on every screen, and strokes on it.

import { element } from "./element.js";

/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./palette.js").Colour} Colour */
/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */

export class Surface {
  /**
   * @param {string} label
   * @param {string} className
   * @param {() => void} onresize
   */
  constructor(label, className, onresize) {
    this.canvas = element("canvas", { role: "img", "aria-label": label, class: className });
    this.width = 0;
    this.height = 0;
    this.observer = new ResizeObserver(([entry]) => {
      // Scrolled out of sight, JupyterLab takes a cell off the page: keep the size, it comes back as it was.
      if (!entry.contentRect.width) return;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      onresize();
    });
    this.observer.observe(this.canvas);
  }

  /**
   * A cleared context in CSS pixels, or null while nothing can be seen.
   *
   * @param {Palette} palette
   * @param {{fontSize?: number}} options
   */
  begin(palette, { fontSize = 12 } = {}) {
    if (this.width < 8 || this.height < 8) return null;
    const context = sized(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `${fontSize}px ${palette.font}`;
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.globalAlpha = 1;
    context.setLineDash([]);
    return context;
  }

  /** @param {string} label */
  describe(label) {
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
  }

  close() {
    this.observer.disconnect();
  }
}

/**
 * A canvas's context in CSS pixels, after giving the canvas this size.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} options
 */
export function contextOf(canvas, options = {}) {
  const context = canvas.getContext("2d", options);
  if (!context)
    throw new Error("this browser gives no 2d context for a canvas; close other pages and reload");
  return context;
}

/**
 * @param {Context} context
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
export function strokeLine(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/**
 * A text cut so that it fits.
 *
 * @param {Context} context
 * @param {string} text
 * @param {number} width
 */
export function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
