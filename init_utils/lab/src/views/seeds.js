// Every run trained again from many seeds.

import { SeedsChart } from "../charts/seeds.js";
import { button, element } from "../draw/element.js";
import { pairsInWords, seedsInWords, sweepProgress } from "../words.js";
import { wholeField } from "./settings.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */

export class SeedsView {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.field = wholeField(connection, "strip_seeds", "Seeds", 1);
    this.button = button("Compare seeds", () => connection.act(this.isRunning ? "stop" : "compare-seeds"));
    this.progress = element("p", { class: "il-note" });
    this.chart = new SeedsChart("Results over seeds", redraw);
    this.pairs = element("p", { class: "il-pairs" });
    this.list = element("ul", { class: "il-hidden" });
    this.box = element("div", { class: "il-strip-box" }, this.chart.surface.canvas, this.pairs, this.list);
    this.root = element(
      "section",
      { class: "il-panel" },
      element("h4", {}, "Seeds ", element("small", {}, "one seed shows no winner")),
      element("div", { class: "il-seed-bar" }, this.field.root, this.button, this.progress),
      this.box,
    );
    const closer = connection.onChange("status", () => this.showStatus());
    this.close = () => {
      closer();
      this.field.close();
      this.chart.surface.close();
    };
    this.showStatus();
  }

  get isRunning() {
    return this.connection.get("status") === "seeds";
  }

  showStatus() {
    this.button.textContent = this.isRunning ? "Stop" : "Compare seeds";
  }

  /**
   * @param {Palette} palette
   * @param {Look[]} looks
   */
  draw(palette, looks) {
    const strip = this.connection.get("strip");
    const rows = strip.rows ?? [];
    this.box.hidden = !rows.length;
    this.progress.textContent = sweepProgress(
      strip,
      "Trains every run from seeds 1, 2, 3, … and shows how far the results spread.",
    );
    if (!rows.length) return;
    this.chart.draw(palette, rows, looks);
    this.pairs.textContent = pairsInWords(rows);
    const words = rows.map(seedsInWords);
    this.chart.surface.describe(`Results over seeds. ${words.join(". ")}.`);
    this.list.replaceChildren(...words.map((text) => element("li", {}, text)));
  }
}
