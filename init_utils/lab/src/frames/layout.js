// How the numbers and bytes of a frame are laid out, with a name for each part: the counterpart of Python's
// `init_utils/lab/layout.py`. One fixture tests both.

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
    const sizes = [FRAME.grid ** 2, FRAME.bins, ...this.hiddenSizes.map((size) => size ** 2), this.depth];
    /** Where each part of the bytes begins, and the end. */
    this.offsets = [0];
    for (const size of sizes) this.offsets.push(this.offsets[this.offsets.length - 1] + size);
    this.bytesPerRun = this.offsets[this.offsets.length - 1];
  }

  /**
   * One run's frame out of a block of frames, or null for a run that has no network.
   *
   * @param {Float64Array} figures
   * @param {Uint8Array} cells
   * @param {number} place of the frame in the block
   */
  frame(figures, cells, place) {
    const row = figures.subarray(place * this.floatsPerRun, (place + 1) * this.floatsPerRun);
    if (Number.isNaN(row[0])) return null;
    return new Frame(this, row, cells.subarray(place * this.bytesPerRun, (place + 1) * this.bytesPerRun));
  }
}

/** One moment of one run. */
export class Frame {
  /**
   * @param {FrameLayout} layout
   * @param {Float64Array} figures
   * @param {Uint8Array} cells
   */
  constructor(layout, figures, cells) {
    this.layout = layout;
    this.figures = figures;
    this.cells = cells;
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

  /** Output over the plane, rows from the top: 0 is class 0 for certain, 255 class 1. */
  get grid() {
    return this.part(0);
  }

  /** Shares of the training examples by output: 255 is all of them. */
  get histogram() {
    return this.part(1);
  }

  /** One matrix per hidden layer: 0 opposite, 127 right angle, 254 same direction, 255 no direction. */
  get similarity() {
    return this.layout.hiddenSizes.map((_, layer) => this.part(2 + layer));
  }

  /** Rank of each W. */
  get ranks() {
    return this.part(2 + this.layout.hiddenSizes.length);
  }

  /** @param {number} index */
  part(index) {
    const { offsets } = this.layout;
    return this.cells.subarray(offsets[index], offsets[index + 1]);
  }
}
