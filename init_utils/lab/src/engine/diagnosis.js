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
  const { alone, beforeCause } = stateWords(evidence, { norms, biasNorms, cost });
  const cause = causeWords(evidence);
  return cause ? `${beforeCause}; ${cause}` : alone;
}

/**
 * The words of a state, alone and where a cause follows.
 *
 * @param {Evidence} evidence
 * @param {{norms: number[], biasNorms: number[], cost: number}} figures
 */
function stateWords({ now, earlier }, { norms, biasNorms, cost }) {
  if (Math.max(...norms) === 0) {
    return Math.max(...biasNorms) > DIAGNOSIS.rounding
      ? { alone: "cannot move but for the output bias", beforeCause: `only b${norms.length} moves` }
      : { alone: "cannot move: weight gradients exactly 0", beforeCause: "cannot move" };
  }
  if (now.iteration === 0) return { alone: "not trained yet", beforeCause: "not trained yet" };
  const before = earlier.figure("cost");
  const change = before ? cost / before - 1 : 0;
  const steps = whole(now.iteration - earlier.iteration);
  const size = Math.abs(change);
  const isMoving = size >= DIAGNOSIS.moving;
  const shown = isMoving ? percent(size) : percent(size, { decimals: 1 });
  const moved = `cost ${change < 0 ? "down" : "up"} ${shown}`;
  if (isMoving) return { alone: `moving: ${moved} in ${steps} steps`, beforeCause: moved };
  const since = change === 0 ? `the cost has not changed in ${steps} steps` : `${moved} in ${steps} steps`;
  return { alone: `stands still: ${since}`, beforeCause: "stands still" };
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
  const right = percent(training, { decimals: 1 });
  return training - test > DIAGNOSIS.gap
    ? `learned: ${right} of training, ${percent(test, { decimals: 1 })} of test points right`
    : `learned: ${right} of the training points right`;
}

/** @param {Evidence} evidence */
function causeWords({ now, hidden }) {
  const layers = now.layout.hiddenSizes.map((size, layer) => ({
    size,
    ...Object.fromEntries(FRAME.hiddenFigures.map((name) => [name, now.ofLayers(name)[layer]])),
  }));
  const first = (/** @type {(layer: Record<string, number>) => boolean} */ holds) =>
    layers.findIndex(holds) + 1;
  const quality = hidden === "relu" ? "silent" : "saturated";
  const silent = first((layer) => layer.silent === layer.size);
  if (silent) return `layer ${silent} is ${quality}`;
  const passed = first(
    (layer) => layer.unreached >= DIAGNOSIS.unreached && layer.unreached_wrong >= DIAGNOSIS.unreachedWrong,
  );
  if (passed) {
    const share = percent(now.ofLayers("unreached")[passed - 1]);
    return `layer ${passed} is ${quality} for ${share} of the points`;
  }
  const alike = first((layer) => Boolean(layer.alike));
  if (alike) return `all ${layers[alike - 1].size} neurons of layer ${alike} are alike`;
  const confident = now.figure("confident_wrong");
  if (confident >= DIAGNOSIS.confidentWrong)
    return `${percent(confident)} of the points are confident and wrong`;
  return "";
}
