// The buttons that train, the slider through the recorded moments, and what the lab is doing.

import { whole } from "../compute/numbers.js";
import { button, element } from "../draw/element.js";
import { allows, STATUS_WORDS, trainWord } from "../status.js";
import { resultsInWords } from "../words.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../status.js").Action} Action */

/** @type {readonly (readonly [Action, string, string])[]} */
const BUTTONS = [
  ["train", "Train", "Train all runs side by side; goes on after a pause"],
  ["pause", "Pause", "Hold here"],
  ["step", "Step", "One step of gradient descent"],
  ["stop", "Stop", "End this training"],
  ["reset", "Reset", "Back to exactly the same starting weights"],
];

export class TransportView {
  /**
   * @param {Connection} connection
   * @param {(moment: number) => void} onscrub
   */
  constructor(connection, onscrub) {
    this.connection = connection;
    this.buttons = new Map(
      BUTTONS.map(([action, text, title]) => [
        action,
        button(text, () => this.press(action), { class: `il-button il-${action}`, title }),
      ]),
    );
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      class: "il-slider",
      "aria-label": "Recorded moments",
      oninput: () => onscrub(Number(this.slider.value)),
    });
    this.clock = element("span", { class: "il-clock" }); // no <output>: it would be read aloud at every frame
    this.status = element("p", { class: "il-status", role: "status", "aria-live": "polite" });
    this.message = element("p", { class: "il-message", role: "alert" });
    this.waiting = element("p", { class: "il-message il-waiting", "aria-live": "polite" });
    this.isGone = false;
    this.question = element(
      "div",
      { class: "il-question", role: "group", "aria-label": "Start again?", hidden: true },
      element("span", {}, "The training is over. A step starts again from iteration 0."),
      button("Start again", () => {
        this.ask(false);
        connection.act("reset");
        connection.act("step");
      }),
      button("Keep it", () => this.ask(false)),
    );
    const scrub = element("div", { class: "il-scrub" }, this.slider, this.clock);
    const toolbar = { class: "il-transport", role: "toolbar", "aria-label": "Training" };
    this.root = element(
      "div",
      { class: "il-top" },
      element("div", toolbar, ...this.buttons.values(), scrub),
      this.question,
      this.status,
      this.message,
      this.waiting,
    );
    const closers = /** @type {const} */ (["status", "message", "table"]).map((name) =>
      connection.onChange(name, () => this.show()),
    );
    closers.push(
      connection.onWaiting((words, isGone) => {
        this.isGone = isGone;
        this.waiting.textContent = words;
        this.show();
      }),
    );
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }

  /** @param {Action} action */
  press(action) {
    if (action === "step" && this.connection.get("status") === "finished") this.ask(true);
    else this.connection.act(action);
  }

  /** @param {boolean} isOpen whether it is asked if a step may throw the finished training away */
  ask(isOpen) {
    this.question.hidden = !isOpen;
    if (isOpen) this.question.querySelector("button")?.focus();
    else this.buttons.get("step")?.focus();
  }

  show() {
    const status = this.connection.get("status");
    for (const [action, node] of this.buttons) node.disabled = this.isGone || !allows(status, action);
    if (status !== "finished") this.question.hidden = true;
    const train = this.buttons.get("train");
    if (train) train.textContent = trainWord(status);
    let words = STATUS_WORDS[status];
    if (status === "finished") words += `: ${resultsInWords(this.connection.get("table"))}`;
    if (this.status.textContent !== words) this.status.textContent = words;
    this.message.textContent = this.connection.get("message");
  }

  /**
   * @param {{shown: number, last: number}} moment
   * @param {{iteration: number, iterations: number}} progress
   */
  showMoment({ shown, last }, { iteration, iterations }) {
    this.slider.max = String(last);
    this.slider.value = String(shown);
    this.slider.setAttribute("aria-valuetext", `iteration ${whole(iteration)}`);
    this.clock.textContent = `${whole(iteration)} of ${whole(iterations)}`;
  }
}
