// The cost of every run over iterations.

import { LineChart } from "../charts/line-chart.js";
import { figure } from "../compute/numbers.js";
import { element } from "../draw/element.js";
import { PredictionsView, predictedCurve } from "./predictions.js";

/** @typedef {import("../charts/line-chart.js").Series} Series */
/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/store.js").Curve} Curve */
/** @typedef {import("../frames/store.js").Row} Row */

export class CostView {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.predictions = new PredictionsView(connection, redraw);
    this.chart = new LineChart("Cost over iterations", { title: "Cost" }, redraw);
    this.root = element(
      "section",
      { class: "il-panel il-cost" },
      this.chart.surface.canvas,
      this.predictions.root,
    );
  }

  /**
   * @param {Palette} palette
   * @param {{names: string[], looks: Look[], curves: Curve[]}} runs
   * @param {{iterations: number, cursor: number | null}} axis
   */
  draw(palette, { names, looks, curves }, { iterations, cursor }) {
    const series = curves.map((curve, run) => ({
      ...looks[run],
      label: names[run],
      x: curve.iterations,
      y: curve.costs,
    }));
    this.chart.draw(palette, {
      series: [...this.predicted({ names, looks, curves }, iterations), ...series],
      x: [0, iterations],
      cursor,
    });
    const isFirst =
      this.connection.get("status") === "ready" && curves.every(({ costs }) => costs.length < 2);
    this.predictions.show(isFirst);
  }

  /**
   * What was predicted, dotted.
   *
   * @param {{names: string[], looks: Look[], curves: Curve[]}} runs
   * @param {number} iterations
   * @returns {Series[]}
   */
  predicted({ names, looks, curves }, iterations) {
    return names.flatMap((name, run) => {
      const shape = this.predictions.shapeOf(name);
      const start = curves[run].costs[0];
      if (!shape || !Number.isFinite(start)) return [];
      const { colour } = looks[run];
      return [
        { colour, dash: [1.5, 4], thin: true, label: "", ...predictedCurve(shape, { start, iterations }) },
      ];
    });
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
    this.predictions.close();
  }
}
