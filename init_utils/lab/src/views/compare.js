// Which initializers run side by side.

import { element, suppressShortcuts } from "../draw/element.js";
import { markPicture } from "../draw/marks.js";
import { MOST_RUNS } from "../shared.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../draw/palette.js").Look} Look */

export class CompareView {
  /**
   * @param {Connection} connection
   * @param {(name: string) => Look | undefined} lookOfRun
   */
  constructor(connection, lookOfRun) {
    this.connection = connection;
    this.lookOfRun = lookOfRun;
    this.boxes = element("div", { class: "il-choices" });
    this.note = element("p", { class: "il-note" });
    this.root = element("fieldset", {}, element("legend", {}, "Compare"), this.boxes, this.note);
    const closers = [
      connection.onChange("compare", () => this.show()),
      connection.onChange("setup", () => this.show()),
    ];
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }

  show() {
    const chosen = this.connection.get("compare");
    const focused = this.boxes.querySelector("input:focus")?.getAttribute("value") ?? null;
    this.boxes.replaceChildren(
      ...this.connection.get("candidates").map((candidate) => this.choice(candidate, chosen)),
    );
    this.note.textContent =
      chosen.length >= MOST_RUNS ? `${MOST_RUNS} at a time: clear one to choose another.` : "";
    suppressShortcuts(this.boxes);
    // The box that had the focus was replaced.
    for (const box of this.boxes.querySelectorAll("input")) if (box.value === focused) box.focus();
  }

  /**
   * @param {{name: string, built_in: boolean}} candidate
   * @param {string[]} chosen
   */
  choice({ name, built_in }, chosen) {
    const isChosen = chosen.includes(name);
    const box = element("input", { type: "checkbox", value: name });
    box.checked = isChosen;
    box.disabled = isChosen ? chosen.length === 1 : chosen.length >= MOST_RUNS;
    box.addEventListener("change", () => {
      const names = this.connection.get("candidates").map((one) => one.name);
      const isWanted = (/** @type {string} */ other) =>
        other === name ? box.checked : chosen.includes(other);
      this.connection.change("compare", names.filter(isWanted));
    });
    const look = isChosen ? this.lookOfRun(name) : undefined;
    const mark = look ? markPicture(look) : element("span", { class: "il-mark" });
    const words = built_in ? name : `${name} (yours)`;
    return element("label", { class: "il-choice" }, box, mark, element("span", {}, words));
  }
}
