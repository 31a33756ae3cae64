// Final cost and test accuracy over many seeds, a lane per run: dots, and a bar at the median.

import { median, percent, tickLabel } from "../compute/numbers.js";
import { logRange, logShare, logTicks } from "../compute/ticks.js";
import { drawMark } from "../draw/marks.js";
import { Surface, shortened, strokeLine } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../connection.js").StripRow} StripRow */
/**
 * @typedef {object} Axis
 * @property {number[]} ticks
 * @property {(value: number) => number} at
 * @property {(value: number) => string} write
 * @property {string} title
 * @property {(row: StripRow) => (number | null)[]} of values of the seeds
 */

const LANE = 34;

/** @param {(number | null)[]} values */
const known = (values) => values.filter((value) => value !== null);

export class SeedsChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-strip", redraw);
  }

  /**
   * @param {Palette} palette
   * @param {StripRow[]} rows
   * @param {Look[]} looks of each row
   */
  draw(palette, rows, looks) {
    this.surface.canvas.style.height = `${rows.length * LANE + 40}px`;
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width } = this.surface;
    const bottom = rows.length * LANE + 4;
    const names = Math.min(250, width * 0.27);
    const axes = this.axes(rows, names);
    context.textAlign = "center";
    for (const { ticks, at, write, title } of axes) {
      for (const value of ticks) {
        context.strokeStyle = palette.grid;
        strokeLine(context, [Math.round(at(value)) + 0.5, 2], [Math.round(at(value)) + 0.5, bottom]);
        context.fillStyle = palette.muted;
        context.fillText(write(value), at(value), bottom + 10);
      }
      context.fillText(title, (at(ticks[0]) + at(ticks[ticks.length - 1])) / 2, bottom + 26);
    }
    drawPairs(context, palette, rows, axes);
    rows.forEach((row, index) => {
      const y = index * LANE + LANE / 2 + 2;
      drawMark(context, looks[index], { x: 8, y, radius: 4.5 });
      context.fillStyle = palette.ink;
      context.textAlign = "left";
      context.fillText(shortened(context, row.name, names - 24), 19, row.note ? y - 6 : y);
      if (row.note) {
        context.fillStyle = palette.muted;
        context.fillText(shortened(context, row.note, names - 24), 19, y + 7);
      }
      for (const { at, of } of axes) drawDots(context, palette, looks[index], { values: of(row), at, y });
    });
  }

  /**
   * @param {StripRow[]} rows
   * @param {number} names width of the names
   * @returns {Axis[]}
   */
  axes(rows, names) {
    const { width } = this.surface;
    const middle = names + (width - names) * 0.55;
    const range = logRange(rows.map((row) => known(row.costs)));
    return [
      {
        ticks: logTicks(range[0], range[1], Math.max(2, Math.floor((middle - names) / 60))),
        at: (value) => names + 10 + logShare(Math.max(value, range[0]), range) * (middle - names - 40),
        write: (value) => tickLabel(value),
        title: "final cost",
        of: (row) => row.costs,
      },
      {
        ticks: [0, 0.25, 0.5, 0.75, 1],
        at: (value) => middle + 14 + value * (width - middle - 30),
        write: (value) => percent(value),
        title: "test accuracy",
        of: (row) => row.accuracies,
      },
    ];
  }
}

/** @param {number} seed its place; dots of one seed stand at one height in every lane */
const shift = (seed) => ((seed * 7) % 11) - 5;

/**
 * A line through the results of one seed.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {StripRow[]} rows
 * @param {Axis[]} axes
 */
function drawPairs(context, palette, rows, axes) {
  context.strokeStyle = palette.muted;
  context.lineWidth = 0.8;
  context.globalAlpha = 0.6;
  const lanes = rows.map((row, lane) => ({ row, y: lane * LANE + LANE / 2 + 2 }));
  const paired = lanes.filter(({ row }) => row.costs.length > 1);
  for (const { at, of } of axes)
    for (let seed = 0; seed < Math.max(0, ...paired.map(({ row }) => row.costs.length)); seed += 1) {
      context.beginPath();
      for (const { row, y } of paired) {
        const value = of(row)[seed] ?? null;
        if (value !== null) context.lineTo(at(value), y + shift(seed));
      }
      context.stroke();
    }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Look} look
 * @param {{values: (number | null)[], at: (value: number) => number, y: number}} lane
 */
function drawDots(context, palette, look, { values, at, y }) {
  context.globalAlpha = 0.75;
  values.forEach((value, seed) => {
    if (value !== null) drawMark(context, look, { x: at(value), y: y + shift(seed), radius: 3 });
  });
  context.globalAlpha = 1;
  if (known(values).length < 2) return;
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  const middle = at(median(known(values)));
  strokeLine(context, [middle, y - 12], [middle, y + 12]);
}
