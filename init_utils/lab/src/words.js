// What the lab's pictures and results show, in words: alt text, announcements, notes.

import { accuracy, capitalised, figure, median, percent, whole } from "./compute/numbers.js";
import { CHANGES_SINCE } from "./shared.js";

/** @typedef {import("./frames/layout.js").Frame} Frame */
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
 * How far a training of many seeds is.
 *
 * @param {Strip} strip
 */
export function seedsProgress({ rows, done, total, stopped }) {
  if (!rows?.length) return "Trains every run from seeds 1, 2, 3, … and shows how far the results spread.";
  return `${done} of ${total} trainings${stopped ? ", stopped" : ""}. Bar: median.`;
}
