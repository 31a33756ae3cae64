// The form: what is trained, on what, how.

import {
  parseNumber,
  parseOptionalWhole,
  parsePerRun,
  parseSizes,
  parseWhole,
  writePerRun,
} from "../compute/parsing.js";
import { button, element } from "../draw/element.js";
import { LIMITS } from "../shared.js";
import { settingsInWords } from "../words.js";
import { CompareView } from "./compare.js";
import { Field, numberInput, select } from "./field.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {import("../draw/palette.js").Look} Look */

/** @type {readonly (readonly [string, string])[]} */
const PACES = [
  ["0", "no time"],
  ["2", "2 seconds"],
  ["5", "5 seconds"],
  ["15", "15 seconds"],
  ["60", "1 minute"],
];

/** Of one group at most one is open; a name of its own in each copy of this module. */
const GROUP = `il-${Math.random().toString(36).slice(2, 10)}`;

/** @typedef {"noise" | "learning_rate"} NumberName */
/** @typedef {"points" | "data_seed" | "iterations" | "strip_seeds"} WholeName */

export class SettingsView {
  /**
   * @param {Connection} connection
   * @param {(name: string) => Look | undefined} lookOfRun
   */
  constructor(connection, lookOfRun) {
    this.compare = new CompareView(connection, lookOfRun);
    this.groups = {
      Data: [
        choiceField(connection, "dataset", "Dataset"),
        numberField(connection, "noise", "Noise", 0.01),
        wholeField(connection, "points", "Points", 20),
        wholeField(connection, "data_seed", "Data seed", 1),
      ],
      Network: [layersField(connection), choiceField(connection, "hidden", "Activation")],
      Training: [
        numberField(connection, "learning_rate", "Learning rate", "any"),
        wholeField(connection, "iterations", "Iterations", "any"),
        paceField(connection),
      ],
      "Starting weights": [gainField(connection), seedField(connection)],
    };
    this.summaries = new Map(
      ["Compare", ...Object.keys(this.groups)].map((title) => [title, element("summary", {}, title)]),
    );
    const fieldsets = Object.entries(this.groups).map(([title, fields]) =>
      element("fieldset", {}, element("legend", {}, title), ...fields.map((field) => field.root)),
    );
    fieldsets[fieldsets.length - 1].append(button("New seed", () => connection.act("new-seed")));
    const titles = [...this.summaries.keys()];
    const parts = [this.compare.root, ...fieldsets].map((fieldset, index) =>
      element(
        "details",
        { class: "il-group", name: GROUP },
        this.summaries.get(titles[index]) ?? "",
        element("div", { class: "il-popover" }, fieldset),
      ),
    );
    this.root = element(
      "form",
      { class: "il-form", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
      ...parts,
    );
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const open = this.root.querySelector("details[open]");
      open?.removeAttribute("open");
      open?.querySelector("summary")?.focus();
    });
    const names = /** @type {const} */ ([
      ...["dataset", "noise", "points", "hidden_layers", "hidden", "learning_rate", "iterations"],
      ...["gain", "seed", "compare"],
    ]);
    this.closers = names.map((name) =>
      connection.onChange(/** @type {keyof Settings} */ (name), () => this.showWords(connection)),
    );
    this.showWords(connection);
  }

  /**
   * What is set, on the words that open it.
   *
   * @param {Connection} connection
   */
  showWords(connection) {
    for (const [title, words] of Object.entries(settingsInWords((name) => connection.get(name)))) {
      const summary = this.summaries.get(title);
      if (!summary) continue;
      summary.textContent = words;
      summary.setAttribute("aria-label", `${title}: ${words}`);
    }
  }

  /** Draw the marks of the runs again: the theme has changed. */
  show() {
    this.compare.show();
  }

  close() {
    this.compare.close();
    for (const closer of this.closers) closer();
    for (const field of Object.values(this.groups).flat()) field.close();
  }
}

/**
 * @param {Connection} connection
 * @param {"dataset" | "hidden"} name
 * @param {string} label
 */
function choiceField(connection, name, label) {
  const input = select(LIMITS[name].values.map((value) => [value, value]));
  return new Field(connection, { name, label, input, read: (text) => text });
}

/**
 * @param {Connection} connection
 * @param {NumberName} name
 * @param {string} label
 * @param {number | "any"} step
 */
function numberField(connection, name, label, step) {
  const limit = LIMITS[name];
  const input = numberInput(limit, step);
  return new Field(connection, {
    name,
    label,
    input,
    read: (text) => parseNumber(text, limit),
    hint: limit.words,
  });
}

/**
 * @param {Connection} connection
 * @param {WholeName} name
 * @param {string} label
 * @param {number | "any"} step
 */
export function wholeField(connection, name, label, step) {
  const limit = LIMITS[name];
  const input = numberInput(limit, step);
  const hint = `a whole number, ${limit.words}`;
  return new Field(connection, { name, label, input, read: (text) => parseWhole(text, limit), hint });
}

/** @param {Connection} connection */
function gainField(connection) {
  const limit = LIMITS.gain;
  return new Field(connection, {
    name: "gain",
    label: "Gain",
    input: element("input", { type: "text", spellcheck: "false", autocomplete: "off" }),
    read: (text) =>
      parsePerRun(
        text,
        limit,
        connection.get("candidates").map(({ name }) => name),
      ),
    write: writePerRun,
    hint: `${limit.words}, or by the names of runs: ${connection.get("compare")[0]} 0.5`,
  });
}

/** @param {Connection} connection */
function layersField(connection) {
  const limit = LIMITS.hidden_layers;
  return new Field(connection, {
    name: "hidden_layers",
    label: "Hidden layers",
    input: element("input", { type: "text", spellcheck: "false", autocomplete: "off" }),
    read: (text) => parseSizes(text, limit),
    write: (sizes) => sizes.join(", "),
    hint: `${limit.words}, as 10, 5`,
  });
}

/** @param {Connection} connection */
function paceField(connection) {
  const pace = connection.get("pace");
  const isKnown = PACES.some(([seconds]) => Number(seconds) === pace);
  const choices = isKnown ? PACES : [...PACES, /** @type {const} */ ([String(pace), `${pace} seconds`])];
  return new Field(connection, { name: "pace", label: "Shown in", input: select(choices), read: Number });
}

/** @param {Connection} connection */
function seedField(connection) {
  const limit = LIMITS.seed;
  return new Field(connection, {
    name: "seed",
    label: "Seed",
    input: element("input", { type: "number", min: limit.low, step: 1, placeholder: "as written" }),
    read: (text) => parseOptionalWhole(text, limit),
    write: (seed) => (seed === null ? "" : String(seed)),
    hint: "a whole number, or nothing",
  });
}
