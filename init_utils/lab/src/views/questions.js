// The notebook's questions: a button each, which sets the lab up, and the words of the one that is open.

import { button, element } from "../draw/element.js";
import { QUESTIONS } from "../shared.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {keyof typeof QUESTIONS} Asked */

export class QuestionsView {
  /**
   * @param {Connection} connection
   * @param {(tab: string) => void} open
   */
  constructor(connection, open) {
    this.connection = connection;
    this.open = open;
    const numbers = /** @type {Asked[]} */ (Object.keys(QUESTIONS));
    this.buttons = new Map(
      numbers.map((number) => [
        number,
        button(number, () => this.ask(number), {
          class: "il-button il-ask",
          "aria-label": `Question ${number}`,
          title: QUESTIONS[number].words,
        }),
      ]),
    );
    this.bar = element(
      "div",
      { class: "il-questions", role: "group", "aria-label": "Questions" },
      element("span", { "aria-hidden": "true" }, "Question"),
      ...this.buttons.values(),
    );
    this.words = element("p", { class: "il-asked", role: "status" });
    this.close = connection.onChange("question", () => this.show());
    this.show();
  }

  /** @param {Asked} number */
  ask(number) {
    this.open(QUESTIONS[number].tab);
    this.connection.act(`question-${number}`);
  }

  show() {
    const asked = this.connection.get("question");
    const number = /** @type {Asked | null} */ (asked === null ? null : String(asked));
    this.words.textContent = number ? `${number}. ${QUESTIONS[number].words}` : "";
    for (const [one, node] of this.buttons) node.setAttribute("aria-pressed", String(one === number));
    if (number) this.open(QUESTIONS[number].tab);
  }
}
