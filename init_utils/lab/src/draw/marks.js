// The marks of runs: on canvases, and as small pictures in headings, forms and tables.

import { MARKS } from "../shared.js";
import { element } from "./element.js";

/** @typedef {import("./palette.js").Mark} Mark */
/** @typedef {import("./palette.js").Look} Look */

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
  for (const [across, down] of MARKS[mark])
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
  const places = MARKS[mark].map(([x, y]) => `${(7 + 6.2 * x).toFixed(2)},${(7 + 6.2 * y).toFixed(2)}`);
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
