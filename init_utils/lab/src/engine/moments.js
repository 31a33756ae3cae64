// The moments of a run that are kept, and one of them as a frame's numbers: the counterpart of Python's
// `init_utils/lab/frames.py`.

import { Descent, Forward, layersIn } from "../engine.js";
import { CHANGES_SINCE, EVEN_STEPS, FRAME, MOST_EVEN } from "../shared.js";
import {
  accuracyOf,
  confidentWrongShare,
  layerFacts,
  rankOf,
  relativeChange,
  worstClassAccuracy,
  wrongAnswers,
} from "./facts.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../engine.js").Examples} Examples */
/** @typedef {{figures: Float64Array, parameters: Float32Array}} Moment figures in the order of a frame's layout */
/** @typedef {{dims: readonly number[], learningRate: number, hidden: Hidden}} How a run is trained */

/**
 * Iterations whose frames are kept: close together at first, then evenly, at round numbers.
 *
 * @param {number} iterations
 */
export function frameSchedule(iterations) {
  const even = EVEN_STEPS.find((step) => step * MOST_EVEN >= iterations) ?? iterations;
  const kept = new Set([iterations, Math.min(CHANGES_SINCE, iterations)]);
  for (let one = 0; one < iterations; one += even) kept.add(one);
  for (let [one, next] = [1, 2]; one < Math.min(even, iterations); [one, next] = [next, one + next])
    kept.add(one);
  return [...kept].sort((one, other) => one - other);
}

/** One start in training, and its kept moments. */
export class TrainedRun {
  /**
   * @param {{train: Examples, test: Examples}} data
   * @param {Float64Array} parameters
   * @param {How} how
   */
  constructor({ train, test }, parameters, how) {
    this.dims = how.dims;
    this.test = test;
    this.descent = new Descent(train, parameters, how);
    this.onTest = new Forward(test, how.dims, how.hidden);
    this.seconds = 0;
    /** The parameters at iteration CHANGES_SINCE. @type {Float64Array | null} */
    this.reference = null;
    /** @type {Moment[]} */
    this.moments = [];
  }

  /** The last kept moment. */
  get last() {
    return this.moments[this.moments.length - 1];
  }

  /**
   * @param {number} steps
   * @param {() => number} now milliseconds
   */
  advance(steps, now) {
    const began = now();
    this.descent.advance(steps);
    this.seconds += (now() - began) / 1000;
  }

  keep() {
    this.moments.push(this.descent.isFinite ? this.#now() : this.#overflowed());
  }

  /** @returns {Moment} */
  #now() {
    const { descent, test } = this;
    const { hidden, iteration, layers, examples } = descent;
    if (iteration >= CHANGES_SINCE && !this.reference) this.reference = descent.parameters.slice();
    const before = this.reference && layersIn(this.reference, this.dims);
    const { activations, cost, norms, biasNorms } = descent.look();
    const outputs = activations[activations.length - 1];
    const wrong = wrongAnswers(outputs, examples.Y);
    const onTest = this.onTest.pass(layers);
    const facts = activations.slice(0, -1).map((a) => layerFacts(a, wrong, hidden));
    const changes = layers.map(({ W }, layer) => (before ? relativeChange(W, before[layer].W) : NaN));
    return {
      figures: Float64Array.of(
        iteration,
        cost,
        accuracyOf(wrong),
        accuracyOf(wrongAnswers(onTest[onTest.length - 1], test.Y)),
        worstClassAccuracy(wrong, examples.Y),
        confidentWrongShare(outputs, wrong),
        this.seconds,
        ...norms,
        ...biasNorms,
        ...changes,
        ...layers.map(({ W, size, inputs }) => rankOf(W, size, inputs)),
        ...FRAME.hiddenFigures.flatMap((name) => facts.map((layer) => Number(layer[name]))),
      ),
      parameters: Float32Array.from(descent.parameters),
    };
  }

  /** The last picture, and no figures. */
  #overflowed() {
    const { figures, parameters } = this.last;
    const none = new Float64Array(figures.length).fill(NaN);
    none[FRAME.figures.indexOf("iteration")] = this.descent.iteration;
    none[FRAME.figures.indexOf("seconds")] = this.seconds;
    return { figures: none, parameters };
  }
}
