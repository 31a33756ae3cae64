// Many trainings on the same data, and what each ended with: the counterpart of Python's `init_utils/lab/sweep.py`,
// `strip.py` and `scales.py`.

import { BESIDE, MULTIPLES } from "../shared.js";
import { finite } from "./session.js";
import { builtInStart, scaled } from "./starts.js";
import { Block } from "./trainer.js";

/** @typedef {import("../connection.js").Strip} Strip */
/** @typedef {import("../connection.js").StripRow} StripRow */
/** @typedef {import("./session.js").Session} Session */

const SCALE_SEEDS = [1, 2, 3, 4, 5];

/** @typedef {{cost: number | null, accuracy: number | null}} Result null where the training overflowed */
/** @typedef {{place: number, start: number, iteration: number}} Training by a trainer, from a start */

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
    /** How many have their result in the rows: in their order, whichever comes first. */
    this.done = 0;
    /** By start, until those before it are there. @type {Map<number, Result>} */
    this.results = new Map();
    this.began = session.now();
    this.block = new Block();
    this.begun = 0;
    /** @type {Training[]} */
    this.trainings = [];
    for (let place = 0; place < session.trainers.together; place += 1) this.#next(place);
  }

  get isFinished() {
    return this.done === this.starts.length;
  }

  /** @param {number} milliseconds to train for */
  async train(milliseconds) {
    const { now } = this.session;
    const end = now() + milliseconds;
    while (!this.isFinished && now() < end) {
      const began = now();
      const steps = await Promise.all(this.trainings.map((training) => this.#goOn(training)));
      this.block.learn(now() - began, Math.max(...steps), milliseconds / 2);
      this.#collect();
    }
  }

  /**
   * Give a trainer the next start, if there is one.
   *
   * @param {number} place
   */
  #next(place) {
    if (this.begun === this.starts.length) return;
    this.trainings.push({ place, start: this.begun, iteration: 0 });
    this.begun += 1;
  }

  /**
   * @param {Training} training
   * @returns {Promise<number>} the steps that it took
   */
  async #goOn(training) {
    const { trainers, data, how, settings } = this.session;
    const steps = Math.min(this.block.steps, settings.iterations - training.iteration);
    const { parameters } = this.starts[training.start];
    const isLast = training.iteration + steps === settings.iterations;
    const moments = await trainers.at(training.place).train({
      of: "comparison",
      start: training.iteration ? null : { data, parameters, how },
      legs: [{ steps, isKept: isLast }],
    });
    training.iteration += steps;
    if (isLast) {
      const [, cost, , accuracy] = moments[0].figures;
      this.results.set(training.start, { cost: finite(cost), accuracy: finite(accuracy) });
    }
    return steps;
  }

  /** Put results into their rows, and begin the next trainings. */
  #collect() {
    const ended = this.trainings.filter(({ start }) => this.results.has(start));
    this.trainings = this.trainings.filter((training) => !ended.includes(training));
    for (const { place } of ended) this.#next(place);
    for (let next = this.results.get(this.done); next; next = this.results.get(this.done)) {
      const { row } = this.starts[this.done];
      row.costs.push(next.cost);
      row.accuracies.push(next.accuracy);
      this.done += 1;
    }
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
