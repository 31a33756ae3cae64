// Curves over iterations or layers, on a logarithmic axis with a lane for exact zeros.

import { spreadLabels } from "../compute/labels.js";
import { figure, tickLabel, whole } from "../compute/numbers.js";
import { linearTicks, logRange, logShare, logTicks } from "../compute/ticks.js";
import { drawMark } from "../draw/marks.js";
import { Surface, shortened, strokeLine } from "../draw/surface.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../draw/palette.js").Mark} Mark */
/** @typedef {import("../compute/ticks.js").Range} Range */

/**
 * One curve. y may hold NaN (a gap) and 0 (drawn in the lane below the axis, which is there when needed).
 *
 * @typedef {object} Series
 * @property {string} label at its end; "" for none
 * @property {string} colour
 * @property {readonly number[]} dash
 * @property {Mark} [mark]
 * @property {ArrayLike<number> & Iterable<number>} x
 * @property {ArrayLike<number> & Iterable<number>} y
 * @property {boolean} [thin] drawn thin, without label or readout
 */

/**
 * @typedef {object} ChartOptions
 * @property {string} [title] inside the plot
 * @property {string} [xTitle]
 * @property {string} [xWord] what a value of x is called in the readout
 * @property {boolean} [zeroLane]
 */

/**
 * @typedef {object} ChartData
 * @property {Series[]} series
 * @property {Range} x
 * @property {Range} [y] around the series when not given
 * @property {number | null} [cursor] x of the frame on show
 */

/** @typedef {{left: number, right: number, top: number, bottom: number, floor: number}} Frame the plot's edges */

/**
 * What is needed to draw one chart once.
 *
 * @typedef {object} Plot
 * @property {CanvasRenderingContext2D} context
 * @property {Palette} palette
 * @property {Series[]} series
 * @property {Frame} frame
 * @property {Range} x
 * @property {Range} y
 * @property {boolean} hasZeros
 * @property {(x: number) => number} xAt
 * @property {(y: number) => number} yAt
 */

const ZERO_LANE = 20;
const LABEL_HEIGHT = 13;
const MARKS_AT = [0.15, 0.4, 0.65, 0.9]; // shares of the axis

/**
 * The edges of a chart's plot; `floor` is the low end of its logarithmic axis.
 *
 * @param {{width: number, height: number}} size
 * @param {{labels: number, titled: boolean, zeroLane: boolean, hasZeros: boolean}} content `labels`: their width
 * @returns {Frame}
 */
export function plotFrame({ width, height }, { labels, titled, zeroLane, hasZeros }) {
  const bottom = height - (titled ? 34 : 20);
  return {
    left: zeroLane ? 62 : 46,
    right: width - (labels || 14),
    top: 8,
    bottom,
    floor: bottom - (hasZeros ? ZERO_LANE : 0),
  };
}

/**
 * Index of the value nearest to a wanted one.
 *
 * @param {Iterable<number>} values
 * @param {number} wanted
 */
export function nearest(values, wanted) {
  let [best, distance, index] = [0, Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (Math.abs(value - wanted) < distance) [best, distance] = [index, Math.abs(value - wanted)];
    index += 1;
  }
  return best;
}

/** Curves on one pair of axes. Hovering names every series at the nearest x. */
export class LineChart {
  /**
   * @param {string} label
   * @param {ChartOptions} options
   * @param {() => void} redraw
   */
  constructor(label, options, redraw) {
    this.options = { title: "", xTitle: "", xWord: "iteration", zeroLane: false, ...options };
    this.surface = new Surface(label, "il-chart", redraw);
    /** @type {{x: number, y: number} | null} */
    this.hover = null;
    const { canvas } = this.surface;
    canvas.addEventListener("pointermove", (event) => {
      this.hover = { x: event.offsetX, y: event.offsetY };
      redraw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.hover = null;
      redraw();
    });
  }

  /**
   * @param {Palette} palette
   * @param {ChartData} data
   */
  draw(palette, { series, x, y = logRange(series.map((one) => one.y)), cursor = null }) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { zeroLane, xTitle } = this.options;
    const hasZeros = zeroLane && series.some((one) => Array.prototype.includes.call(one.y, 0));
    const labels = this.surface.width > 220 ? labelWidth(context, series) : 0;
    const frame = plotFrame(this.surface, { labels, titled: xTitle !== "", zeroLane, hasZeros });
    /** @type {Plot} */
    const plot = {
      context,
      palette,
      series,
      frame,
      x,
      y,
      hasZeros,
      xAt: (value) => frame.left + ((value - x[0]) / (x[1] - x[0] || 1)) * (frame.right - frame.left),
      yAt: (value) => {
        if (value === 0) return frame.bottom - 9;
        return frame.floor - Math.min(1.5, Math.max(-0.5, logShare(value, y))) * (frame.floor - frame.top);
      },
    };
    this.drawAxes(plot);
    if (cursor !== null) {
      const place = Math.round(plot.xAt(cursor)) + 0.5;
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      strokeLine(context, [place, frame.top], [place, frame.bottom]);
    }
    series.forEach((_, index) => {
      drawCurve(plot, index);
    });
    if (labels) drawEndLabels(plot, this.surface.width);
    if (this.options.title) {
      context.textAlign = "right";
      context.fillStyle = palette.muted;
      context.fillText(this.options.title, frame.right - 4, frame.top + 8);
    }
    if (this.hover) this.drawReadout(plot, this.hover);
  }

  /** @param {Plot} plot */
  drawAxes({ context, palette, frame, x, y, hasZeros, xAt, yAt }) {
    context.lineWidth = 1;
    context.strokeStyle = palette.grid;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    const rows = Math.max(2, Math.floor((frame.floor - frame.top) / 24));
    for (const tick of logTicks(y[0], y[1], rows)) {
      const place = Math.round(yAt(tick)) + 0.5;
      strokeLine(context, [frame.left, place], [frame.right, place]);
      context.fillText(tickLabel(tick, { wide: y[1] / y[0] > 1e5 }), frame.left - 6, place);
    }
    if (hasZeros) {
      context.setLineDash([2, 3]);
      strokeLine(context, [frame.left, frame.floor + 1.5], [frame.right, frame.floor + 1.5]);
      context.setLineDash([]);
      context.fillText("exactly 0", frame.left - 4, frame.bottom - 9);
    }
    context.textAlign = "center";
    const [first, last] = x;
    const columns = Math.max(2, Math.floor((frame.right - frame.left) / 64));
    for (const tick of linearTicks(last, columns).filter((value) => value >= first || value === 0)) {
      const at = Math.max(first, tick);
      context.fillText(whole(at), xAt(at), frame.bottom + 11);
      strokeLine(context, [xAt(at), frame.bottom], [xAt(at), frame.bottom + 4]);
    }
    context.strokeStyle = palette.muted;
    strokeLine(context, [frame.left, frame.bottom + 0.5], [frame.right, frame.bottom + 0.5]);
    context.fillText(this.options.xTitle, (frame.left + frame.right) / 2, frame.bottom + 26);
  }

  /**
   * The values of every curve at the x nearest to the pointer.
   *
   * @param {Plot} plot
   * @param {{x: number, y: number}} pointer
   */
  drawReadout({ context, palette, series, frame, xAt }, pointer) {
    const named = series.filter((one) => one.x.length && !one.thin);
    if (!named.length || pointer.x < frame.left - 8 || pointer.x > frame.right + 8) return;
    const longest = named.reduce((best, one) => (one.x.length > best.x.length ? one : best));
    const chosen = longest.x[nearest([...longest.x].map(xAt), pointer.x)];
    const lines = [`${this.options.xWord} ${whole(chosen)}`];
    for (const one of named) {
      const place = [...one.x].indexOf(chosen);
      const value = place < 0 ? Number.NaN : one.y[place];
      lines.push(`${one.label}: ${value === 0 ? "exactly 0" : figure(value)}`);
    }
    const x = Math.round(xAt(chosen)) + 0.5;
    context.strokeStyle = palette.ink;
    context.lineWidth = 1;
    strokeLine(context, [x, frame.top], [x, frame.bottom]);
    const { canvas, width, height } = this.surface;
    const wide = Math.max(...lines.map((line) => context.measureText(line).width)) + 16;
    const high = lines.length * 15 + 8;
    const left = x + wide + 12 > width ? Math.max(2, x - wide - 8) : x + 8;
    const top = Math.min(Math.max(2, pointer.y - high / 2), height - high - 2);
    context.fillStyle = palette.paper;
    context.strokeStyle = palette.muted;
    context.beginPath();
    context.roundRect(left + 0.5, top + 0.5, wide, high, 4);
    context.fill();
    context.stroke();
    context.textAlign = "left";
    context.fillStyle = palette.ink;
    lines.forEach((line, index) => {
      context.fillText(line, left + 8, top + 12 + index * 15);
    });
    canvas.dataset.readout = lines.join("; ");
  }
}

/**
 * One curve, and its marks. A value below the axis leaves the plot at its floor, as one above leaves it at the
 * top: the lane below is for exact zeros alone.
 *
 * @param {Plot} plot
 * @param {number} index of the series
 */
function drawCurve(plot, index) {
  const { context, series, frame, xAt, yAt, hasZeros } = plot;
  const one = series[index];
  const marked = one.mark ? markedPlaces([...one.x].map(xAt), frame, index / series.length) : [];
  const lanes = [
    { top: frame.top - 5, bottom: frame.floor + 2, isZeros: false },
    { top: frame.floor + 2, bottom: frame.bottom + 2, isZeros: true },
  ];
  for (const { top, bottom, isZeros } of hasZeros ? lanes : lanes.slice(0, 1)) {
    context.save();
    context.beginPath();
    context.rect(frame.left - 6, top, frame.right - frame.left + 12, bottom - top);
    context.clip();
    context.strokeStyle = one.colour;
    context.lineWidth = one.thin ? 1.2 : 2;
    context.globalAlpha = one.thin ? 0.8 : 1;
    context.lineJoin = "round";
    context.setLineDash([...one.dash]);
    context.beginPath();
    for (const piece of curvePieces(one.y, { isZeros })) {
      piece.forEach((place, step) => {
        const y =
          isZeros && one.y[place] !== 0 ? Math.min(frame.floor, yAt(one.y[place])) : yAt(one.y[place]);
        if (step === 0) context.moveTo(xAt(one.x[place]), y);
        else context.lineTo(xAt(one.x[place]), y);
      });
    }
    context.stroke();
    context.setLineDash([]);
    for (const place of marked) {
      if (!one.mark || !Number.isFinite(one.y[place]) || (one.y[place] === 0) !== isZeros) continue;
      const look = { colour: one.colour, mark: one.mark, dash: one.dash };
      drawMark(context, look, { x: xAt(one.x[place]), y: yAt(one.y[place]), radius: 4 });
    }
    context.restore();
  }
}

/**
 * The points of a curve in pieces without a gap: all of them, or those of segments that begin or end at 0.
 *
 * @param {ArrayLike<number>} values NaN is a gap
 * @param {{isZeros: boolean}} lane
 */
export function curvePieces(values, { isZeros }) {
  /** @type {number[][]} */
  const pieces = [];
  let isOpen = false;
  for (let place = 0; place < values.length; place += 1) {
    const joins =
      place > 0 &&
      !Number.isNaN(values[place - 1]) &&
      !Number.isNaN(values[place]) &&
      (!isZeros || values[place - 1] === 0 || values[place] === 0);
    if (!joins) isOpen = false;
    else if (isOpen) pieces[pieces.length - 1].push(place);
    else {
      pieces.push([place - 1, place]);
      isOpen = true;
    }
  }
  return pieces;
}

/**
 * Which points of a curve get a mark: its tip, and a few along the way, at other places for each curve so that
 * they do not coincide.
 *
 * @param {number[]} across places of the points from the left, ascending
 * @param {Frame} frame
 * @param {number} shift 0 to 1, another one for each curve
 */
export function markedPlaces(across, { left, right }, shift) {
  const wanted = MARKS_AT.map((share) => share + shift * 0.2);
  /** @type {number[]} */
  const places = [];
  let next = 0;
  across.forEach((x, place) => {
    const isTip = place === across.length - 1 && x < right - 12;
    const isNext = next < wanted.length && (x - left) / (right - left) >= wanted[next];
    if (isNext && !isTip) next += 1;
    if (isTip || isNext) places.push(place);
  });
  return places;
}

/**
 * The names of the curves beside their ends.
 *
 * @param {Plot} plot
 * @param {number} width of the chart
 */
function drawEndLabels({ context, palette, series, frame, yAt }, width) {
  const ends = series
    .map((one) => ({ one, end: one.y[one.x.length - 1] }))
    .filter(({ one, end }) => one.label && one.x.length && !Number.isNaN(end))
    .map(({ one, end }) => ({ one, place: yAt(end) }))
    .sort((first, second) => first.place - second.place);
  const places = spreadLabels(
    ends.map(({ place }) => place),
    { top: frame.top + 2, bottom: frame.bottom - 9, apart: LABEL_HEIGHT },
  );
  context.textAlign = "left";
  ends.forEach(({ one }, index) => {
    const y = places[index];
    if (one.mark) {
      drawMark(
        context,
        { colour: one.colour, mark: one.mark, dash: [] },
        { x: frame.right + 12, y, radius: 3.5 },
      );
    }
    context.fillStyle = palette.ink;
    const left = frame.right + (one.mark ? 21 : 7);
    context.fillText(shortened(context, one.label, width - left - 2), left, y);
  });
}

/**
 * The width that the names at the ends of the curves need.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Series[]} series
 */
function labelWidth(context, series) {
  const widest = Math.max(0, ...series.map((one) => context.measureText(one.label).width));
  return Math.min(120, widest + (series.some((one) => one.mark) ? 28 : 14));
}
