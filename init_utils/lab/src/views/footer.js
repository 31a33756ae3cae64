// The line of Python that opens this lab, and what can be saved.

import { button, download, element } from "../draw/element.js";

/** @typedef {import("../connection.js").Connection} Connection */

const COPIED_MS = 1500;

export class FooterView {
  /**
   * @param {Connection} connection
   * @param {() => Promise<Blob | null>} picture of the results
   */
  constructor(connection, picture) {
    this.connection = connection;
    this.code = element("code", {
      class: "il-code",
      tabindex: "0",
      "aria-label": "Python that opens this lab",
    });
    this.copyButton = button("Copy", () => this.copy());
    const savePicture = async () => {
      const blob = await picture();
      if (blob) download("initialization-lab.png", blob);
    };
    this.root = element(
      "div",
      { class: "il-footer" },
      element("span", { class: "il-footer-label" }, "This lab in Python"),
      this.code,
      this.copyButton,
      button("Save PNG", savePicture),
      button("Save CSV", () => connection.act("csv")),
    );
    const closers = [
      connection.onChange("code", () => this.show()),
      connection.onMessage((message) => {
        if (message.kind !== "csv") return;
        download("initialization-lab.csv", new Blob([message.text], { type: "text/csv" }));
      }),
    ];
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }

  show() {
    this.code.textContent = this.connection.get("code");
  }

  async copy() {
    await navigator.clipboard?.writeText(this.connection.get("code"));
    this.copyButton.textContent = "Copied";
    setTimeout(() => {
      this.copyButton.textContent = "Copy";
    }, COPIED_MS);
  }
}
