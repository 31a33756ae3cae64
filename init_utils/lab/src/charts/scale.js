// Final cost and test accuracy against the multiple of He: every seed a dot, the median a line.

import { figure, median, percent, tickLabel } from "../compute/numbers.js";
import { logRange, logShare, logTicks } from "../compute/ticks.js";
import { drawMark } from "../draw/marks.js";
import { Surface, strokeLine } from "../draw/surface.js";
import { BESIDE, MULTIPLES } from "../shared.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../connection.js").StripRow} StripRow */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

const LOW = Math.log2(MULTIPLES[0]);
const HIGH = Math.log2(MULTIPLES[MULTIPLES.length - 1]);
const LANE = 64; // on the left, for what is smaller than the axis
const NAMED = /** @type {const} */ ([
  [1, "He"],
  [Math.SQRT1_2, "Xavier"],
]);

/**
 * Where a multiple stands, 0 to 1 along the axis; below 0 for what is smaller.
 *
 * @param {number} multiple
 */
export function shareOf(multiple) {
  return (Math.log2(multiple) - LOW) / (HIGH - LOW);
}

/** @param {(number | null)[]} values */
const known = (values) => values.filter((value) => value !== null);

export class ScaleChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-scales", redraw);
  }

  /**
   * @param {Palette} palette
   * @param {StripRow[]} rows along the axis, then those that stand beside it
   * @param {{multiples: readonly number[], looks: Record<"He" | "Xavier" | "random" | "small", Look>}} how
   *   `multiples` of all rows
   */
  draw(palette, rows, { multiples, looks }) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const isNarrow = width < 560;
    const half = isNarrow ? width : width / 2;
    const tall = isNarrow ? height / 2 : height;
    const costs = logRange(rows.map((row) => known(row.costs)));
    const plots = [
      {
        title: "final cost",
        ticks: logTicks(costs[0], costs[1], 5),
        write: (/** @type {number} */ value) => tickLabel(value),
        share: (/** @type {number} */ value) => logShare(Math.max(value, costs[0]), costs),
        values: (/** @type {StripRow} */ row) => known(row.costs),
      },
      {
        title: "test accuracy",
        ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1],
        write: (/** @type {number} */ value) => percent(value),
        share: (/** @type {number} */ value) => Math.max(-0.04, (value - 0.5) / 0.5),
        values: (/** @type {StripRow} */ row) => known(row.accuracies),
      },
    ];
    plots.forEach((plot, index) => {
      const x = isNarrow ? 0 : index * half;
      const y = isNarrow ? index * tall : 0;
      const box = { left: x + 48 + LANE, right: x + half - 14, top: y + 18, bottom: y + tall - 38 };
      this.axes(context, palette, plot, box);
      const xAt = (/** @type {number} */ multiple) =>
        multiple < MULTIPLES[0] ? box.left - LANE / 2 : box.left + shareOf(multiple) * (box.right - box.left);
      const yAt = (/** @type {number} */ value) => box.bottom - plot.share(value) * (box.bottom - box.top);
      context.globalAlpha = 0.7;
      rows.forEach((row, place) => {
        for (const value of plot.values(row))
          drawMark(context, lookOfRow(place, looks), {
            x: xAt(multiples[place]),
            y: yAt(value),
            radius: 3,
          });
      });
      context.globalAlpha = 1;
      this.medians(context, palette, rows, { xAt, yAt, values: plot.values, multiples, looks });
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {{title: string, ticks: number[], write: (value: number) => string, share: (value: number) => number}} plot
   * @param {Box} box
   */
  axes(context, palette, { title, ticks, write, share }, { left, right, top, bottom }) {
    context.lineWidth = 1;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    for (const tick of ticks) {
      const y = Math.round(bottom - share(tick) * (bottom - top)) + 0.5;
      context.strokeStyle = palette.grid;
      strokeLine(context, [left - LANE, y], [right, y]);
      context.fillText(write(tick), left - LANE - 6, y);
    }
    context.strokeStyle = palette.muted;
    context.setLineDash([2, 3]);
    strokeLine(context, [left - 6.5, top], [left - 6.5, bottom]);
    context.setLineDash([]);
    strokeLine(context, [left - LANE, bottom + 0.5], [right, bottom + 0.5]);
    context.textAlign = "center";
    context.fillText("smaller", left - LANE / 2, bottom + 12);
    for (const multiple of [1 / 8, 1 / 2, 1, 2, 8, 32]) {
      const x = left + shareOf(multiple) * (right - left);
      context.fillText(multiple < 1 ? `1/${1 / multiple}` : String(multiple), x, bottom + 12);
      strokeLine(context, [x, bottom], [x, bottom + 4]);
    }
    context.fillText("multiple of He", (left + right) / 2, bottom + 28);
    context.textAlign = "left";
    context.fillStyle = palette.ink;
    context.fillText(title, left - LANE, top - 10);
  }

  /**
   * The line of the medians, with He and Xavier on it and the other two beside it.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {StripRow[]} rows
   * @param {{xAt: (multiple: number) => number, yAt: (value: number) => number,
   *   values: (row: StripRow) => number[], multiples: readonly number[],
   *   looks: Record<"He" | "Xavier" | "random" | "small", Look>}} how
   */
  medians(context, palette, rows, { xAt, yAt, values, multiples, looks }) {
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    context.beginPath();
    MULTIPLES.forEach((multiple, place) => {
      const found = values(rows[place]);
      if (found.length) context.lineTo(xAt(multiple), yAt(median(found)));
    });
    context.stroke();
    context.fillStyle = palette.ink;
    context.textAlign = "center";
    for (const [multiple, name] of NAMED) {
      const found = values(rows[MULTIPLES.findIndex((one) => Math.abs(one - multiple) < 1e-9)]);
      if (!found.length) continue;
      const [x, y] = [xAt(multiple), yAt(median(found))];
      drawMark(context, looks[name], { x, y, radius: 5 });
      context.textAlign = name === "He" ? "left" : "right";
      context.fillText(name, x + (name === "He" ? 4 : -4), y - 14);
    }
    BESIDE.forEach(({ name, scheme }, index) => {
      const place = MULTIPLES.length + index;
      const found = values(rows[place]);
      if (!found.length) return;
      const [x, y] = [xAt(multiples[place]), yAt(median(found))];
      drawMark(context, looks[/** @type {"random" | "small"} */ (scheme)], { x, y, radius: 5 });
      context.textAlign = "center";
      context.fillStyle = palette.ink;
      context.fillText(name, x, y - 14);
    });
  }
}

/**
 * @param {number} place of the row
 * @param {Record<"He" | "random" | "small", Look>} looks
 */
function lookOfRow(place, looks) {
  const beside = BESIDE[place - MULTIPLES.length];
  return beside ? looks[/** @type {"random" | "small"} */ (beside.scheme)] : looks.He;
}

/**
 * The medians in words.
 *
 * @param {StripRow[]} rows
 */
export function scalesInWords(rows) {
  return rows
    .filter((row) => known(row.costs).length)
    .map(
      (row) =>
        `${row.name}: median cost ${figure(median(known(row.costs)))}, ` +
        `median test accuracy ${percent(median(known(row.accuracies)))}`,
    );
}
