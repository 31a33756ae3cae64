// What one neuron does: its picture with the points, its incoming weights, and what it does in words.

import { drawPoints } from "../charts/boundary.js";
import { paintNeuron } from "../charts/neuron.js";
import { lineAcross } from "../compute/line.js";
import { signed } from "../compute/numbers.js";
import { element } from "../draw/element.js";
import { sized, strokeLine } from "../draw/surface.js";
import { lineWords, neuronWords } from "../words.js";

/** @typedef {import("../charts/boundary.js").Scene} Scene */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/evaluation.js").Evaluation} Evaluation */
/** @typedef {import("./neurons.js").Place} Place */

const PICTURE = 132; // pixels a side
const MOST_WEIGHTS = 12;
const GAP = 4; // pixels between a boundary and its card

export class CardView {
  constructor() {
    this.picture = element("canvas", { class: "il-card-picture", "aria-hidden": "true" });
    this.neuron = element("canvas");
    this.title = element("strong");
    this.words = element("p");
    this.line = element("p", { class: "il-line" });
    this.weights = element("ul", { class: "il-weights" });
    this.root = element(
      "div",
      { class: "il-card", role: "note", hidden: true },
      this.title,
      this.picture,
      this.words,
      this.line,
      this.weights,
    );
  }

  /**
   * @param {Palette} palette
   * @param {{name: string, place: Place, evaluation: Evaluation, scene: Scene}} neuron
   */
  draw(palette, { name, place, evaluation, scene }) {
    const { layer, neuron } = place;
    const size = evaluation.frame.layout.hiddenSizes[layer];
    this.title.textContent = name;
    this.words.textContent = neuronWords({ ...place, size }, evaluation.facts(layer, neuron));
    const activations = evaluation.overPlane[layer][neuron];
    paintNeuron(this.neuron, palette, { activations, largest: evaluation.largest(layer, neuron) });
    const context = sized(this.picture, PICTURE, PICTURE);
    context.clearRect(0, 0, PICTURE, PICTURE);
    context.drawImage(this.neuron, 0, 0, PICTURE, PICTURE);
    drawPoints(context, palette, scene, { width: PICTURE, height: PICTURE });
    const { W, b, inputs } = evaluation.frame.layers[layer];
    const weights = [...W.subarray(neuron * inputs, (neuron + 1) * inputs)];
    const line = layer === 0 ? lineAcross(weights, b[neuron], scene.bounds) : null;
    this.line.textContent = line ? lineWords(weights, b[neuron]) : "";
    if (line) {
      const [from, to] = line;
      context.strokeStyle = palette.ink;
      context.lineWidth = 1.8;
      strokeLine(context, [from[0] * PICTURE, from[1] * PICTURE], [to[0] * PICTURE, to[1] * PICTURE]);
    }
    const largest = Math.max(...weights.map(Math.abs)) || 1;
    const rows = weights.slice(0, MOST_WEIGHTS).map((weight, input) => {
      const bar = element("i", { class: weight < 0 ? "il-minus" : "il-plus" });
      bar.style.width = `${(Math.abs(weight) / largest) * 50}%`;
      const from = layer === 0 ? `x${input + 1}` : `neuron ${input + 1}`;
      return element(
        "li",
        {},
        element("span", {}, from),
        element("b", {}, bar),
        element("span", {}, signed(weight)),
      );
    });
    const rest = weights.length - rows.length;
    if (rest > 0) rows.push(element("li", {}, `and ${rest} more`));
    rows.push(
      element("li", {}, element("span", {}, "b"), element("b"), element("span", {}, signed(b[neuron]))),
    );
    this.weights.replaceChildren(...rows);
    this.root.hidden = false;
  }

  /**
   * Over the neighbouring run; a run that stands alone has a place for it beside its boundary. Never over the
   * boundary itself.
   *
   * @param {{run: HTMLElement, boundary: HTMLElement}} own
   * @param {HTMLElement} lab
   */
  stand({ run, boundary }, lab) {
    const [own, picture, all, card] = [run, boundary, lab, this.root].map((node) =>
      node.getBoundingClientRect(),
    );
    const places = [own.right, own.left - card.width, picture.right + GAP];
    const beside = places.find((left) => left >= all.left && left + card.width <= all.right);
    this.root.style.left = `${(beside ?? all.right - card.width - 1) - all.left}px`;
    this.root.style.top = `${(beside === undefined ? own.bottom : own.top) - all.top}px`;
  }
}
