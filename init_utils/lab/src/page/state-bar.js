// The experiment as a text: to be copied as a link, or typed to open another one.

import { button, element } from "../draw/element.js";
import { SettingsError } from "../engine/settings.js";
import { readState, writeState } from "./address.js";

/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {import("./connection.js").PageConnection} PageConnection */

const SETTINGS = /** @type {const} */ ([
  ...["dataset", "noise", "points", "data_seed", "hidden_layers", "hidden", "learning_rate"],
  ...["iterations", "gain", "seed", "pace", "strip_seeds", "compare"],
]);

export class StateBar {
  /**
   * @param {PageConnection} connection
   * @param {{usual: Partial<Settings>, hasAddress: boolean}} page an address of its own, or inside another page
   */
  constructor(connection, { usual, hasAddress }) {
    this.connection = connection;
    this.usual = usual;
    this.hasAddress = hasAddress;
    this.text = element("input", {
      type: "text",
      spellcheck: "false",
      autocomplete: "off",
      "aria-label": "This experiment as text; another one can be typed",
      onchange: () => this.open(this.text.value),
    });
    this.said = element("span", { role: "status" });
    this.copyButton = button(hasAddress ? "Copy link" : "Select as text", () => this.copy());
    this.root = element(
      "div",
      { class: "page-state" },
      element("span", { "aria-hidden": "true" }, "This experiment"),
      this.text,
      this.copyButton,
      this.said,
    );
    for (const name of SETTINGS) connection.onChange(/** @type {keyof Settings} */ (name), () => this.show());
    this.show();
  }

  show() {
    const text = writeState((name) => this.connection.get(name), this.usual);
    this.text.value = text;
    if (this.hasAddress && text !== location.hash.slice(1)) {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    }
  }

  /**
   * Another experiment, if it is one.
   *
   * @param {string} text
   */
  open(text) {
    try {
      const changes = readState(
        text,
        this.connection.get("candidates").map(({ name }) => name),
      );
      this.said.textContent = "";
      this.connection.changeAll({ ...this.usual, ...changes });
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.refuse(error);
    }
  }

  /** @param {SettingsError} error */
  refuse(error) {
    this.said.textContent = `Not opened: ${error.message}.`;
  }

  async copy() {
    // In a frame there is no address to share, and no clipboard: the text is made ready to be copied by hand.
    if (!this.hasAddress) return this.select();
    try {
      await navigator.clipboard.writeText(location.href);
      this.said.textContent = "Copied.";
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // the browser did not permit it
      this.select();
    }
  }

  select() {
    this.text.select();
    this.said.textContent = "The text is selected: copy it with Ctrl+C.";
  }
}
