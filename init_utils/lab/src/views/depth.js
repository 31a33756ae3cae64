// What each initializer does to the size of activations in a deep network.

import { LineChart } from "../charts/line-chart.js";
import { ProfilesChart, profileInWords, readProfiles } from "../charts/profiles.js";
import { logRange } from "../compute/ticks.js";
import { element, panel } from "../draw/element.js";
import { lookOf } from "../draw/palette.js";
import { asFloats } from "../frames/store.js";
import { DEEP, DIAL } from "../shared.js";
import { select } from "./field.js";

/** @typedef {import("../charts/line-chart.js").Series} Series */
/** @typedef {import("../connection.js").Connection} Connection */
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
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.isAsked = false;
    this.profiles = new ProfilesChart("Sizes in a deep network", redraw);
    this.told = element("ul", { class: "il-ratios" });
    this.dial = element("input", {
      type: "range",
      min: DIAL.low,
      max: DIAL.high,
      step: 1,
      class: "il-dial",
      "aria-label": "Layers",
      oninput: () => this.showDepth(Number(this.dial.value)),
      onchange: () => this.turn({ depth: Number(this.dial.value) }),
    });
    this.layers = element("span", { class: "il-layers" });
    this.hidden = select(DIAL.hidden.map((value) => [value, value]));
    this.hidden.setAttribute("aria-label", "Activation of the deep network");
    this.hidden.addEventListener("change", () => this.turn({ hidden: this.hidden.value }));
    const options = { xTitle: "layer", xWord: "layer", zeroLane: true };
    this.chart = new LineChart("Activations against depth", options, redraw);
    this.missing = element("p", { class: "il-note il-missing" });
    const note = "Marks: measured with standard normal inputs. Dotted: what the theory predicts.";
    this.root = panel(
      "Depth test",
      `size of the activations in a net ${DEEP.layers} layers deep, ${DEEP.width} wide`,
      this.chart.surface.canvas,
      this.missing,
      element("p", { class: "il-note" }, note),
    );
    const turning = element("div", { class: "il-seed-bar" }, this.dial, this.layers, this.hidden);
    const explained =
      "Ink: where the sizes of a layer's units lie. Line: their root mean square. Dotted: theory. At the foot: exact zeros.";
    this.root.prepend(
      element("h4", {}, "Depth dial ", element("small", {}, `${DEEP.width} units a layer`)),
      turning,
      this.profiles.surface.canvas,
      this.told,
      element("p", { class: "il-note" }, explained),
    );
    const closers = [
      connection.onChange("dial", () => this.showDial()),
      connection.onChange("profiles", redraw),
    ];
    this.closeDial = () => {
      for (const closer of closers) closer();
    };
    this.showDial();
  }

  /** @param {{depth?: number, hidden?: string}} change */
  turn(change) {
    this.connection.change("dial", { ...this.connection.get("dial"), ...change });
  }

  showDial() {
    const { depth, hidden } = this.connection.get("dial");
    this.dial.value = String(depth);
    this.hidden.value = hidden;
    this.showDepth(depth);
  }

  /** @param {number} depth */
  showDepth(depth) {
    this.layers.textContent = `${depth} ${depth === 1 ? "layer" : "layers"}`;
  }

  /**
   * @param {Palette} palette
   * @param {{dark: boolean}} theme
   */
  drawProfiles(palette, theme) {
    const floats = asFloats(this.connection.get("profiles"));
    if (!floats.length) {
      if (!this.isAsked) this.connection.act("profiles");
      this.isAsked = true;
      return;
    }
    const deep = readProfiles(floats);
    const looks = DIAL.schemes.map((scheme) => lookOf({ scheme, repeat: 0 }, theme));
    this.profiles.draw(palette, deep, looks);
    const words = deep.profiles.map((profile, index) => profileInWords(DIAL.schemes[index], profile));
    this.profiles.surface.describe(`Sizes in ${deep.depth} layers. ${words.join(". ")}.`);
    this.told.replaceChildren(...words.map((text) => element("li", {}, text)));
  }

  /**
   * @param {Palette} palette
   * @param {Float32Array} curves
   * @param {{names: string[], looks: Look[]}} runs
   */
  draw(palette, curves, { names, looks }) {
    const series = depthSeries(curves, names, looks);
    this.missing.textContent = this.connection.get("depth_note") ?? "";
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
    this.profiles.surface.close();
    this.closeDial();
  }
}
