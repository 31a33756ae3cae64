// A part of the page as one picture: every canvas, and every word where it stands.

import { element } from "./element.js";
import { drawMark } from "./marks.js";
import { contextOf } from "./surface.js";

/** @typedef {import("./palette.js").Mark} Mark */
/** @typedef {import("./palette.js").Palette} Palette */

const [RATIO, MARGIN] = [2, 20];
const LEFT_OUT = ".il-hidden, button, option, .il-seed-bar";

/**
 * @param {HTMLElement} part
 * @param {Palette} palette
 * @param {string} caption
 * @returns {Promise<Blob | null>} PNG
 */
export function sheetOf(part, palette, caption) {
  const origin = part.getBoundingClientRect();
  const [width, height] = [origin.width + 2 * MARGIN, origin.height + 2 * MARGIN + 16];
  const sheet = element("canvas", { width: width * RATIO, height: height * RATIO });
  const context = contextOf(sheet);
  context.scale(RATIO, RATIO);
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, width, height);
  context.translate(MARGIN - origin.left, MARGIN - origin.top);
  for (const canvas of part.querySelectorAll("canvas")) {
    const place = canvas.getBoundingClientRect();
    if (place.width) context.drawImage(canvas, place.left, place.top, place.width, place.height);
  }
  drawWords(context, part);
  for (const mark of part.querySelectorAll(".il-mark[data-mark]")) {
    if (!(mark instanceof HTMLElement)) continue;
    const place = mark.getBoundingClientRect();
    const look = {
      colour: getComputedStyle(mark).color,
      mark: /** @type {Mark} */ (mark.dataset.mark),
      dash: [],
    };
    drawMark(context, look, { x: place.left + place.width / 2, y: place.top + place.height / 2, radius: 5 });
  }
  context.font = `11px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.fillText(caption, origin.left, origin.bottom + 18);
  return new Promise((resolve) => {
    sheet.toBlob(resolve, "image/png");
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLElement} part
 */
function drawWords(context, part) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest(LEFT_OUT)) continue;
    const style = getComputedStyle(parent);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.textBaseline = "middle";
    for (const word of (node.textContent ?? "").matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const place = range.getBoundingClientRect();
      if (place.width) context.fillText(word[0], place.left, place.top + place.height / 2);
    }
  }
}
