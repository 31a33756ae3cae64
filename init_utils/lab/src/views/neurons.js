// The hidden neurons of one run as pictures: one Tab stop, arrows move, Enter pins, Escape closes. They stand in
// rows below the boundary; where one or two runs leave room, in columns beside it, as a net with its edges.

import { drawEdges } from "../charts/net.js";
import { paintNeuron } from "../charts/neuron.js";
import { figure } from "../compute/numbers.js";
import { button, element, write } from "../draw/element.js";
import { Surface } from "../draw/surface.js";
import { netWords, neuronWords } from "../words.js";

/** @typedef {import("../charts/net.js").Spot} Spot */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/evaluation.js").Evaluation} Evaluation */
/** @typedef {{layer: number, neuron: number}} Place both from 0 */
/** @typedef {(place: Place | null, options?: {pin?: boolean}) => void} Choose */
/** @typedef {{activation: number, weight: number}} SharedScale what full ink and the widest edge mean for all runs */

export const MOST_SHOWN = 16; // of a layer, until all are asked for
/** What an arrow does where layers are rows, and where they are columns. */
const ROWS = { next: "ArrowRight", back: "ArrowLeft", deeper: "ArrowDown", shallower: "ArrowUp" };
const COLUMNS = { next: "ArrowDown", back: "ArrowUp", deeper: "ArrowRight", shallower: "ArrowLeft" };

/**
 * The place that a key leads to.
 *
 * @param {Place} place
 * @param {string} key
 * @param {number[]} counts neurons shown of each layer
 * @param {{inColumns?: boolean}} options whether layers are columns
 * @returns {Place | null} null for a key that moves nowhere
 */
export function placeAfter({ layer, neuron }, key, counts, { inColumns = false } = {}) {
  const last = counts[layer] - 1;
  const arrows = inColumns ? COLUMNS : ROWS;
  if (key === arrows.next) return { layer, neuron: Math.min(last, neuron + 1) };
  if (key === arrows.back) return { layer, neuron: Math.max(0, neuron - 1) };
  if (key === "Home") return { layer, neuron: 0 };
  if (key === "End") return { layer, neuron: last };
  const next = key === arrows.deeper ? layer + 1 : key === arrows.shallower ? layer - 1 : -1;
  if (next < 0 || next >= counts.length) return null;
  return { layer: next, neuron: Math.min(neuron, counts[next] - 1) };
}

/**
 * @param {Element} node
 * @param {string} name of a class
 * @param {boolean} isOn
 */
function mark(node, name, isOn) {
  if (node.classList.contains(name) !== isOn) node.classList.toggle(name, isOn);
}

export class NeuronsView {
  /**
   * @param {string} name of the run
   * @param {Choose} choose what is told of the neuron that is looked at
   * @param {() => void} redraw
   */
  constructor(name, choose, redraw) {
    this.name = name;
    this.choose = choose;
    this.showsAll = false;
    /** @type {HTMLElement[][]} the pictures of each layer */
    this.cells = [];
    /** @type {HTMLElement[]} */
    this.captions = [];
    this.edges = new Surface(`${name}: edges of the net`, "il-edges", redraw);
    /** @type {{key: string, spots: Spot[][]}} measured once per size: reading places makes the browser lay out */
    this.measured = { key: "", spots: [] };
    this.grid = element("div", {
      class: "il-neurons",
      role: "grid",
      "aria-label": `${name}: hidden neurons`,
    });
    this.more = button("", () => {
      this.showsAll = true;
      this.cells = [];
      redraw();
    });
    const key = "Edges: |w|; dashed: w < 0";
    this.root = element(
      "div",
      { class: "il-net" },
      this.edges.canvas,
      this.grid,
      element("p", { class: "il-note il-edge-key" }, key),
      this.more,
    );
    this.grid.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {readonly number[]} sizes of the hidden layers */
  build(sizes) {
    const shown = sizes.map((size) => (this.showsAll ? size : Math.min(size, MOST_SHOWN)));
    this.captions = sizes.map(() => element("span", { class: "il-caption", "aria-hidden": "true" }));
    this.cells = shown.map((count, layer) =>
      Array.from({ length: count }, (_, neuron) => this.cell({ layer, neuron })),
    );
    this.grid.replaceChildren(
      ...this.cells.flatMap((cells, layer) => [
        this.captions[layer],
        element("div", { class: "il-layer", role: "row" }, ...cells),
      ]),
    );
    const largest = Math.max(0, ...sizes);
    this.more.hidden = this.showsAll || largest <= MOST_SHOWN;
    this.more.textContent = `Show all ${largest}`;
    this.root.classList.toggle("il-rows", this.showsAll); // too many for a net
    this.root.classList.toggle("il-long", sizes.length > 3);
    this.measured.key = "";
    this.cells[0]?.[0].setAttribute("tabindex", "0");
  }

  /** @param {Place} place */
  cell(place) {
    const node = element(
      "div",
      {
        class: "il-neuron",
        role: "gridcell",
        tabindex: "-1",
        "data-lm-suppress-shortcuts": "true",
        onpointerenter: () => this.choose(place),
        onpointerleave: () => this.choose(null),
        onfocus: () => this.choose(place),
        onblur: () => this.choose(null),
        onclick: () => {
          this.move(place);
          this.choose(place, { pin: true });
        },
      },
      element("canvas", { "aria-hidden": "true" }),
    );
    node.dataset.place = `${place.layer},${place.neuron}`;
    return node;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const node = event.target instanceof HTMLElement ? event.target : null;
    const [layer, neuron] = (node?.dataset.place ?? "").split(",").map(Number);
    if (Number.isNaN(layer)) return;
    if (event.key === "Enter" || event.key === " ") this.choose({ layer, neuron }, { pin: true });
    const next = placeAfter(
      { layer, neuron },
      event.key,
      this.cells.map((cells) => cells.length),
      { inColumns: this.edges.canvas.checkVisibility() },
    );
    if (next) this.move(next);
    if (next || event.key === "Enter" || event.key === " ") event.preventDefault();
  }

  /** @param {Place} place which gets the focus, and is where Tab comes back to */
  move({ layer, neuron }) {
    for (const node of this.cells.flat()) node.setAttribute("tabindex", "-1");
    const node = this.cells[layer][neuron];
    node.setAttribute("tabindex", "0");
    node.focus();
  }

  /**
   * The pictures.
   *
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null, output: number}} options `output` is where the last
   *   edges end: pixels below the upper edge of the net
   */
  draw(palette, evaluation, { shared, ringed, output }) {
    const { hiddenSizes } = evaluation.frame.layout;
    if (this.cells.length !== hiddenSizes.length) this.build(hiddenSizes);
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        const canvas = /** @type {HTMLCanvasElement} */ (node.firstChild);
        const activations = evaluation.overPlane[layer][neuron];
        const largest = shared?.activation ?? evaluation.largest(layer, neuron);
        paintNeuron(canvas, palette, { activations, largest });
      });
    });
    const context = this.edges.begin(palette);
    if (!context) return;
    const { layers } = evaluation.frame;
    drawEdges(context, palette, {
      layers,
      spots: this.spots(output),
      shared: shared?.weight ?? null,
      ringed,
    });
  }

  /**
   * Which neurons are silent, which is looked at, and how strong those of a layer are.
   *
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null}} options
   */
  tell(evaluation, { shared, ringed }) {
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        mark(node, "il-silent", evaluation.isSilent(layer, neuron));
        mark(node, "il-ringed", ringed?.layer === layer && ringed.neuron === neuron);
      });
      const sizes = cells.map((_, neuron) => evaluation.largest(layer, neuron));
      const [low, high] = [Math.min(...sizes), Math.max(...sizes)].map(figure);
      const range = low === high ? low : `${low}–${high}`;
      const strength = shared === null ? `max ${range}` : `ink ${figure(shared.activation)}`;
      write(this.captions[layer], `Layer ${layer + 1}, ${strength}`);
    });
  }

  /**
   * Where the edges begin and end: at the inputs, at each neuron shown, at the boundary, which is the output's
   * picture.
   *
   * @param {number} output
   * @returns {Spot[][]}
   */
  spots(output) {
    const { width, height } = this.edges;
    const key = `${width}x${height}:${output}`;
    if (key === this.measured.key) return this.measured.spots;
    const frame = this.edges.canvas.getBoundingClientRect();
    const hidden = this.cells.map((cells) =>
      cells.map((node) => {
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return { left: left - frame.left, right: right - frame.left, y: (top + bottom) / 2 - frame.top };
      }),
    );
    const first = hidden[0];
    const inputs = [0.3, 0.7].map((share) => ({
      left: 0,
      right: 18,
      y: first[0].y + share * (first[first.length - 1].y - first[0].y),
    }));
    const spots = [inputs, ...hidden, [{ left: width, right: width, y: output }]];
    this.measured = { key, spots };
    return spots;
  }

  close() {
    this.edges.close();
  }

  /**
   * Names for screen readers; not while training.
   *
   * @param {Evaluation} evaluation
   */
  describe(evaluation) {
    this.edges.describe(netWords(this.name, evaluation.frame));
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        const size = evaluation.frame.layout.hiddenSizes[layer];
        node.setAttribute(
          "aria-label",
          neuronWords({ layer, neuron, size }, evaluation.facts(layer, neuron)),
        );
      });
    });
  }
}
