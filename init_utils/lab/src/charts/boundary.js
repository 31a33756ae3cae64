// Where a network puts its decision boundary, among the training points.

import { contour } from "../compute/contour.js";
import { SIDE } from "../compute/network.js";
import { paintGrid } from "../draw/raster.js";
import { contextOf, Surface, sized } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../compute/network.js").Points} Points */
/** @typedef {import("../frames/evaluation.js").Evaluation} Evaluation */

/**
 * @typedef {object} Scene the data of a training
 * @property {Float32Array} points x, y, class of each
 * @property {readonly number[]} bounds left, right, bottom, top
 * @property {number} stamp another one for other points
 * @property {Points} plane centres of the cells of a picture
 * @property {Points} training the points, without their classes
 * @property {Hidden} hidden
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
   * @param {Evaluation} evaluation
   * @param {Scene} scene
   */
  draw(palette, evaluation, scene) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const grid = { cells: evaluation.grid, side: SIDE, pixels: palette.pixels.field, smooth: true };
    paintGrid(context, grid, { x: 0, y: 0, width, height });
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    const segments = contour(evaluation.grid, SIDE);
    context.beginPath();
    for (let place = 0; place < segments.length; place += 4) {
      context.moveTo(segments[place] * width, segments[place + 1] * height);
      context.lineTo(segments[place + 2] * width, segments[place + 3] * height);
    }
    context.stroke();
    context.drawImage(this.pointsLayer(palette, scene), 0, 0, width, height);
    this.outline(context, palette, evaluation, scene);
  }

  /**
   * Rings around the points that reach no neuron of some layer.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   * @param {Scene} scene
   */
  outline(context, palette, evaluation, { points, bounds }) {
    const { width, height } = this.surface;
    context.strokeStyle = palette.ink;
    context.lineWidth = 0.7;
    const radius = 1.2 + radiusOf(points.length / 3, width) * 1.3;
    context.beginPath();
    for (const place of evaluation.unreached) {
      const [x, y] = pointAt(points, place, bounds, { width, height });
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.stroke();
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
export function drawPoints(context, palette, { points, bounds }, { width, height }) {
  const radius = radiusOf(points.length / 3, width);
  for (const kind of [0, 1]) {
    context.beginPath();
    for (let place = 0; place < points.length; place += 3) {
      if (points[place + 2] !== kind) continue;
      const [x, y] = pointAt(points, place / 3, bounds, { width, height });
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
    context.lineWidth = kind === 0 ? 0.6 * radius : 1.3 * radius;
    context.stroke();
    if (kind === 0) {
      context.fillStyle = palette.classes[0];
      context.fill();
    } else {
      context.strokeStyle = palette.classes[1];
      context.lineWidth = 0.65 * radius;
      context.stroke();
    }
  }
}

/**
 * @param {Float32Array} points
 * @param {number} place of the point
 * @param {readonly number[]} bounds
 * @param {{width: number, height: number}} size
 */
function pointAt(points, place, [left, right, bottom, top], { width, height }) {
  return [
    ((points[3 * place] - left) / (right - left)) * width,
    ((top - points[3 * place + 1]) / (top - bottom)) * height,
  ];
}

/**
 * Of a point's mark: smaller in a small picture, and where there are many.
 *
 * @param {number} count
 * @param {number} width of the picture
 */
function radiusOf(count, width) {
  return Math.min(4.5, Math.max(1.2, (width / 100) * (count > 800 ? 0.6 : count > 400 ? 0.8 : 1)));
}
