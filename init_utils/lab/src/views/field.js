// One labelled input, bound to one setting in both directions.

import { element } from "../draw/element.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../connection.js").Settings} Settings */

/**
 * @template {keyof Settings} Name
 * @typedef {object} FieldOptions
 * @property {Name} name of the setting
 * @property {string} label
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {(text: string) => Settings[Name] | undefined} read undefined for a text that cannot be used
 * @property {(value: Settings[Name]) => string} [write]
 * @property {string} [hint] what is allowed
 */

// Two labs on a page may run two copies of this module: what tells their ids apart is drawn at random.
const COPY = Math.random().toString(36).slice(2, 10);
let fieldCount = 0;

/** @template {keyof Settings} Name */
export class Field {
  /**
   * @param {Connection} connection
   * @param {FieldOptions<Name>} options
   */
  constructor(connection, { name, label, input, read, write = String, hint = "" }) {
    fieldCount += 1;
    this.connection = connection;
    this.name = name;
    this.input = input;
    this.read = read;
    this.write = write;
    this.hint = hint;
    input.id = `il-${COPY}-${fieldCount}`;
    input.dataset.trait = name;
    this.problem = element("span", { class: "il-problem", id: `${input.id}-problem`, role: "alert" });
    input.setAttribute("aria-describedby", this.problem.id);
    input.addEventListener("change", () => this.take());
    this.root = element(
      "div",
      { class: "il-field" },
      element("label", { for: input.id }, label),
      input,
      this.problem,
    );
    this.close = connection.onChange(name, () => this.show());
    this.show();
  }

  show() {
    this.input.value = this.write(this.connection.get(this.name));
    this.complain("");
  }

  take() {
    const value = this.read(this.input.value);
    this.complain(value === undefined ? this.hint : "");
    if (value !== undefined) this.connection.change(this.name, value);
  }

  /** @param {string} text */
  complain(text) {
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.problem.textContent = text;
  }
}

/** @param {readonly (readonly [string, string])[]} choices values and texts */
export function select(choices) {
  return element("select", {}, ...choices.map(([value, text]) => element("option", { value }, text)));
}

/**
 * @param {{low: number, high: number}} bounds
 * @param {number | "any"} step
 */
export function numberInput({ low, high }, step) {
  return element("input", { type: "number", min: low, max: high, step, inputmode: "decimal" });
}
