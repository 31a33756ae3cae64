// Where a network puts its decision boundary, among the training points.

import { contour } from "../compute/contour.js";
import { paintGrid } from "../draw/raster.js";
import { contextOf, Surface, sized } from "../draw/surface.js";
import { FRAME } from "../shared.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */

/**
 * @typedef {object} Scene the data of a training
 * @property {Float32Array} points x, y, class of each
 * @property {readonly number[]} bounds left, right, bottom, top
 * @property {number} stamp another one for other points
 */

export class BoundaryChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-boundary", redraw);
    this.layer = document.createElement("canvas");
    this.layerKey = "";
  }

  /**
   * @param {Palette} palette
   * @param {Frame} frame
   * @param {Scene} scene
   */
  draw(palette, frame, scene) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const grid = { cells: frame.grid, side: FRAME.grid, colours: palette.field, smooth: true };
    paintGrid(context, grid, { x: 0, y: 0, width, height });
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    const segments = contour(frame.grid, FRAME.grid);
    context.beginPath();
    for (let place = 0; place < segments.length; place += 4) {
      context.moveTo(segments[place] * width, segments[place + 1] * height);
      context.lineTo(segments[place + 2] * width, segments[place + 3] * height);
    }
    context.stroke();
    context.drawImage(this.pointsLayer(palette, scene), 0, 0, width, height);
  }

  /**
   * The points do not move while a training lasts: painted once, then copied.
   *
   * @param {Palette} palette
   * @param {Scene} scene
   */
  pointsLayer(palette, scene) {
    const { width, height } = this.surface;
    const key = `${width}x${height}@${window.devicePixelRatio || 1}/${scene.stamp}/${palette.ink}`;
    if (key !== this.layerKey) {
      sized(this.layer, width, height);
      const context = contextOf(this.layer);
      context.clearRect(0, 0, width, height);
      drawPoints(context, palette, scene, { width, height });
      this.layerKey = key;
    }
    return this.layer;
  }
}

/**
 * Class 0 as discs, class 1 as crosses, each with a halo so that it stands out on any colour.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Scene} scene
 * @param {{width: number, height: number}} size
 */
function drawPoints(context, palette, { points, bounds }, { width, height }) {
  const [left, right, bottom, top] = bounds;
  const radius = points.length > 2400 ? 1.5 : points.length > 1200 ? 2 : 2.6;
  for (const kind of [0, 1]) {
    context.beginPath();
    for (let place = 0; place < points.length; place += 3) {
      if (points[place + 2] !== kind) continue;
      const x = ((points[place] - left) / (right - left)) * width;
      const y = ((top - points[place + 1]) / (top - bottom)) * height;
      if (kind === 0) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      } else {
        context.moveTo(x - radius, y - radius);
        context.lineTo(x + radius, y + radius);
        context.moveTo(x - radius, y + radius);
        context.lineTo(x + radius, y - radius);
      }
    }
    context.lineCap = "round";
    context.strokeStyle = palette.halo;
    context.lineWidth = kind === 0 ? 1.6 : 3.4;
    context.stroke();
    if (kind === 0) {
      context.fillStyle = palette.classes[0];
      context.fill();
    } else {
      context.strokeStyle = palette.classes[1];
      context.lineWidth = 1.7;
      context.stroke();
    }
  }
}
