// How the numbers of a frame are laid out, with a name for each part: the counterpart of Python's
// `init_utils/lab/layout.py`. One fixture tests both.

import { layersOf } from "../compute/network.js";
import { FRAME } from "../shared.js";

/** @typedef {(typeof FRAME.figures)[number]} FigureName */
/** @typedef {(typeof FRAME.layerFigures)[number] | (typeof FRAME.hiddenFigures)[number]} RowName */

/** Where each part of a frame lies, for one network. */
export class FrameLayout {
  /** @param {readonly number[]} layersDims layer sizes, inputs and output included */
  constructor(layersDims) {
    this.layersDims = layersDims;
    this.depth = layersDims.length - 1;
    this.hiddenSizes = layersDims.slice(1, -1);
    /** Where each named row of figures begins, and its end. @type {Map<string, [number, number]>} */
    this.places = new Map();
    let place = FRAME.figures.length;
    for (const [names, count] of /** @type {const} */ ([
      [FRAME.layerFigures, this.depth],
      [FRAME.hiddenFigures, this.depth - 1],
    ])) {
      for (const name of names) {
        this.places.set(name, [place, place + count]);
        place += count;
      }
    }
    this.floatsPerRun = place;
    this.parametersPerRun = layersDims
      .slice(1)
      .reduce((sum, size, layer) => sum + size * (layersDims[layer] + 1), 0);
  }

  /**
   * One run's frame out of a block of frames, or null for a run that has no network.
   *
   * @param {Float64Array} figures
   * @param {Float32Array} parameters
   * @param {number} place of the frame in the block
   */
  frame(figures, parameters, place) {
    const row = figures.subarray(place * this.floatsPerRun, (place + 1) * this.floatsPerRun);
    if (Number.isNaN(row[0])) return null;
    const [start, end] = [place * this.parametersPerRun, (place + 1) * this.parametersPerRun];
    return new Frame(this, row, parameters.subarray(start, end));
  }
}

/** One moment of one run. */
export class Frame {
  /**
   * @param {FrameLayout} layout
   * @param {Float64Array} figures
   * @param {Float32Array} parameters W1 row by row, b1, ..., WL, bL
   */
  constructor(layout, figures, parameters) {
    this.layout = layout;
    this.figures = figures;
    this.parameters = parameters;
  }

  /** @param {FigureName} name */
  figure(name) {
    return this.figures[FRAME.figures.indexOf(name)];
  }

  get iteration() {
    return this.figure("iteration");
  }

  /** @param {RowName} name a figure of each layer, or of each hidden layer */
  ofLayers(name) {
    const [start, end] = this.layout.places.get(name) ?? [0, 0];
    return this.figures.subarray(start, end);
  }

  /** Of each layer. */
  get gradientNorms() {
    return this.ofLayers("gradient_norms");
  }

  /** Rank of each W. */
  get ranks() {
    return this.ofLayers("ranks");
  }

  /** The layers' weights and biases. */
  get layers() {
    return layersOf(this.parameters, this.layout.layersDims);
  }
}
