// One lab on the page: its views, the moment on show, the theme, and when to draw.

import { planeOf } from "../compute/network.js";
import { button, element, suppressShortcuts } from "../draw/element.js";
import { isDark, lookOf, readPalette } from "../draw/palette.js";
import { sheetOf } from "../draw/sheet.js";
import { asFloats } from "../frames/store.js";
import { CostView } from "./cost.js";
import { DepthView } from "./depth.js";
import { FooterView } from "./footer.js";
import { QuestionsView } from "./questions.js";
import { ResultsView } from "./results.js";
import { RunsView } from "./runs.js";
import { ScaleView } from "./scale.js";
import { SeedsView } from "./seeds.js";
import { SettingsView } from "./settings.js";
import { hideStill } from "./still.js";
import { TabsView } from "./tabs.js";
import { TransportView } from "./transport.js";

/** @typedef {import("../charts/boundary.js").Scene} Scene */
/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../connection.js").Setup} Setup */
/** @typedef {import("../draw/palette.js").Look} Look */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../frames/store.js").FrameStore} FrameStore */
/** @typedef {import("../frames/store.js").Row} Row */

const CALM_MS = 500; // between two pictures of a training where motion is to be reduced
const KEYS = ["keydown", "keyup", "keypress"];
const THEME_ATTRIBUTES = ["class", "data-jp-theme-light", "data-jp-theme-name"];

export class LabView {
  /**
   * @param {Connection} connection
   * @param {FrameStore} store
   * @param {HTMLElement} parent
   */
  constructor(connection, store, parent) {
    this.connection = connection;
    this.store = store;
    this.shown = 0;
    this.isFollowing = true;
    this.isScheduled = false;
    this.isClosed = false;
    this.drawnAt = 0;
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {Look[]} of each run */
    this.looks = [];
    /** @type {Scene} */
    this.scene = sceneOf(new Float32Array(), { bounds: [0, 1, 0, 1], hidden: "relu" }, 0);
    this.root = element("div", { class: "initlab", role: "group", "aria-label": "Initialization lab" });

    const redraw = () => this.schedule();
    this.transport = new TransportView(connection, (moment) => this.scrub(moment));
    this.settings = new SettingsView(connection, (name) => this.looks[store.setup.runs.indexOf(name)]);
    this.runs = new RunsView(redraw);
    this.cost = new CostView(connection, redraw);
    this.scales = new ScaleView(connection, redraw);
    this.depth = new DepthView(connection, redraw);
    this.results = new ResultsView();
    this.seeds = new SeedsView(connection, redraw);
    this.footer = new FooterView(connection, () => this.picture());
    const { Gradients, Outputs, Similarity } = this.runs.panels;
    const panels = {
      Gradients,
      Outputs,
      Scale: this.scales.root,
      Seeds: this.seeds.root,
      Depth: this.depth.root,
      Similarity,
      Table: this.results.root,
      Python: this.footer.root,
    };
    this.tabs = new TabsView("More", panels, redraw);
    this.questions = new QuestionsView(connection, (tab) => this.tabs.open(tab));
    this.tabs.bar.after(this.questions.bar);
    this.tabs.root.prepend(this.questions.words);
    this.scale = button("", () => this.switchScale(), {
      class: "il-button il-scale",
      "aria-pressed": "false",
    });
    this.settings.root.append(this.scale, presentButton(this.root));
    this.main = element(
      "div",
      { class: "il-main" },
      this.runs.root,
      this.runs.card.root,
      this.cost.root,
      this.tabs.root,
    );
    this.root.append(
      hideStill(connection.get("still")),
      this.transport.root,
      element("div", { class: "il-whole" }, this.settings.root, this.main),
    );
    this.showScale();
    parent.append(this.root);
    this.closers = this.listen();
    this.showTheme();
    this.refresh("setup");
    connection.act("history");
  }

  // ---------------------------------------------------------------- listening

  listen() {
    const { connection, store } = this;
    for (const kind of KEYS) {
      // For other listeners than JupyterLab's: Notebook 7 and pages that embed the lab.
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.runs.dismiss();
    });
    const observer = new MutationObserver(() => this.showTheme());
    for (const node of [document.body, document.documentElement]) {
      observer.observe(node, { attributes: true, attributeFilter: THEME_ATTRIBUTES });
    }
    suppressShortcuts(this.root);
    return [
      store.onChange((what) => this.refresh(what)),
      connection.onChange("status", () => this.showStatus()),
      connection.onChange("status", () => this.followTraining()),
      connection.onChange("table", () => this.showTable()),
      connection.onChange("strip", () => this.schedule()),
      connection.onChange("scales", () => this.schedule()),
      connection.onChange("depth_curves", () => this.schedule()),
      () => observer.disconnect(),
    ];
  }

  /** Each neuron's largest value as full ink, or the largest of all. */
  switchScale() {
    this.runs.isShared = !this.runs.isShared;
    this.showScale();
    this.schedule();
  }

  showScale() {
    this.scale.textContent = this.runs.isShared ? "Scale: one for all" : "Scale: each its own";
    this.scale.setAttribute("aria-pressed", String(this.runs.isShared));
  }

  /** @param {number} moment */
  scrub(moment) {
    this.shown = moment;
    this.isFollowing = moment === this.store.last;
    this.schedule();
  }

  /** Train and Go on show what happens, wherever the slider was. */
  followTraining() {
    if (this.connection.get("status") !== "running") return;
    this.isFollowing = true;
    this.refresh("frames");
  }

  /** @param {"setup" | "frames"} what */
  refresh(what) {
    if (what === "setup") this.showSetup();
    if (this.isFollowing || this.shown > this.store.last) this.shown = this.store.last;
    this.schedule();
  }

  // ------------------------------------------------------------------ showing

  /** Light or dark, by the background in force; there is none before the lab is part of the page. */
  showTheme() {
    const dark = isDark(getComputedStyle(this.root).backgroundColor);
    this.root.dataset.theme = dark ? "dark" : "light";
    this.palette = readPalette(this.root, { dark });
    this.updateLooks();
    this.runs.showLooks(this.looks);
    this.settings.show();
    this.showTable();
    this.schedule();
  }

  showSetup() {
    const { setup } = this.store;
    this.updateLooks();
    this.runs.build(setup.runs, this.looks, this.connection.get("table"));
    this.cost.predictions.build(setup.runs, this.looks);
    const points = asFloats(this.connection.get("train_points"));
    this.scene = sceneOf(points, setup, this.scene.stamp + 1);
    this.isFollowing = true;
    this.showStatus();
    this.showTable();
  }

  updateLooks() {
    const dark = this.root.dataset.theme === "dark";
    this.looks = this.store.setup.identities.map((identity) => lookOf(identity, { dark }));
  }

  showStatus() {
    this.root.dataset.status = this.connection.get("status");
  }

  showTable() {
    const rows = this.connection.get("table");
    if (rows.length !== this.looks.length) return; // of the runs before: those of the new ones follow
    this.results.show(rows, this.looks);
    this.runs.showRows(rows);
  }

  // ------------------------------------------------------------------ drawing

  schedule() {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const isRunning = this.connection.get("status") === "running";
    const waits = isCalm && isRunning ? Math.max(0, this.drawnAt + CALM_MS - performance.now()) : 0;
    const draw = () => {
      this.isScheduled = false;
      this.drawnAt = performance.now();
      if (!this.isClosed) this.draw();
    };
    if (waits) setTimeout(draw, waits);
    else requestAnimationFrame(draw);
  }

  draw() {
    const { rows, setup } = this.store;
    if (!rows.length) return;
    if (!this.palette) this.showTheme();
    if (!this.palette) return; // not on the page yet: its arrival changes sizes, and draws again
    const began = performance.now();
    const { palette, looks, scene, shown } = this;
    const { runs: names, iterations } = setup;
    const row = rows[Math.min(shown, this.store.last)];
    const iteration = row.find(Boolean)?.iteration ?? 0;
    const cursor = shown === this.store.last ? null : iteration;
    const { curves } = this.store;
    this.cost.draw(palette, { names, looks, curves }, { iterations, cursor });
    const tab = this.tabs.active;
    this.runs.draw(palette, { row, curves, looks, cursor }, { iterations, scene, tab });
    this.transport.showMoment({ shown, last: this.store.last }, { iteration, iterations });
    const theme = { dark: this.root.dataset.theme === "dark" };
    if (tab === "Depth") {
      this.depth.drawProfiles(palette, theme);
      this.depth.draw(palette, asFloats(this.connection.get("depth_curves")), { names, looks });
    }
    this.seeds.draw(palette, looks);
    if (tab === "Scale") this.scales.draw(palette, theme);
    if (this.connection.get("status") !== "running") this.describe(row);
    const detail = { iteration, frames: rows.length, ms: performance.now() - began };
    this.root.dispatchEvent(new CustomEvent("initlab:frame", { bubbles: true, detail }));
  }

  /**
   * Alt text of every picture; not while training, when it would be read aloud without end.
   *
   * @param {Row} row
   */
  describe(row) {
    const { runs: names } = this.store.setup;
    this.runs.describe();
    this.cost.describe(names, row);
    this.depth.describe(names);
  }

  /** @returns {Promise<Blob | null>} the results as PNG */
  async picture() {
    return this.palette && sheetOf(this.main, this.palette, this.connection.get("code"));
  }

  close() {
    this.isClosed = true;
    for (const closer of this.closers) closer();
    for (const view of [
      this.transport,
      this.settings,
      this.runs,
      this.cost,
      this.depth,
      this.scales,
      this.questions,
      this.seeds,
      this.footer,
    ]) {
      view.close();
    }
  }
}

/**
 * @param {Float32Array} points x, y, class of each
 * @param {Pick<Setup, "bounds" | "hidden">} setup
 * @param {number} stamp
 * @returns {Scene}
 */
function sceneOf(points, { bounds, hidden }, stamp) {
  const count = points.length / 3;
  const x = Float32Array.from({ length: count }, (_, point) => points[3 * point]);
  const y = Float32Array.from({ length: count }, (_, point) => points[3 * point + 1]);
  return { points, bounds, stamp, hidden, plane: planeOf(bounds), training: { count, x, y } };
}

/**
 * For the wall: the lab alone, as large as the screen.
 *
 * @param {HTMLElement} root
 */
function presentButton(root) {
  const present = button("Present", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.();
  });
  present.classList.add("il-present");
  return present;
}
