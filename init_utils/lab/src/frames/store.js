// Every frame of the present training, as the engine sent them.

import { FrameLayout } from "./layout.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("./layout.js").Frame} Frame */
/** @typedef {(Frame | null)[]} Row a frame per run, null for a run without a network */

/**
 * What charts show of one run; empty for a run without a network.
 *
 * @typedef {object} Curve
 * @property {number[]} iterations
 * @property {number[]} costs
 * @property {number[][]} norms of the gradients, per layer
 */

/**
 * The bytes of a view as numbers, whatever their alignment.
 *
 * @param {DataView} view
 */
export function asFloats(view) {
  return new Float32Array(copied(view));
}

/** @param {DataView} view */
export function asDoubles(view) {
  return new Float64Array(copied(view));
}

/** @param {DataView} view */
function copied(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

export class FrameStore {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
    /** @type {Set<(what: "setup" | "frames") => void>} */
    this.listeners = new Set();
    this.setup = connection.get("setup");
    this.layout = new FrameLayout(this.setup.layers_dims);
    /** @type {Row[]} */
    this.rows = [];
    /** Of each run, up to now. @type {Curve[]} */
    this.curves = [];
    this.begin();
    connection.onChange("setup", () => {
      this.begin();
      this.tell("setup");
    });
    connection.onChange("frame_span", () => this.take());
    this.take();
  }

  /** The last moment. */
  get last() {
    return Math.max(0, this.rows.length - 1);
  }

  begin() {
    this.setup = this.connection.get("setup");
    this.layout = new FrameLayout(this.setup.layers_dims);
    this.rows = [];
    this.curves = this.setup.runs.map(() => this.newCurve());
  }

  /** @returns {Curve} */
  newCurve() {
    return { iterations: [], costs: [], norms: Array.from({ length: this.layout.depth }, () => []) };
  }

  take() {
    const span = this.connection.get("frame_span");
    if (span.generation !== this.setup.generation) return;
    if (span.first > this.rows.length) {
      // Frames were sent before this store listened: ask for all of them.
      this.connection.act("history");
      return;
    }
    const figures = asDoubles(this.connection.get("frame_figures"));
    const parameters = asFloats(this.connection.get("frame_parameters"));
    const { runs } = this.setup;
    if (span.first < this.rows.length) this.cut(span.first);
    for (let moment = 0; moment < span.count; moment += 1) {
      this.add(runs.map((_, run) => this.layout.frame(figures, parameters, moment * runs.length + run)));
    }
    this.tell("frames");
  }

  /**
   * Forget what will be told again.
   *
   * @param {number} kept moments
   */
  cut(kept) {
    const rows = this.rows.slice(0, kept);
    this.begin();
    for (const row of rows) this.add(row);
  }

  /** @param {Row} row */
  add(row) {
    this.rows.push(row);
    row.forEach((frame, run) => {
      if (!frame) return;
      const { iterations, costs, norms } = this.curves[run];
      iterations.push(frame.iteration);
      costs.push(frame.figure("cost"));
      frame.gradientNorms.forEach((norm, layer) => {
        norms[layer].push(norm);
      });
    });
  }

  /**
   * @param {(what: "setup" | "frames") => void} listener
   * @returns {() => void} stops listening
   */
  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param {"setup" | "frames"} what */
  tell(what) {
    for (const listener of this.listeners) listener(what);
  }
}
