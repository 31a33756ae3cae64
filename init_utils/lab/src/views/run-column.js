// One run: its boundary, its figures, what happens in words, its neurons, gradients and outputs.

import { BoundaryChart } from "../charts/boundary.js";
import { HistogramChart } from "../charts/histogram.js";
import { LineChart } from "../charts/line-chart.js";
import { SimilarityChart } from "../charts/similarity.js";
import { accuracy, capitalised, figure, percent } from "../compute/numbers.js";
import { element, panel, write } from "../draw/element.js";
import { markPicture } from "../draw/marks.js";
import { changesInWords, pictureWords, seedNoteOf } from "../words.js";
import { NeuronsView } from "./neurons.js";

/** @typedef {import("../charts/boundary.js").Scene} Scene */
/** @typedef {import("../charts/line-chart.js").Series} Series */
/** @typedef {import("../connection.js").TableRow} TableRow */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/evaluation.js").Evaluation} Evaluation */
/** @typedef {import("../frames/store.js").Curve} Curve */
/** @typedef {import("./neurons.js").Choose} Choose */
/** @typedef {import("./neurons.js").Place} Place */
/** @typedef {import("./neurons.js").SharedScale} SharedScale */
/** @typedef {import("../compute/ticks.js").Range} Range */

const LAYER_DASHES = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [12, 4], [1, 4], [4, 2]];

const FIGURES = /** @type {const} */ ([
  ["Cost", "cost", figure],
  ["Train", "train_accuracy", accuracy],
  ["Test", "test_accuracy", accuracy],
]);

/**
 * What a run shows at one moment.
 *
 * @typedef {object} RunMoment
 * @property {Evaluation} evaluation
 * @property {Series[]} norms one series per layer
 * @property {Range} x of the norms
 * @property {Range} y of the norms, the same for every run
 * @property {number | null} cursor
 * @property {Scene} scene
 * @property {string} tab that is open
 * @property {SharedScale | null} shared largest activation and weight, when all runs have one scale
 * @property {Place | null} ringed
 */

/**
 * The gradient norms of a run over iterations, a series per layer.
 *
 * @param {Curve} curve
 * @param {Look} look
 * @returns {Series[]}
 */
export function normSeries({ iterations, norms }, { colour }) {
  return norms.map((y, layer) => ({
    colour,
    dash: LAYER_DASHES[layer],
    label: `dW${layer + 1}`,
    x: iterations,
    y,
  }));
}

/** One run: above its boundary, figures, words and neurons; in the tabs its gradients, outputs, similarities. */
export class RunColumn {
  /**
   * @param {string} name
   * @param {Look} look
   * @param {() => void} redraw
   * @param {Choose} choose told of the neuron that is looked at
   */
  constructor(name, look, redraw, choose) {
    this.name = name;
    this.mark = markPicture(look);
    this.boundary = new BoundaryChart(`${name}: decision boundary`, redraw);
    this.histogram = new HistogramChart(`${name}: outputs`, redraw);
    this.similarity = new SimilarityChart(`${name}: similarity of neurons`, redraw);
    this.gradients = new LineChart(`${name}: gradient norms`, { zeroLane: true }, redraw);
    this.neurons = new NeuronsView(name, choose, redraw);
    this.figures = FIGURES.map(() => element("dd", {}, "–"));
    this.words = element("p", { class: "il-words" });
    this.seedNote = element("small", { class: "il-seed-note" });
    this.changes = element("p", { class: "il-note" });
    this.confident = element("p", { class: "il-note" });
    const list = FIGURES.map(([term], index) =>
      element("div", {}, element("dt", {}, term), this.figures[index]),
    );
    this.root = element(
      "section",
      { class: "il-run", "aria-label": name },
      element("h3", {}, this.mark, element("span", { class: "il-name" }, name), this.seedNote),
      this.boundary.surface.canvas,
      element("div", { class: "il-told" }, element("dl", { class: "il-figures" }, ...list), this.words),
      this.neurons.root,
    );
    /** What stands in the tabs, by their names. */
    this.panels = {
      Gradients: panel(name, "", this.gradients.surface.canvas, this.changes),
      Outputs: panel(name, "", this.histogram.surface.canvas, this.confident),
      Similarity: panel(name, likenessKey(), this.similarity.surface.canvas),
    };
  }

  /** @param {Look} look in another theme */
  showLook(look) {
    this.mark.style.color = look.colour;
  }

  /** @param {TableRow} row */
  showRow(row) {
    write(this.words, capitalised(row.diagnosis));
    write(this.seedNote, seedNoteOf(row));
    this.seedNote.title = row.note;
  }

  /**
   * The pictures.
   *
   * @param {Palette} palette
   * @param {RunMoment} moment
   */
  draw(palette, { evaluation, norms, x, y, cursor, scene, tab, shared, ringed }) {
    this.boundary.draw(palette, evaluation, scene);
    this.neurons.draw(palette, evaluation, { shared, ringed, output: this.boundary.surface.height / 2 });
    if (tab === "Gradients") this.gradients.draw(palette, { series: norms, x, y, cursor });
    if (tab === "Outputs") this.histogram.draw(palette, evaluation);
    if (tab === "Similarity") this.similarity.draw(palette, evaluation.frame);
  }

  /**
   * The words and numbers.
   *
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null}} options
   */
  tell(evaluation, { shared, ringed }) {
    const { frame } = evaluation;
    this.neurons.tell(evaluation, { shared, ringed });
    write(this.changes, changesInWords(frame));
    write(this.confident, `Confident and wrong: ${percent(frame.figure("confident_wrong"))} of the points.`);
    FIGURES.forEach(([, name, inWords], index) => {
      write(this.figures[index], inWords(frame.figure(name)));
    });
  }

  /**
   * Alt text of the pictures.
   *
   * @param {Evaluation} evaluation
   */
  describe(evaluation) {
    const words = pictureWords(this.name, evaluation.frame);
    this.boundary.surface.describe(words.boundary);
    this.histogram.surface.describe(words.histogram);
    this.similarity.surface.describe(words.similarity);
    this.gradients.surface.describe(words.gradients);
    this.neurons.describe(evaluation);
  }

  close() {
    for (const chart of [this.boundary, this.histogram, this.similarity, this.gradients])
      chart.surface.close();
    this.neurons.close();
  }
}

/**
 * The column of a function that gives no network.
 *
 * @param {string} name
 * @param {Look} look
 * @param {string} message
 */
export function brokenColumn(name, look, message) {
  return element(
    "section",
    { class: "il-run", "aria-label": name },
    element("h3", {}, markPicture(look), element("span", { class: "il-name" }, name)),
    element(
      "p",
      { class: "il-broken" },
      element("strong", {}, "This function cannot be trained yet. "),
      message,
    ),
  );
}

/** What the colours of the similarity matrices mean. */
function likenessKey() {
  const title = "cosine between the weights of two neurons";
  return element("span", { class: "il-key", title }, "−1", element("i", {}), "1");
}
