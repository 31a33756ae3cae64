// Many trainings on the same data, one after another, and what each ended with: the counterpart of Python's
// `init_utils/lab/sweep.py`, `strip.py` and `scales.py`.

import { BESIDE, MULTIPLES } from "../shared.js";
import { TrainedRun } from "./moments.js";
import { builtInStart, scaled } from "./starts.js";

/** @typedef {import("../connection.js").Strip} Strip */
/** @typedef {import("../connection.js").StripRow} StripRow */
/** @typedef {import("./session.js").Session} Session */

const SCALE_SEEDS = [1, 2, 3, 4, 5];
const BLOCK = 16; // steps between two looks at the clock

export class Sweep {
  /**
   * @param {Session} session
   * @param {StripRow[]} rows
   * @param {{row: StripRow, parameters: Float64Array}[]} starts in the order of training
   */
  constructor(session, rows, starts) {
    this.session = session;
    this.rows = rows;
    this.starts = starts;
    this.done = 0;
    this.began = session.now();
    /** The one in training. @type {TrainedRun | null} */
    this.current = null;
  }

  get isFinished() {
    return this.done === this.starts.length;
  }

  /** @param {number} milliseconds to train for */
  train(milliseconds) {
    const { now, data, how, settings } = this.session;
    const end = now() + milliseconds;
    while (!this.isFinished && now() < end) {
      this.current ??= new TrainedRun(data, this.starts[this.done].parameters, how);
      const { descent } = this.current;
      descent.advance(Math.min(BLOCK, settings.iterations - descent.iteration));
      if (descent.iteration < settings.iterations) continue;
      this.#measure(this.current, this.starts[this.done].row);
      this.current = null;
      this.done += 1;
    }
  }

  /**
   * @param {TrainedRun} run
   * @param {StripRow} row
   */
  #measure(run, row) {
    if (!run.descent.isFinite) {
      row.costs.push(null);
      row.accuracies.push(null);
      return;
    }
    run.keep();
    const [, cost, , accuracy] = run.last.figures;
    row.costs.push(Number.isFinite(cost) ? cost : null);
    row.accuracies.push(accuracy);
  }

  /** @returns {Strip} what the view draws */
  shown() {
    const [done, total] = [this.done, this.starts.length];
    const passed = (this.session.now() - this.began) / 1000;
    const remaining_s = done ? (passed / done) * (total - done) : null;
    return { done, total, remaining_s, rows: structuredClone(this.rows) };
  }
}

/**
 * All runs of a session from seeds 1, 2, ..., n.
 *
 * @param {Session} session
 */
export function seedSweep(session) {
  const { strip_seeds: count } = session.settings;
  const seeds = Array.from({ length: count }, (_, at) => at + 1);
  const rows = session.columns.map(({ name }) => {
    const { parameters, message } = session.startOf(name, 1);
    return emptyRow(name, parameters ? session.starts.note(name) : message);
  });
  const starts = seeds.flatMap((seed) =>
    rows
      .filter((row) => seed === 1 || !row.note) // one training shows everything about what ignores the seed
      .flatMap((row) => {
        const { parameters } = session.startOf(row.name, seed);
        return parameters ? [{ row, parameters }] : [];
      }),
  );
  return new Sweep(session, rows, starts);
}

/**
 * He's start at every multiple, and starts of one scale for all layers beside it, from five seeds each.
 *
 * @param {Session} session
 */
export function scaleSweep(session) {
  const { dims } = session;
  const along = MULTIPLES.map((multiple) => ({
    row: emptyRow(`He × ${Number(multiple.toPrecision(3))}`),
    factor: () => multiple,
  }));
  const beside = BESIDE.map(({ name, scale }) => ({
    row: emptyRow(name),
    factor: (/** @type {number} */ layer) => scale / Math.sqrt(2 / dims[layer]),
  }));
  const places = [...along, ...beside];
  const starts = SCALE_SEEDS.flatMap((seed) => {
    const he = builtInStart("He", dims, seed);
    return places.map(({ row, factor }) => ({ row, parameters: scaled(he, dims, factor) }));
  });
  return new Sweep(
    session,
    places.map(({ row }) => row),
    starts,
  );
}

/**
 * @param {string} name
 * @returns {StripRow}
 */
function emptyRow(name, note = "") {
  return { name, note, costs: [], accuracies: [] };
}
