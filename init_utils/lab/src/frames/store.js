// Every frame of the present training, as the engine sent them.

import { FrameLayout } from "./layout.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("./layout.js").Frame} Frame */
/** @typedef {(Frame | null)[]} Row a frame per run, null for a run without a network */

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
    for (let moment = 0; moment < span.count; moment += 1) {
      this.rows[span.first + moment] = runs.map((_, run) =>
        this.layout.frame(figures, parameters, moment * runs.length + run),
      );
    }
    this.tell("frames");
  }

  /**
   * The frames of one run up to now.
   *
   * @param {number} run
   */
  curve(run) {
    return this.rows.map((row) => row[run]).filter((frame) => frame !== null);
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
