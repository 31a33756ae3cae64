// The runs side by side, a column each.

import { logRange } from "../compute/ticks.js";
import { element, suppressShortcuts } from "../draw/element.js";
import { brokenColumn, normSeries, RunColumn } from "./run-column.js";

/** @typedef {import("../charts/boundary.js").Scene} Scene */
/** @typedef {import("../connection.js").TableRow} TableRow */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/layout.js").Frame} Frame */
/** @typedef {import("../frames/store.js").Row} Row */

export class RunsView {
  /** @param {() => void} redraw */
  constructor(redraw) {
    this.redraw = redraw;
    this.root = element("div", { class: "il-columns" });
    /** @type {(RunColumn | null)[]} null for a function that gives no network */
    this.columns = [];
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
    this.root.style.setProperty("--il-count", String(names.length));
    const broken = names.map((_, run) => rows[run]?.message ?? "");
    this.columns = names.map((name, run) =>
      broken[run] ? null : new RunColumn(name, looks[run], this.redraw),
    );
    this.root.replaceChildren(
      ...this.columns.map((column, run) => column?.root ?? brokenColumn(names[run], looks[run], broken[run])),
    );
    suppressShortcuts(this.root);
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
   * @param {Palette} palette
   * @param {{row: Row, curves: Frame[][], looks: Look[], cursor: number | null}} moment
   * @param {{iterations: number, scene: Scene}} training
   */
  draw(palette, { row, curves, looks, cursor }, { iterations, scene }) {
    const norms = curves.map((curve, run) => normSeries(curve, looks[run]));
    const y = logRange(
      norms.flat().map((series) => series.y),
      { floor: 1e-16 },
    );
    row.forEach((frame, run) => {
      if (!frame) return;
      this.columns[run]?.draw(palette, { frame, norms: norms[run], x: [0, iterations], y, cursor, scene });
    });
  }

  /** @param {Row} row */
  describe(row) {
    row.forEach((frame, run) => {
      if (frame) this.columns[run]?.describe(frame);
    });
  }

  close() {
    for (const column of this.columns) column?.close();
  }
}
