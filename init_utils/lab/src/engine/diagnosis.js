// A run in words: a state and at most one cause, from facts that hold now. The counterpart of Python's
// `init_utils/lab/diagnosis.py`, which says what the words mean.

import { percent, whole } from "../compute/numbers.js";
import { DIAGNOSIS, FRAME } from "../shared.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../frames/layout.js").Frame} Frame */

/**
 * @typedef {object} Evidence
 * @property {Frame} now
 * @property {Frame} earlier the moment DIAGNOSIS.lookingBack iterations ago, or the nearest one before it
 * @property {Hidden} hidden
 */

/**
 * The state, and its cause unless the run has learned or diverged.
 *
 * @param {Evidence} evidence
 */
export function diagnose(evidence) {
  const { now } = evidence;
  const norms = [...now.gradientNorms];
  const biasNorms = [...now.ofLayers("bias_gradient_norms")];
  const cost = now.figure("cost");
  if (![cost, ...norms, ...biasNorms].every(Number.isFinite)) return "diverged: numbers overflow";
  if (hasLearned(now) && Math.max(...norms) !== 0 && now.iteration !== 0) return learnedWords(now);
  const state = stateWords(evidence, { norms, biasNorms, cost });
  const cause = causeWords(evidence);
  return cause ? `${state}; ${cause}` : state;
}

/**
 * @param {Evidence} evidence
 * @param {{norms: number[], biasNorms: number[], cost: number}} figures
 */
function stateWords({ now, earlier }, { norms, biasNorms, cost }) {
  if (Math.max(...norms) === 0) {
    const isOutputMoving = Math.max(...biasNorms) > DIAGNOSIS.rounding;
    return isOutputMoving ? "cannot move but for the output bias" : "cannot move: weight gradients exactly 0";
  }
  if (now.iteration === 0) return `not trained yet: cost ${costWords(cost)}`;
  const before = earlier.figure("cost");
  const change = before ? cost / before - 1 : 0;
  const steps = whole(now.iteration - earlier.iteration);
  const size = Math.abs(change);
  if (change === 0) return `stands still: the cost has not changed in ${steps} steps`;
  const isMoving = size >= DIAGNOSIS.moving;
  const shown = isMoving ? percent(size) : percent(size, { decimals: 1 });
  return `${isMoving ? "moving" : "stands still"}: cost ${change < 0 ? "down" : "up"} ${shown} in ${steps} steps`;
}

/** @param {Frame} now */
function hasLearned(now) {
  return (
    now.figure("train_accuracy") >= DIAGNOSIS.learned && now.figure("worst_class") >= DIAGNOSIS.learnedEach
  );
}

/** @param {Frame} now */
function learnedWords(now) {
  const [training, test] = [now.figure("train_accuracy"), now.figure("test_accuracy")];
  const right = `learned: ${percent(training, { decimals: 1 })} of the training points right`;
  return training - test > DIAGNOSIS.gap
    ? `${right}, ${percent(test, { decimals: 1 })} of the test points`
    : right;
}

/** @param {Evidence} evidence */
function causeWords({ now, hidden }) {
  const layers = now.layout.hiddenSizes.map((size, layer) => ({
    size,
    ...Object.fromEntries(FRAME.hiddenFigures.map((name) => [name, now.ofLayers(name)[layer]])),
  }));
  const first = (/** @type {(layer: Record<string, number>) => boolean} */ holds) =>
    layers.findIndex(holds) + 1;
  const silent = first((layer) => layer.silent === layer.size);
  if (silent) return `layer ${silent} is ${hidden === "relu" ? "silent" : "saturated"}`;
  const passed = first(
    (layer) => layer.unreached >= DIAGNOSIS.unreached && layer.unreached_wrong >= DIAGNOSIS.unreachedWrong,
  );
  if (passed) {
    const share = `${percent(now.ofLayers("unreached")[passed - 1])} of the points`;
    return hidden === "relu"
      ? `${share} reach no neuron of layer ${passed}`
      : `${share} saturate all of layer ${passed}`;
  }
  const alike = first((layer) => Boolean(layer.alike));
  if (alike) return `all ${layers[alike - 1].size} neurons of layer ${alike} are alike`;
  const confident = now.figure("confident_wrong");
  if (confident >= DIAGNOSIS.confidentWrong)
    return `${percent(confident)} of the points are confident and wrong`;
  return "";
}

/** @param {number} value three digits that count */
function costWords(value) {
  return value >= 1000 ? whole(value) : value.toPrecision(3);
}
