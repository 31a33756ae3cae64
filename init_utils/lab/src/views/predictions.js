// Before the first training: what does a student expect of each cost? One of five shapes a run.

import { element } from "../draw/element.js";
import { markPicture } from "../draw/marks.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {keyof typeof SHAPES} Shape */

/**
 * Of the cost's way from its start down to `GOOD`, the share that is behind it after a share of the training.
 *
 * @type {Record<string, {words: string, at: (share: number) => number}>}
 */
export const SHAPES = {
  stays: { words: "stays where it is", at: () => 0 },
  quick: { words: "falls at once", at: (share) => 1 - Math.exp(-12 * share) },
  slow: { words: "falls slowly", at: (share) => share },
  stuck: { words: "falls, then stops halfway", at: (share) => 0.5 * (1 - Math.exp(-12 * share)) },
  rises: { words: "rises", at: (share) => -0.6 * share },
};
const GOOD = 0.05; // a cost that a well trained network ends with
const STEPS = 40;

// Two labs on a page may run two copies of this module.
const COPY = Math.random().toString(36).slice(2, 10);
let groupCount = 0;

/**
 * The cost that a shape predicts.
 *
 * @param {Shape} shape
 * @param {{start: number, iterations: number}} run its cost before training
 */
export function predictedCurve(shape, { start, iterations }) {
  const shares = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const whole = Math.log(GOOD / Math.max(start, 2 * GOOD));
  return {
    x: shares.map((share) => share * iterations),
    y: shares.map((share) => start * Math.exp(whole * SHAPES[shape].at(share))),
  };
}

export class PredictionsView {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.columns = element("div", { class: "il-guesses" });
    this.root = element(
      "div",
      { class: "il-predict", role: "group", "aria-label": "Predict the costs" },
      element("p", {}, "Before you train: what will each cost do?"),
      this.columns,
    );
    this.close = connection.onChange("predictions", () => {
      this.check();
      redraw();
    });
  }

  /**
   * @param {string[]} names
   * @param {Look[]} looks
   */
  build(names, looks) {
    this.columns.replaceChildren(...names.map((name, run) => this.column(name, looks[run])));
    this.columns.style.setProperty("--il-count", String(names.length));
    this.check();
  }

  /**
   * @param {string} name
   * @param {Look} look
   */
  column(name, look) {
    groupCount += 1;
    const group = `il-guess-${COPY}-${groupCount}`;
    const choices = Object.entries(SHAPES).map(([shape, { words }]) => {
      const box = element("input", {
        type: "radio",
        name: group,
        value: shape,
        "aria-label": words,
        "data-lm-suppress-shortcuts": "true",
        onchange: () => {
          const others = this.connection.get("predictions");
          this.connection.change("predictions", { ...others, [name]: shape });
        },
      });
      box.dataset.run = name;
      return element("label", { title: words, class: "il-guess" }, box, shapePicture(shape));
    });
    return element(
      "fieldset",
      { "aria-label": `The cost of ${name}` },
      element("span", { class: "il-guess-name", "aria-hidden": "true" }, markPicture(look), name),
      ...choices,
    );
  }

  check() {
    const chosen = this.connection.get("predictions");
    for (const box of this.columns.querySelectorAll("input"))
      box.checked = chosen[box.dataset.run ?? ""] === box.value;
  }

  /** @param {boolean} isOpen */
  show(isOpen) {
    if (this.root.hidden === isOpen) this.root.hidden = !isOpen;
  }

  /** @param {string} name of the run */
  shapeOf(name) {
    const shape = this.connection.get("predictions")[name];
    return shape && Object.hasOwn(SHAPES, shape) ? shape : null;
  }
}

/** @param {Shape} shape */
function shapePicture(shape) {
  const places = Array.from({ length: 17 }, (_, step) => {
    const share = step / 16;
    return `${(2 + 22 * share).toFixed(1)},${(7 + 10 * SHAPES[shape].at(share)).toFixed(1)}`;
  });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 26 20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", places.join(" "));
  svg.append(line);
  return svg;
}
