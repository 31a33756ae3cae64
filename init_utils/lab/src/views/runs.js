// The runs side by side, a column each; the neuron that is looked at, in all of them.

import { largestWeight } from "../charts/net.js";
import { logRange } from "../compute/ticks.js";
import { element, suppressShortcuts } from "../draw/element.js";
import { markPicture } from "../draw/marks.js";
import { Evaluation } from "../frames/evaluation.js";
import { CardView } from "./card.js";
import { brokenColumn, normSeries, RunColumn } from "./run-column.js";

/** @typedef {import("../charts/boundary.js").Scene} Scene */
/** @typedef {import("../connection.js").TableRow} TableRow */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */
/** @typedef {import("../frames/store.js").Curve} Curve */
/** @typedef {import("../frames/store.js").Row} Row */
/** @typedef {import("./neurons.js").Place} Place */

const CLOSING_MS = 120; // long enough for the pointer to reach the card

/**
 * @param {Place} one
 * @param {Place} other
 */
function isSame(one, other) {
  return one.layer === other.layer && one.neuron === other.neuron;
}

/**
 * @param {Frame} frame
 * @param {Scene} scene
 * @param {Evaluation | null | undefined} before of the run's last picture
 */
function evaluated(frame, scene, before) {
  return before?.frame === frame && before.scene === scene ? before : new Evaluation(frame, scene, before);
}

export class RunsView {
  /** @param {() => void} redraw */
  constructor(redraw) {
    this.redraw = redraw;
    /** On a narrow page one run at a time is shown, chosen here. */
    this.chooser = element("div", { class: "il-chooser", role: "group", "aria-label": "Run shown" });
    this.columnsRoot = element("div", { class: "il-columns" });
    this.root = element("div", { class: "il-runs" }, this.chooser, this.columnsRoot);
    /** What stands in the tabs, by their names. */
    this.panels = {
      Gradients: element("div", { class: "il-columns" }),
      Outputs: element("div", { class: "il-columns" }),
      Similarity: element("div", { class: "il-columns" }),
    };
    this.card = new CardView();
    /** @type {(RunColumn | null)[]} null for a function that gives no network */
    this.columns = [];
    /** @type {(Evaluation | null)[]} */
    this.evaluations = [];
    /** @type {{run: number, place: Place, isPinned: boolean} | null} */
    this.chosen = null;
    this.isShared = false;
    this.closing = 0;
    this.card.root.addEventListener("pointerenter", () => clearTimeout(this.closing));
    this.card.root.addEventListener("pointerleave", () => this.look(0, null));
  }

  /**
   * Build the columns of other runs.
   *
   * @param {string[]} names
   * @param {Look[]} looks
   * @param {TableRow[]} rows
   */
  build(names, looks, rows) {
    this.close();
    this.chosen = null;
    this.card.root.hidden = true;
    const broken = names.map((_, run) => rows[run]?.message ?? "");
    this.columns = names.map((name, run) =>
      broken[run]
        ? null
        : new RunColumn(name, looks[run], this.redraw, (place, options) => this.look(run, place, options)),
    );
    this.columnsRoot.replaceChildren(
      ...this.columns.map((column, run) => column?.root ?? brokenColumn(names[run], looks[run], broken[run])),
    );
    for (const [name, root] of Object.entries(this.panels)) {
      const key = /** @type {keyof RunColumn["panels"]} */ (name);
      root.replaceChildren(...this.columns.map((column) => column?.panels[key] ?? element("div")));
    }
    for (const root of [this.columnsRoot, ...Object.values(this.panels)])
      root.style.setProperty("--il-count", String(names.length));
    this.root.dataset.count = String(names.length);
    this.chooser.replaceChildren(
      ...names.map((name, run) =>
        element(
          "button",
          { type: "button", class: "il-choose", onclick: () => this.show(run) },
          markPicture(looks[run]),
          name,
        ),
      ),
    );
    this.show(0);
    suppressShortcuts(this.root);
  }

  /** @param {number} run the one that a narrow page shows */
  show(run) {
    [...this.chooser.children].forEach((node, index) => {
      node.setAttribute("aria-pressed", String(index === run));
    });
    for (const root of [this.columnsRoot, ...Object.values(this.panels)])
      [...root.children].forEach((node, index) => {
        node.classList.toggle("il-shown", index === run);
      });
    this.redraw();
  }

  /**
   * Look at a neuron, in all runs; a pinned one stays until it is pinned again.
   *
   * @param {number} run
   * @param {Place | null} place null: look away
   * @param {{pin?: boolean}} options
   */
  look(run, place, { pin = false } = {}) {
    clearTimeout(this.closing);
    if (!place) {
      if (!this.chosen?.isPinned) this.closing = window.setTimeout(() => this.dismiss(), CLOSING_MS);
      return;
    }
    const before = this.chosen;
    if (before?.isPinned && !pin) return;
    if (before?.isPinned && before.run === run && isSame(before.place, place)) return this.dismiss();
    this.chosen = { run, place, isPinned: pin };
    this.redraw();
  }

  /** Close the card. */
  dismiss() {
    this.chosen = null;
    this.card.root.hidden = true;
    this.redraw();
  }

  /** @param {Look[]} looks in another theme */
  showLooks(looks) {
    this.columns.forEach((column, run) => {
      column?.showLook(looks[run]);
    });
  }

  /** @param {TableRow[]} rows */
  showRows(rows) {
    rows.forEach((row, run) => {
      this.columns[run]?.showRow(row);
    });
  }

  /**
   * All pictures first, then all words: a canvas that sets its font has the browser compute the styles that words
   * have changed.
   *
   * @param {Palette} palette
   * @param {{row: Row, curves: Curve[], looks: Look[], cursor: number | null}} moment
   * @param {{iterations: number, scene: Scene, tab: string}} training
   */
  draw(palette, { row, curves, looks, cursor }, { iterations, scene, tab }) {
    const norms = tab === "Gradients" ? curves.map((curve, run) => normSeries(curve, looks[run])) : [];
    const y = logRange(
      norms.flat().map((series) => series.y),
      { floor: 1e-16 },
    );
    const before = this.evaluations;
    this.evaluations = row.map((frame, run) => frame && evaluated(frame, scene, before[run]));
    const shared = this.isShared ? this.sharedScale() : null;
    const ringed = this.chosen?.place ?? null;
    this.evaluations.forEach((evaluation, run) => {
      if (!evaluation) return;
      const x = /** @type {const} */ ([0, iterations]);
      const moment = { evaluation, norms: norms[run] ?? [], x, y, cursor, scene, tab, shared };
      this.columns[run]?.draw(palette, { ...moment, ringed });
    });
    this.evaluations.forEach((evaluation, run) => {
      if (evaluation) this.columns[run]?.tell(evaluation, { shared, ringed });
    });
    this.drawCard(palette, scene);
  }

  /** What full ink and the widest edge mean when all runs have one scale. */
  sharedScale() {
    const drawn = this.evaluations.flatMap((one) => one ?? []);
    return {
      activation: Math.max(0, ...drawn.map((one) => one.largestOfAll)),
      weight: Math.max(0, ...drawn.flatMap((one) => one.frame.layers.map(largestWeight))),
    };
  }

  /**
   * @param {Palette} palette
   * @param {Scene} scene
   */
  drawCard(palette, scene) {
    if (!this.chosen) return;
    const { run, place } = this.chosen;
    const [column, evaluation] = [this.columns[run], this.evaluations[run]];
    const lab = this.root.parentElement; // what the card stands in
    if (!column || !evaluation || !lab) return;
    this.card.draw(palette, { name: column.name, place, evaluation, scene });
    this.card.stand({ run: column.root, boundary: column.boundary.surface.canvas }, lab);
  }

  /** Names of all pictures. */
  describe() {
    this.evaluations.forEach((evaluation, run) => {
      if (evaluation) this.columns[run]?.describe(evaluation);
    });
  }

  close() {
    for (const column of this.columns) column?.close();
  }
}
