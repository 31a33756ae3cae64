// Part 5 of 5: the store of frames, the page, the transport, and the module that anywidget loads.

const stores = new WeakMap(); // one a model, shared by all its views

/** Every frame of the present training, as the kernel sent them. */
class Store {
  constructor(model) {
    this.model = model;
    this.listeners = new Set();
    this.begin();
    model.on("change:setup", () => {
      this.begin();
      this.tell("setup");
    });
    model.on("change:frame_span", () => this.take());
    this.take();
  }

  begin() {
    this.setup = this.model.get("setup");
    this.frames = []; // [moment][run] = {figures, cells} or null
  }

  take() {
    const span = this.model.get("frame_span");
    if (span.generation !== this.setup.generation) return;
    if (span.first > this.frames.length) {
      // Frames went by while nobody listened: ask for all of them.
      this.model.send({ do: "history" });
      return;
    }
    const { floats_per_run: floats, bytes_per_run: bytes, runs, figures: names } = this.setup;
    const view = this.model.get("frame_figures");
    const figures = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const packed = this.model.get("frame_cells");
    const cells = new Uint8Array(packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.byteLength));
    for (let moment = 0; moment < span.count; moment += 1) {
      this.frames[span.first + moment] = runs.map((_, run) => {
        const place = moment * runs.length + run;
        const row = figures.subarray(place * floats, (place + 1) * floats);
        if (Number.isNaN(row[0])) return null;
        const frame = { cells: cells.subarray(place * bytes, (place + 1) * bytes), norms: row.subarray(names.length) };
        names.forEach((name, index) => (frame[name] = row[index]));
        return frame;
      });
    }
    this.tell("frames");
  }

  tell(what) {
    this.listeners.forEach((listener) => listener(what));
  }
}

function storeOf(model) {
  if (!stores.has(model)) stores.set(model, new Store(model));
  return stores.get(model);
}

function bytesAsFloats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

const STATUS_WORDS = {
  ready: "Ready to train",
  running: "Training",
  paused: "Paused",
  stopped: "Stopped",
  finished: "Finished",
  seeds: "Training many seeds",
};

/** One lab on the page. */
class LabView {
  constructor(model, root) {
    this.model = model;
    this.store = storeOf(model);
    this.root = element("div", { class: "initlab", role: "group", "aria-label": "Initialization lab" });
    this.shown = 0;
    this.follow = true;
    this.waiting = false;
    this.closers = [];
    this.redraw = () => this.schedule();
    this.build();
    root.append(this.root);
    this.listen();
    this.theme();
    this.refresh("setup");
  }

  // ------------------------------------------------------------------ the page

  build() {
    const act = (word) => this.model.send({ do: word });
    this.form = buildForm(this.model, act);
    this.buttons = {};
    const button = (word, text, title) => {
      this.buttons[word] = element(
        "button",
        { type: "button", class: `il-button il-${word}`, title, onclick: () => act(word) },
        text,
      );
      return this.buttons[word];
    };
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      class: "il-slider",
      "aria-label": "Recorded moments",
      oninput: () => {
        this.shown = Number(this.slider.value);
        this.follow = this.shown === this.store.frames.length - 1;
        this.schedule();
      },
    });
    this.clock = element("span", { class: "il-clock" }); // no <output>: that would be read aloud at every frame
    this.status = element("p", { class: "il-status", role: "status", "aria-live": "polite" });
    this.message = element("p", { class: "il-message", role: "alert" });
    const transport = element(
      "div",
      { class: "il-transport", role: "toolbar", "aria-label": "Training" },
      button("train", "Train", "Train all runs side by side; goes on after a pause"),
      button("pause", "Pause", "Hold here"),
      button("step", "Step", "One step of gradient descent"),
      button("stop", "Stop", "End this training"),
      button("reset", "Reset", "Back to exactly the same starting weights"),
      element("div", { class: "il-scrub" }, this.slider, this.clock),
    );
    this.columns = element("div", { class: "il-columns" });
    this.cost = new LineChart(
      "Cost over iterations",
      { labels: true, xTitle: "iteration" },
      this.redraw,
    );
    this.depth = new LineChart(
      "Activations against depth",
      { labels: true, xTitle: "layer", xWord: "layer", zeroLane: true },
      this.redraw,
    );
    this.depthNote = element("p", { class: "il-note" });
    const charts = element(
      "div",
      { class: "il-pair" },
      panel("Cost", "all runs, logarithmic axis", this.cost.surface.canvas),
      panel("Depth test", "size of the activations in a net 30 layers deep, 100 wide", this.depth.surface.canvas, this.depthNote),
    );
    this.table = element("tbody");
    const heads = ["Run", "Cost at start", "Cost", "Training accuracy", "Test accuracy", "Time", "What happens"];
    const table = element(
      "div",
      { class: "il-table", tabindex: "0", role: "region", "aria-label": "Results, can be scrolled" },
      element(
        "table",
        {},
        element("caption", {}, "Results"),
        element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
        this.table,
      ),
    );
    this.code = element("code", { class: "il-code", tabindex: "0", "aria-label": "Python that opens this lab" });
    const footer = element(
      "div",
      { class: "il-footer" },
      element("span", { class: "il-footer-label" }, "This lab in Python"),
      this.code,
      element("button", { type: "button", class: "il-button", onclick: (event) => this.copy(event.target) }, "Copy"),
      element("button", { type: "button", class: "il-button", onclick: () => this.savePicture() }, "Save PNG"),
      element("button", { type: "button", class: "il-button", onclick: () => act("csv") }, "Save CSV"),
    );
    this.main = element("div", { class: "il-main" }, this.columns, charts, table, this.buildSeeds(act));
    this.root.append(
      element("div", { class: "il-top" }, transport, this.status, this.message),
      element("div", { class: "il-body" }, this.form.form, this.main),
      footer,
    );
  }

  buildSeeds(act) {
    const seeds = numberInput(2, 30, 1);
    const row = field(this.model, {
      trait: "strip_seeds",
      label: "Seeds",
      input: seeds,
      read: numberWithin(2, 30, true),
      hint: "2 to 30",
    });
    this.closers.push(row.close);
    this.seedButton = element("button", { type: "button", class: "il-button" }, "Compare seeds");
    this.seedButton.addEventListener("click", () => act(this.model.get("status") === "seeds" ? "stop" : "compare-seeds"));
    this.seedText = element("p", { class: "il-note" });
    this.stripPanel = new StripPanel("Results over seeds", this.redraw);
    this.stripWords = element("ul", { class: "il-hidden" });
    this.stripBox = element("div", { class: "il-strip-box" }, this.stripPanel.surface.canvas, this.stripWords);
    return element(
      "section",
      { class: "il-panel" },
      element("h4", {}, "Seeds ", element("small", {}, "one seed shows no winner")),
      element("div", { class: "il-seed-bar" }, row.row, this.seedButton, this.seedText),
      this.stripBox,
    );
  }

  /** A column a run; built anew when the runs change. */
  buildColumns() {
    this.panels?.forEach((panels) => panels.forEach((one) => one.surface.close()));
    this.panels = [];
    const { runs } = this.store.setup;
    this.root.style.setProperty("--il-count", runs.length);
    this.columns.replaceChildren(
      ...runs.map((name, index) => {
        const row = this.model.get("table")[index] ?? {};
        const head = element("h3", {}, shapePicture(index), element("span", {}, name));
        const column = element("section", { class: "il-run", "aria-label": name }, head);
        if (row.message) {
          column.append(
            element("p", { class: "il-broken" }, element("strong", {}, "This function cannot be trained yet. "), row.message),
          );
          this.panels.push([]);
          return column;
        }
        const panels = [
          new BoundaryPanel(`${name}: decision boundary`, this.redraw),
          new HistogramPanel(`${name}: outputs`, this.redraw),
          new SimilarityPanel(`${name}: similarity of neurons`, this.redraw),
          new LineChart(`${name}: gradient norms`, { labels: true, zeroLane: true }, this.redraw),
        ];
        this.panels.push(panels);
        const [boundary, histogram, similarity, norms] = panels;
        const figures = ["Cost", "Training", "Test", "Saturated"].map((term) => {
          const value = element("dd", {}, "–");
          return { term, value, row: element("div", {}, element("dt", {}, term), value) };
        });
        column.figures = figures.map((one) => one.value);
        column.words = element("p", { class: "il-words" });
        column.append(
          element(
            "div",
            { class: "il-first" },
            boundary.surface.canvas,
            element("dl", { class: "il-figures" }, ...figures.map((one) => one.row)),
          ),
          column.words,
          panel("Gradient norm", "of each layer", norms.surface.canvas),
          element(
            "div",
            { class: "il-two" },
            panel("Outputs", "", histogram.surface.canvas),
            panel("Neurons alike", likenessKey(), similarity.surface.canvas),
          ),
        );
        return column;
      }),
    );
    suppressShortcuts(this.root);
  }

  // ---------------------------------------------------------------- listening

  listen() {
    const on = (event, listener) => {
      this.model.on(event, listener);
      this.closers.push(() => this.model.off(event, listener));
    };
    const listener = (what) => this.refresh(what);
    this.store.listeners.add(listener);
    this.closers.push(() => this.store.listeners.delete(listener));
    on("change:status", () => this.showStatus());
    on("change:message", () => this.showStatus());
    on("change:table", () => this.showTable());
    on("change:code", () => (this.code.textContent = this.model.get("code")));
    on("change:strip", () => this.schedule());
    on("change:depth_curves", () => this.schedule());
    on("msg:custom", (content) => {
      if (content.kind === "csv") download("initialization-lab.csv", new Blob([content.text], { type: "text/csv" }));
    });
    // For other listeners than JupyterLab's: Notebook 7 and pages that embed the lab.
    for (const kind of ["keydown", "keyup", "keypress"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    const observer = new MutationObserver(() => this.theme());
    for (const node of [document.body, document.documentElement]) {
      observer.observe(node, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
    }
    this.closers.push(() => observer.disconnect());
    suppressShortcuts(this.root);
    this.model.send({ do: "history" });
  }

  /** Light or dark, by the background that is in force; there is none before the page has taken the lab in. */
  theme() {
    const [red, green, blue] = (getComputedStyle(this.root).backgroundColor.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
    this.root.dataset.theme = 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light";
    this.palette = readPalette(this.root);
    this.schedule();
  }

  refresh(what) {
    if (what === "setup") {
      this.buildColumns();
      this.points = bytesAsFloats(this.model.get("train_points"));
      this.stamp = (this.stamp ?? 0) + 1;
      this.follow = true;
      this.code.textContent = this.model.get("code");
      this.showStatus();
      this.showTable();
    }
    const last = Math.max(0, this.store.frames.length - 1);
    this.slider.max = last;
    if (this.follow || this.shown > last) this.shown = last;
    this.schedule();
  }

  showStatus() {
    const status = this.model.get("status");
    const running = status === "running" || status === "seeds";
    if (this.root.dataset.status !== status) this.root.dataset.status = status;
    this.buttons.train.disabled = running;
    this.buttons.pause.disabled = status !== "running";
    this.buttons.stop.disabled = !(running || status === "paused");
    this.buttons.step.disabled = running;
    this.buttons.train.textContent = status === "paused" ? "Go on" : status === "ready" ? "Train" : "Train again";
    if (status === "running" || status === "seeds") this.buttons.train.textContent = "Train";
    this.seedButton.textContent = status === "seeds" ? "Stop" : "Compare seeds";
    let words = STATUS_WORDS[status] ?? status;
    if (status === "finished") {
      const rows = this.model.get("table").filter((row) => !row.message);
      words += `: ${rows.map((row) => `${row.name} cost ${figure(row.cost)}, test ${percent(row.test_accuracy)}`).join("; ")}`;
    }
    if (this.status.textContent !== words) this.status.textContent = words;
    this.message.textContent = this.model.get("message");
  }

  showTable() {
    const rows = this.model.get("table");
    this.table.replaceChildren(
      ...rows.map((row, index) => {
        const name = element("th", { scope: "row" }, shapePicture(index), row.name);
        if (row.message) return element("tr", {}, name, element("td", { colspan: 6, class: "il-left" }, row.message));
        const cells = [
          figure(row.start_cost),
          figure(row.cost),
          percent(row.train_accuracy),
          percent(row.test_accuracy),
          `${row.seconds.toFixed(2)} s`,
        ].map((text) => element("td", {}, text));
        const words = diagnosisOf(row);
        return element("tr", {}, name, ...cells, element("td", { class: "il-left" }, words));
      }),
    );
    rows.forEach((row, index) => {
      const column = this.columns.children[index];
      if (column?.words) column.words.textContent = diagnosisOf(row);
    });
    if (this.model.get("status") === "finished") this.showStatus();
  }

  // ------------------------------------------------------------------ drawing

  schedule() {
    if (this.waiting || this.closed) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.closed) this.draw();
    });
  }

  draw() {
    const { frames, setup } = this.store;
    if (!frames.length || !this.panels) return;
    if (!this.palette.muted) this.theme();
    if (!this.palette.muted) return; // not on the page yet: its arrival changes sizes, and comes here again
    const began = performance.now();
    const moment = frames[Math.min(this.shown, frames.length - 1)];
    const last = frames.length - 1;
    const iteration = (moment.find(Boolean) ?? { iteration: 0 }).iteration;
    const domainX = [0, setup.iterations];
    const curves = setup.runs.map((_, run) => frames.map((row) => row[run]).filter(Boolean));
    const cursor = this.shown === last ? null : iteration;
    this.slider.value = this.shown;
    this.clock.textContent = `${whole(iteration)} of ${whole(setup.iterations)}`;
    this.slider.setAttribute("aria-valuetext", `iteration ${whole(iteration)}`);
    const series = setup.runs.map((name, run) => ({
      ...this.look(run),
      label: name,
      x: curves[run].map((frame) => frame.iteration),
      y: curves[run].map((frame) => frame.cost),
    }));
    this.cost.draw(this.palette, series, { x: domainX, y: null }, cursor);
    const norms = setup.runs.map((_, run) => this.normSeries(run, curves[run]));
    const normDomain = logDomain(norms.flat(), 1e-16);
    moment.forEach((frame, run) => {
      const panels = this.panels[run];
      const column = this.columns.children[run];
      if (!frame || !panels?.length) return;
      const [boundary, histogram, similarity, gradients] = panels;
      boundary.draw(this.palette, frame, setup, this.points, this.stamp);
      histogram.draw(this.palette, frame, setup);
      similarity.draw(this.palette, frame, setup);
      gradients.draw(this.palette, norms[run], { x: domainX, y: normDomain }, cursor);
      const values = [figure(frame.cost), percent(frame.train_accuracy), percent(frame.test_accuracy), percent(frame.saturated)];
      column.figures.forEach((node, index) => (node.textContent = values[index]));
    });
    this.drawDepth(setup);
    this.drawStrip();
    if (this.model.get("status") !== "running") this.describe(moment, setup);
    this.root.dispatchEvent(
      new CustomEvent("initlab:frame", { bubbles: true, detail: { iteration, frames: frames.length, ms: performance.now() - began } }),
    );
  }

  look(run) {
    return { colour: this.palette.runs[run], dash: DASHES[run], shape: SHAPES[run] };
  }

  normSeries(run, curve) {
    const depth = this.store.setup.layers_dims.length - 1;
    return Array.from({ length: depth }, (_, layer) => ({
      colour: this.palette.runs[run],
      dash: LAYER_DASHES[layer],
      label: `dW${layer + 1}`,
      x: curve.map((frame) => frame.iteration),
      y: curve.map((frame) => frame.norms[layer]),
    }));
  }

  drawDepth(setup) {
    const curves = bytesAsFloats(this.model.get("depth_curves"));
    const layers = Array.from({ length: setup.depth }, (_, index) => index + 1);
    const series = [];
    setup.runs.forEach((name, run) => {
      const place = run * 2 * setup.depth;
      if (curves.length < place + 2 * setup.depth) return;
      const measured = [...curves.subarray(place, place + setup.depth)];
      const theory = [...curves.subarray(place + setup.depth, place + 2 * setup.depth)];
      series.push({ colour: this.palette.runs[run], dash: [1.5, 2.5], thin: true, label: "", x: layers, y: theory });
      series.push({ ...this.look(run), dash: [], label: name, x: layers, y: measured });
    });
    this.depth.draw(this.palette, series, { x: [1, setup.depth], y: logDomain(series, 1e-6, 1e6) }, null);
    this.depthNote.textContent = "Marks: measured with standard normal inputs. Dotted: what the theory predicts.";
  }

  drawStrip() {
    const strip = this.model.get("strip");
    const rows = strip.rows ?? [];
    this.stripBox.hidden = !rows.length;
    this.seedText.textContent = rows.length
      ? `${strip.done} of ${strip.total} trainings${strip.stopped ? ", stopped" : ""}. Bar: median.`
      : "Trains every run from seeds 1, 2, 3, … and shows how far the results spread.";
    if (!rows.length) return;
    this.stripPanel.draw(this.palette, rows);
    const words = rows.map((row) => {
      const costs = row.costs.filter((value) => value !== null);
      const right = row.accuracies.filter((value) => value !== null);
      const found = costs.length
        ? `median cost ${figure(median(costs))}, from ${figure(Math.min(...costs))} to ${figure(Math.max(...costs))}; ` +
          `median test accuracy ${percent(median(right))}, from ${percent(Math.min(...right))} to ${percent(Math.max(...right))}`
        : "no result yet";
      return `${row.name}: ${found}${row.note ? ` (${row.note})` : ""}`;
    });
    this.stripPanel.surface.describe(`Results over seeds. ${words.join(". ")}.`);
    this.stripWords.replaceChildren(...words.map((text) => element("li", {}, text)));
  }

  /** Alt text of every picture; not while training, when it would be spoken without end. */
  describe(moment, setup) {
    const parts = [];
    moment.forEach((frame, run) => {
      const panels = this.panels[run];
      if (!frame || !panels?.length) return;
      const name = setup.runs[run];
      const [boundary, histogram, similarity, gradients] = panels;
      const depth = setup.layers_dims.length - 1;
      const ranks = [...frame.cells.subarray(frame.cells.length - depth)];
      const norms = [...frame.norms].map((value, layer) => `layer ${layer + 1} ${value === 0 ? "exactly 0" : figure(value)}`);
      boundary.surface.describe(
        `${name}: decision boundary among the training points at iteration ${whole(frame.iteration)}; ` +
          `${percent(frame.train_accuracy)} on their right side.`,
      );
      histogram.surface.describe(`${name}: histogram of the outputs; ${percent(frame.saturated)} are saturated.`);
      similarity.surface.describe(`${name}: similarity of the neurons of each layer; ranks ${ranks.join(", ")}.`);
      gradients.surface.describe(`${name}: gradient norms at iteration ${whole(frame.iteration)}: ${norms.join(", ")}.`);
      parts.push(`${name} ${figure(frame.cost)}`);
    });
    this.cost.surface.describe(`Cost of every run over iterations; here: ${parts.join(", ")}.`);
    this.depth.surface.describe(`Size of the activations after 1 to 30 layers, measured and predicted, for ${setup.runs.join(", ")}.`);
  }

  // ------------------------------------------------------------------- export

  async copy(button) {
    await navigator.clipboard?.writeText(this.model.get("code"));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  /** The results as one picture: every canvas, and every word where it stands. */
  savePicture() {
    const origin = this.main.getBoundingClientRect();
    const [ratio, margin] = [2, 20];
    const [width, height] = [origin.width + 2 * margin, origin.height + 2 * margin + 16];
    const sheet = element("canvas", { width: width * ratio, height: height * ratio });
    const context = sheet.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = this.palette.paper;
    context.fillRect(0, 0, width, height);
    context.translate(margin, margin);
    for (const canvas of this.main.querySelectorAll("canvas")) {
      const place = canvas.getBoundingClientRect();
      if (place.width) context.drawImage(canvas, place.left - origin.left, place.top - origin.top, place.width, place.height);
    }
    const walker = document.createTreeWalker(this.main, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const style = getComputedStyle(node.parentElement);
      if (node.parentElement.closest(".il-hidden, button, option, .il-seed-bar")) continue;
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      context.fillStyle = style.color;
      context.textBaseline = "middle";
      for (const word of node.textContent.matchAll(/\S+/g)) {
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const place = range.getBoundingClientRect();
        if (place.width) context.fillText(word[0], place.left - origin.left, place.top - origin.top + place.height / 2);
      }
    }
    for (const mark of this.main.querySelectorAll(".il-shape svg")) {
      const place = mark.getBoundingClientRect();
      const index = Number(mark.parentElement.className.match(/il-run-(\d)/)?.[1] ?? 0);
      const middle = [place.left - origin.left + place.width / 2, place.top - origin.top + place.height / 2];
      drawShape(context, SHAPES[index], ...middle, 5, this.palette.runs[index]);
    }
    context.font = `11px ${this.palette.font}`;
    context.fillStyle = this.palette.muted;
    context.fillText(this.model.get("code"), 0, origin.height + 18);
    sheet.toBlob((blob) => download("initialization-lab.png", blob), "image/png");
  }

  close() {
    this.closed = true;
    this.closers.forEach((closer) => closer());
    this.form.close();
    this.panels?.forEach((panels) => panels.forEach((one) => one.surface.close()));
    [this.cost, this.depth, this.stripPanel].forEach((one) => one.surface.close());
  }
}

/** A row's diagnosis as a sentence. */
function diagnosisOf(row) {
  return capitalised(row.note ? `${row.diagnosis} (${row.note})` : row.diagnosis);
}

/** What the colours of the similarity matrices mean. */
function likenessKey() {
  return element("span", { class: "il-key", title: "cosine between the weights of two neurons" }, "−1", element("i", {}), "1");
}

function panel(title, explanation, ...children) {
  return element("section", { class: "il-panel" }, element("h4", {}, `${title} `, element("small", {}, explanation)), ...children);
}

function download(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default {
  initialize({ model }) {
    storeOf(model);
  },
  render({ model, el }) {
    const view = new LabView(model, el);
    return () => view.close();
  },
};
