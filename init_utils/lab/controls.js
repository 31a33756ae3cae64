// Part 4 of 5: the controls. Native inputs, each with its label, each bound to one synced trait in both directions.

let labelCount = 0;

/** A labelled row; `read` turns the input's text into the trait's value or gives undefined when it is not usable. */
function field(model, { trait, label, input, read, write, hint }) {
  labelCount += 1;
  const id = `il-field-${labelCount}`;
  input.id = id;
  input.dataset.trait = trait;
  const problem = element("span", { class: "il-problem", id: `${id}-problem`, role: "alert" });
  const show = () => {
    input.value = write ? write(model.get(trait)) : model.get(trait);
    input.removeAttribute("aria-invalid");
    problem.textContent = "";
  };
  input.addEventListener("change", () => {
    const value = read(input.value);
    if (value === undefined) {
      input.setAttribute("aria-invalid", "true");
      problem.textContent = hint;
      return;
    }
    input.removeAttribute("aria-invalid");
    problem.textContent = "";
    model.set(trait, value);
    model.save_changes();
  });
  input.setAttribute("aria-describedby", problem.id);
  model.on(`change:${trait}`, show);
  show();
  const row = element("div", { class: "il-field" }, element("label", { for: id }, label), input, problem);
  return { row, close: () => model.off(`change:${trait}`, show) };
}

function select(choices) {
  return element("select", {}, ...choices.map(([value, text]) => element("option", { value }, text)));
}

function numberInput(low, high, step) {
  return element("input", { type: "number", min: low, max: high, step, inputmode: "decimal" });
}

/** The number in a text, or undefined outside [low, high]. */
function numberWithin(low, high, isWhole = false) {
  return (text) => {
    const value = Number(text);
    const good = text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high;
    return good && (!isWhole || Number.isInteger(value)) ? value : undefined;
  };
}

/** Layer sizes as typed: "10, 5"; nothing at all is a network without hidden layers. */
function layerSizes(text) {
  const sizes = text.split(/[\s,;x-]+/).filter(Boolean).map(Number);
  const good = sizes.length <= 6 && sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 64);
  return good ? sizes : undefined;
}

const PACES = [[0, "no time"], [2, "2 seconds"], [5, "5 seconds"], [15, "15 seconds"], [60, "1 minute"]];

/** What the form shows, group by group. */
const FIELDS = {
  Data: [
    { trait: "dataset", label: "Dataset", choices: ["circles", "moons", "xor", "spirals", "blobs"] },
    { trait: "noise", label: "Noise", range: [0, 1, 0.01], hint: "0 to 1" },
    { trait: "points", label: "Points", range: [20, 2000, 20], whole: true, hint: "20 to 2,000" },
    { trait: "data_seed", label: "Data seed", range: [0, 999999999, 1], whole: true, hint: "a whole number" },
  ],
  Network: [
    { trait: "hidden_layers", label: "Hidden layers", layers: true, hint: "up to 6 sizes of 1 to 64, as 10, 5" },
    { trait: "hidden", label: "Activation", choices: ["relu", "tanh"] },
  ],
  Training: [
    { trait: "learning_rate", label: "Learning rate", range: [0.000001, 100, "any"], hint: "0.000001 to 100" },
    { trait: "iterations", label: "Iterations", range: [1, 1000000, "any"], whole: true, hint: "1 to 1,000,000" },
    { trait: "pace", label: "Shown in", paces: true },
  ],
  "Starting weights": [
    { trait: "gain", label: "Gain", range: [0, 1000, "any"], hint: "0 to 1,000" },
    { trait: "seed", label: "Seed", seed: true, hint: "a whole number, or nothing" },
  ],
};

function buildField(model, one) {
  if (one.choices) {
    return field(model, { ...one, input: select(one.choices.map((name) => [name, name])), read: (text) => text });
  }
  if (one.paces) {
    const known = PACES.some(([seconds]) => seconds === model.get("pace"));
    const choices = known ? PACES : [...PACES, [model.get("pace"), `${model.get("pace")} seconds`]];
    return field(model, { ...one, input: select(choices), read: Number });
  }
  if (one.layers) {
    const input = element("input", { type: "text", spellcheck: "false", autocomplete: "off" });
    return field(model, { ...one, input, read: layerSizes, write: (sizes) => sizes.join(", ") });
  }
  if (one.seed) {
    const input = element("input", { type: "number", min: 0, step: 1, placeholder: "as written" });
    const read = (text) => (text.trim() === "" ? null : numberWithin(0, 4294967295, true)(text));
    return field(model, { ...one, input, read, write: (seed) => seed ?? "" });
  }
  const [low, high, step] = one.range;
  return field(model, { ...one, input: numberInput(low, high, step), read: numberWithin(low, high, one.whole) });
}

/** Which initializers run side by side: at most four. */
function buildCompare(model) {
  const boxes = element("div", { class: "il-choices" });
  const note = element("p", { class: "il-note" });
  const show = () => {
    const chosen = model.get("compare");
    boxes.replaceChildren(
      ...model.get("candidates").map(({ name, built_in }) => {
        const place = chosen.indexOf(name);
        const box = element("input", { type: "checkbox", value: name });
        box.checked = place >= 0;
        box.disabled = (place >= 0 && chosen.length === 1) || (place < 0 && chosen.length >= 4);
        box.addEventListener("change", () => {
          const names = model.get("candidates").map((one) => one.name);
          model.set("compare", names.filter((other) => (other === name ? box.checked : chosen.includes(other))));
          model.save_changes();
        });
        const mark = place >= 0 ? shapePicture(place) : element("span", { class: "il-shape" });
        const words = built_in ? name : `${name} (yours)`;
        return element("label", { class: "il-choice" }, box, mark, element("span", {}, words));
      }),
    );
    note.textContent = chosen.length >= 4 ? "Four at a time: clear one to choose another." : "";
    suppressShortcuts(boxes);
  };
  model.on("change:compare", show);
  show();
  const group = element("fieldset", {}, element("legend", {}, "Compare"), boxes, note);
  return { row: group, close: () => model.off("change:compare", show) };
}

/** The whole form; `act` sends a button's word to the kernel. */
function buildForm(model, act) {
  const parts = [];
  const groups = Object.entries(FIELDS).map(([title, fields]) => {
    const built = fields.map((one) => buildField(model, one));
    parts.push(...built);
    const group = element("fieldset", {}, element("legend", {}, title), ...built.map((part) => part.row));
    if (title === "Starting weights") {
      group.append(element("button", { type: "button", class: "il-button", onclick: () => act("new-seed") }, "New seed"));
    }
    return group;
  });
  const compare = buildCompare(model);
  parts.push(compare);
  const form = element(
    "form",
    { class: "il-form", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
    compare.row,
    ...groups,
  );
  return { form, close: () => parts.forEach((part) => part.close()) };
}

/**
 * Keys typed here are the lab's. JupyterLab listens on the document before the element does, and looks for this
 * attribute on the very element that has the focus; others are kept away by stopping the event at the root.
 */
function suppressShortcuts(root) {
  for (const node of [root, ...root.querySelectorAll("button, input, select, a[href], summary, [tabindex]")]) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
}
