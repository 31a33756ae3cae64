// What is open below the runs, one at a time.

import { element } from "../draw/element.js";

export class TabsView {
  /**
   * @param {string} label
   * @param {Record<string, HTMLElement>} panels by the words on their tabs
   * @param {() => void} onopen
   */
  constructor(label, panels, onopen) {
    this.panels = panels;
    this.onopen = onopen;
    const names = Object.keys(panels);
    this.tabs = names.map((name) =>
      element(
        "button",
        { type: "button", class: "il-tab", role: "tab", onclick: () => this.open(name) },
        name,
      ),
    );
    this.bar = element("div", { class: "il-tabs", role: "tablist", "aria-label": label }, ...this.tabs);
    for (const [name, panel] of Object.entries(panels)) {
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-label", name);
    }
    this.root = element(
      "div",
      { class: "il-lower" },
      element("div", { class: "il-tab-row" }, this.bar),
      ...Object.values(panels),
    );
    this.bar.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!step) return;
      const next = (names.indexOf(this.active) + step + names.length) % names.length;
      this.open(names[next]);
      this.tabs[next].focus();
    });
    this.active = names[0];
    this.show();
  }

  /** @param {string} name */
  open(name) {
    this.active = name;
    this.show();
    this.onopen();
  }

  show() {
    for (const tab of this.tabs) {
      const isOpen = tab.textContent === this.active;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.setAttribute("tabindex", isOpen ? "0" : "-1");
    }
    for (const [name, panel] of Object.entries(this.panels)) panel.hidden = name !== this.active;
  }
}
