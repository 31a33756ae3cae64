// He's start at many scales, and what each ends with.

import { ScaleChart, scalesInWords } from "../charts/scale.js";
import { button, element } from "../draw/element.js";
import { lookOf } from "../draw/palette.js";
import { BESIDE, MULTIPLES } from "../shared.js";
import { sweepProgress } from "../words.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../draw/palette.js").Palette} Palette */

export class ScaleView {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.button = button("Compare scales", () => connection.act(this.isRunning ? "stop" : "compare-scales"));
    this.progress = element("p", { class: "il-note" });
    this.chart = new ScaleChart("Cost and accuracy against scale", redraw);
    this.list = element("ul", { class: "il-hidden" });
    this.box = element("div", { class: "il-strip-box" }, this.chart.surface.canvas, this.list);
    this.root = element(
      "section",
      { class: "il-panel" },
      element(
        "h4",
        {},
        "Cost and accuracy against scale ",
        element("small", {}, "every W of He, times the same"),
      ),
      element("div", { class: "il-seed-bar" }, this.button, this.progress),
      this.box,
    );
    const closer = connection.onChange("status", () => this.showStatus());
    this.close = () => {
      closer();
      this.chart.surface.close();
    };
    this.showStatus();
  }

  get isRunning() {
    return this.connection.get("status") === "scales";
  }

  showStatus() {
    this.button.textContent = this.isRunning ? "Stop" : "Compare scales";
  }

  /**
   * @param {Palette} palette
   * @param {{dark: boolean}} theme
   */
  draw(palette, theme) {
    const scales = this.connection.get("scales");
    const rows = scales.rows ?? [];
    this.box.hidden = !rows.length;
    this.progress.textContent = sweepProgress(
      scales,
      "Trains He's start at 12 scales from 5 seeds, and ×10 and ×0.01 beside it.",
    );
    if (!rows.length) return;
    const middle = heMiddle(this.connection.get("setup").layers_dims);
    const multiples = [...MULTIPLES, ...BESIDE.map(({ scale }) => scale / middle)];
    const look = (/** @type {string} */ scheme) => lookOf({ scheme, repeat: 0 }, theme);
    const looks = { He: look("He"), Xavier: look("Xavier"), random: look("random"), small: look("small") };
    this.chart.draw(palette, rows, { multiples, looks });
    const words = scalesInWords(rows);
    this.chart.surface.describe(`Cost and accuracy against scale. ${words.join(". ")}.`);
    this.list.replaceChildren(...words.map((text) => element("li", {}, text)));
  }
}

/**
 * The geometric mean of He's scales over the layers.
 *
 * @param {readonly number[]} dims
 */
export function heMiddle(dims) {
  const logarithms = dims.slice(0, -1).map((before) => Math.log(2 / before) / 2);
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length);
}
