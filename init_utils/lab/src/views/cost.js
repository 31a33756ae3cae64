// The cost of every run over iterations.

import { LineChart } from "../charts/line-chart.js";
import { figure } from "../compute/numbers.js";
import { element } from "../draw/element.js";

/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */
/** @typedef {import("../frames/store.js").Row} Row */

export class CostView {
  /** @param {() => void} redraw */
  constructor(redraw) {
    this.chart = new LineChart("Cost over iterations", { title: "Cost" }, redraw);
    this.root = element("section", { class: "il-panel il-cost" }, this.chart.surface.canvas);
  }

  /**
   * @param {Palette} palette
   * @param {{names: string[], looks: Look[], curves: Frame[][]}} runs
   * @param {{iterations: number, cursor: number | null}} axis
   */
  draw(palette, { names, looks, curves }, { iterations, cursor }) {
    const series = curves.map((curve, run) => ({
      ...looks[run],
      label: names[run],
      x: curve.map((frame) => frame.iteration),
      y: curve.map((frame) => frame.figure("cost")),
    }));
    this.chart.draw(palette, { series, x: [0, iterations], cursor });
  }

  /**
   * @param {string[]} names
   * @param {Row} row
   */
  describe(names, row) {
    const costs = row.flatMap((frame, run) =>
      frame ? [`${names[run]} ${figure(frame.figure("cost"))}`] : [],
    );
    this.chart.surface.describe(`Cost of every run over iterations; here: ${costs.join(", ")}.`);
  }

  close() {
    this.chart.surface.close();
  }
}
