// The table of results.

import { accuracy, figure } from "../compute/numbers.js";
import { element } from "../draw/element.js";
import { markPicture } from "../draw/marks.js";
import { diagnosisOf } from "../words.js";

/** @typedef {import("../connection.js").TableRow} TableRow */
/** @typedef {import("../draw/palette.js").Look} Look */

const HEADS = ["Run", "Cost at start", "Cost", "Training accuracy", "Test accuracy", "Time", "What happens"];

export class ResultsView {
  constructor() {
    this.body = element("tbody");
    const heads = HEADS.map((head) => element("th", { scope: "col" }, head));
    this.root = element(
      "div",
      { class: "il-table", tabindex: "0", role: "region", "aria-label": "Results, can be scrolled" },
      element(
        "table",
        {},
        element("caption", {}, "Results"),
        element("thead", {}, element("tr", {}, ...heads)),
        this.body,
      ),
    );
  }

  /**
   * @param {TableRow[]} rows
   * @param {Look[]} looks
   */
  show(rows, looks) {
    this.body.replaceChildren(...rows.map((row, run) => resultRow(row, looks[run])));
  }
}

/**
 * @param {TableRow} row
 * @param {Look} look
 */
function resultRow(row, look) {
  const name = element("th", { scope: "row" }, markPicture(look), row.name);
  if (row.message) {
    return element(
      "tr",
      {},
      name,
      element("td", { colspan: HEADS.length - 1, class: "il-left" }, row.message),
    );
  }
  const figures = [
    figure(row.start_cost),
    figure(row.cost),
    accuracy(row.train_accuracy),
    accuracy(row.test_accuracy),
    `${(row.seconds ?? 0).toFixed(2)} s`,
  ];
  return element(
    "tr",
    {},
    name,
    ...figures.map((text) => element("td", {}, text)),
    element("td", { class: "il-left" }, diagnosisOf(row)),
  );
}
