// What the lab's pictures and results show, in words: alt text, announcements, notes.

import { largestWeight } from "./charts/net.js";
import { accuracy, capitalised, figure, median, percent, whole } from "./compute/numbers.js";
import { writePerRun } from "./compute/parsing.js";
import { CHANGES_SINCE } from "./shared.js";

/** @typedef {import("./frames/layout.js").Frame} Frame */
/** @typedef {import("./connection.js").Settings} Settings */
/** @typedef {import("./connection.js").StripRow} StripRow */
/** @typedef {import("./connection.js").Strip} Strip */
/** @typedef {import("./connection.js").TableRow} TableRow */

/**
 * A row's diagnosis as a sentence.
 *
 * @param {TableRow} row
 */
export function diagnosisOf({ diagnosis, note }) {
  return capitalised(note ? `${diagnosis} (${note})` : diagnosis);
}

/**
 * What another seed does to a run, in a word or two beside its name: its sentence has no room for it.
 *
 * @param {TableRow} row
 */
export function seedNoteOf({ note }) {
  return note.slice(note.indexOf(": ") < 0 ? 0 : note.indexOf(": ") + 2).replace(/^the /, "");
}

/**
 * The results of all runs in a line.
 *
 * @param {TableRow[]} rows
 */
export function resultsInWords(rows) {
  return rows
    .filter((row) => !row.message)
    .map((row) => `${row.name} cost ${figure(row.cost)}, test ${accuracy(row.test_accuracy)}`)
    .join("; ");
}

/**
 * What is set, in a few words for each group of settings.
 *
 * @param {<Name extends keyof Settings>(name: Name) => Settings[Name]} get
 */
export function settingsInWords(get) {
  const layers = get("hidden_layers");
  const seed = get("seed");
  const count = get("compare").length;
  return {
    Compare: `${count} ${count === 1 ? "run" : "runs"}`,
    Data: `${get("dataset")}, ${whole(get("points"))} points`,
    Network: `${["2", ...layers, "1"].join("-")} ${get("hidden")}`,
    Training: `rate ${get("learning_rate")}, ${whole(get("iterations"))} steps`,
    "Starting weights": `gain ${writePerRun(get("gain"))}, ${seed === null ? "own seed" : `seed ${seed}`}`,
  };
}

/**
 * What a neuron does with the training points.
 *
 * @param {{layer: number, neuron: number, size: number}} place layer and neuron from 0
 * @param {{share: number, largest: number, isSilent: boolean}} facts
 */
export function neuronWords({ layer, neuron, size }, { share, largest, isSilent }) {
  const does = isSilent
    ? "silent on all points"
    : `active on ${percent(share)} of the points, largest value ${figure(largest)}`;
  return `Layer ${layer + 1}, neuron ${neuron + 1} of ${size}: ${does}`;
}

/**
 * The line where a neuron of layer 1 begins.
 *
 * @param {number[]} weights two
 * @param {number} bias
 */
export function lineWords([first, second], bias) {
  const start = `${first < 0 ? "−" : ""}${figure(Math.abs(first))}`;
  return `Its line: ${start} x1 ${spaced(second)} x2 ${spaced(bias)} = 0`;
}

/** @param {number} value a term of a sum */
function spaced(value) {
  return `${value < 0 ? "−" : "+"} ${figure(Math.abs(value))}`;
}

/**
 * Alt text of the pictures of one run.
 *
 * @param {string} name
 * @param {Frame} frame
 */
export function pictureWords(name, frame) {
  const at = whole(frame.iteration);
  const norms = [...frame.gradientNorms].map(
    (value, layer) => `layer ${layer + 1} ${value === 0 ? "exactly 0" : figure(value)}`,
  );
  return {
    boundary:
      `${name}: decision boundary among the training points at iteration ${at}; ` +
      `${accuracy(frame.figure("train_accuracy"))} on their right side.`,
    histogram: `${name}: histogram of the outputs; ${percent(frame.figure("confident_wrong"))} are confident and wrong.`,
    similarity: `${name}: similarity of the neurons of each layer; ranks ${[...frame.ranks].join(", ")}.`,
    gradients: `${name}: gradient norms at iteration ${at}: ${norms.join(", ")}.`,
  };
}

/**
 * Alt text of the edges of a drawn net.
 *
 * @param {string} name
 * @param {Frame} frame
 */
export function netWords(name, { layers }) {
  const largest = layers.map((layer, index) => `W${index + 1} ${figure(largestWeight(layer))}`);
  return `${name}: the net, its edges as wide as |w|; largest of ${largest.join(", ")}.`;
}

/**
 * How much each W has changed since its neurons stopped being thrown about.
 *
 * @param {Frame} frame
 */
export function changesInWords(frame) {
  const changes = [...frame.ofLayers("changes")];
  if (changes.some(Number.isNaN)) return `Change of each W: shown from iteration ${CHANGES_SINCE} on.`;
  const parts = changes.map((change, layer) => `W${layer + 1} ${percent(change)}`);
  return `Changed since iteration ${CHANGES_SINCE}: ${parts.join(", ")}.`;
}

/**
 * A run's results over seeds.
 *
 * @param {StripRow} row
 */
export function seedsInWords({ name, note, costs, accuracies }) {
  const finite = costs.filter((value) => value !== null);
  const right = accuracies.filter((value) => value !== null);
  const found = finite.length
    ? `median cost ${figure(median(finite))}, from ${figure(Math.min(...finite))} to ${figure(Math.max(...finite))}; ` +
      `median test accuracy ${accuracy(median(right))}, from ${accuracy(Math.min(...right))} to ${accuracy(Math.max(...right))}`
    : "no result yet";
  return `${name}: ${found}${note ? ` (${note})` : ""}`;
}

/**
 * How far a training of many starts is.
 *
 * @param {Strip} strip
 * @param {string} before said before it begins
 */
export function sweepProgress({ rows, done, total, stopped, remaining_s }, before) {
  if (!rows?.length) return before;
  const rest =
    stopped || done === total || remaining_s === null || remaining_s === undefined
      ? ""
      : `, about ${Math.max(1, Math.round(remaining_s))} s left`;
  return `${done} of ${total} trainings${stopped ? ", stopped" : rest}.`;
}

/**
 * Who ends with the lower cost from the same seed, for the run that most often does, against each other one.
 *
 * @param {StripRow[]} rows
 */
export function pairsInWords(rows) {
  const compared = rows.filter(({ costs }) => costs.length > 1);
  const wins = (/** @type {StripRow} */ one, /** @type {StripRow} */ other) =>
    one.costs.filter((cost, seed) => isLower(cost, other.costs[seed])).length;
  const total = (/** @type {StripRow} */ one) => compared.reduce((sum, other) => sum + wins(one, other), 0);
  const [leader] = [...compared].sort((one, other) => total(other) - total(one));
  const against = compared.filter((row) => row !== leader);
  if (!against.length) return "";
  const seeds = Math.min(...compared.map(({ costs }) => costs.length));
  const parts = against.map((row) => `of ${row.name} in ${wins(leader, row)} of ${seeds}`);
  return `From the same seed ${leader.name} ends ahead ${parts.join(", ")}.`;
}

/**
 * @param {number | null} cost null: its weights overflowed
 * @param {number | null | undefined} other undefined: not trained yet
 */
function isLower(cost, other) {
  return cost !== null && other !== undefined && (other === null || cost < other);
}
