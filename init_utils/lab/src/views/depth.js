// What each initializer does to the size of activations in a deep network.

import { LineChart } from "../charts/line-chart.js";
import { logRange } from "../compute/ticks.js";
import { element, panel } from "../draw/element.js";
import { DEEP } from "../shared.js";

/** @typedef {import("../charts/line-chart.js").Series} Series */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */

const LAYERS = Array.from({ length: DEEP.layers }, (_, index) => index + 1);
const THEORY_DASH = [1.5, 2.5];

/**
 * Per run the theory's curve and the measured one; none for a run whose curves have not come yet.
 *
 * @param {Float32Array} curves per run the measured sizes, then the theory's
 * @param {string[]} names
 * @param {Look[]} looks
 * @returns {Series[]}
 */
export function depthSeries(curves, names, looks) {
  return names.flatMap((label, run) => {
    const place = run * 2 * DEEP.layers;
    if (curves.length < place + 2 * DEEP.layers) return [];
    const measured = curves.subarray(place, place + DEEP.layers);
    const theory = curves.subarray(place + DEEP.layers, place + 2 * DEEP.layers);
    const { colour, mark } = looks[run];
    return [
      { colour, dash: THEORY_DASH, thin: true, label: "", x: LAYERS, y: theory },
      { colour, mark, dash: [], label, x: LAYERS, y: measured },
    ];
  });
}

export class DepthView {
  /** @param {() => void} redraw */
  constructor(redraw) {
    const options = { xTitle: "layer", xWord: "layer", zeroLane: true };
    this.chart = new LineChart("Activations against depth", options, redraw);
    const note = "Marks: measured with standard normal inputs. Dotted: what the theory predicts.";
    this.root = panel(
      "Depth test",
      `size of the activations in a net ${DEEP.layers} layers deep, ${DEEP.width} wide`,
      this.chart.surface.canvas,
      element("p", { class: "il-note" }, note),
    );
  }

  /**
   * @param {Palette} palette
   * @param {Float32Array} curves
   * @param {{names: string[], looks: Look[]}} runs
   */
  draw(palette, curves, { names, looks }) {
    const series = depthSeries(curves, names, looks);
    const y = logRange(
      series.map((one) => one.y),
      { floor: 1e-6, ceiling: 1e6 },
    );
    this.chart.draw(palette, { series, x: [1, DEEP.layers], y });
  }

  /** @param {string[]} names */
  describe(names) {
    this.chart.surface.describe(
      `Size of the activations after 1 to ${DEEP.layers} layers, measured and predicted, for ${names.join(", ")}.`,
    );
  }

  close() {
    this.chart.surface.close();
  }
}
