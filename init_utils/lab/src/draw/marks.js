// The marks of runs: on canvases, and as small pictures in headings, forms and tables.

import { element } from "./element.js";

/** @typedef {import("./palette.js").Mark} Mark */
/** @typedef {import("./palette.js").Look} Look */

/**
 * Corners on or inside the unit circle, clockwise from the top.
 *
 * @param {number} count
 * @param {{from?: number, inner?: number}} options `from` in degrees; every other corner at `inner`
 */
function corners(count, { from = -90, inner = 1 } = {}) {
  return Array.from({ length: count }, (_, index) => {
    const angle = ((from + (360 * index) / count) * Math.PI) / 180;
    const radius = index % 2 ? inner : 1;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

const ARM = 0.34;

/** @type {Record<Mark, number[][]>} */
const OUTLINES = {
  circle: corners(24).map(([x, y]) => [0.8 * x, 0.8 * y]),
  square: corners(4, { from: -135 }),
  triangle: corners(3),
  "triangle-down": corners(3, { from: 90 }),
  "triangle-left": corners(3, { from: 180 }),
  "triangle-right": corners(3, { from: 0 }),
  diamond: corners(4),
  pentagon: corners(5),
  star: corners(10, { inner: 0.42 }),
  bar: [
    [-1, -ARM],
    [1, -ARM],
    [1, ARM],
    [-1, ARM],
  ],
  plus: [
    [-ARM, -1],
    [ARM, -1],
    [ARM, -ARM],
    [1, -ARM],
    [1, ARM],
    [ARM, ARM],
    [ARM, 1],
    [-ARM, 1],
    [-ARM, ARM],
    [-1, ARM],
    [-1, -ARM],
    [-ARM, -ARM],
  ],
};

/**
 * A filled mark on a canvas.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Look} look
 * @param {{x: number, y: number, radius: number}} place
 */
export function drawMark(context, { colour, mark }, { x, y, radius }) {
  context.fillStyle = colour;
  context.beginPath();
  for (const [across, down] of OUTLINES[mark])
    context.lineTo(x + 1.25 * radius * across, y + 1.25 * radius * down);
  context.closePath();
  context.fill();
}

/**
 * The same as a small inline picture.
 *
 * @param {Look} look
 */
export function markPicture({ colour, mark }) {
  const places = OUTLINES[mark].map(([x, y]) => `${(7 + 6.2 * x).toFixed(2)},${(7 + 6.2 * y).toFixed(2)}`);
  const picture = element("span", { class: "il-mark", "data-mark": mark, "aria-hidden": "true" });
  picture.style.color = colour;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("width", "14");
  svg.setAttribute("height", "14");
  const outline = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  outline.setAttribute("points", places.join(" "));
  svg.append(outline);
  picture.append(svg);
  return picture;
}
