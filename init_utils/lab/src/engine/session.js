// The runs of a lab, side by side, and the frames of every kept moment: the counterpart of Python's
// `init_utils/lab/session.py`.

import { FrameLayout } from "../frames/layout.js";
import { DIAGNOSIS, FRAME } from "../shared.js";
import { makeData } from "./datasets.js";
import { diagnose } from "./diagnosis.js";
import { frameSchedule, TrainedRun } from "./moments.js";
import { scaled } from "./starts.js";
import { Block } from "./trainer.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {import("../connection.js").TableRow} TableRow */
/** @typedef {import("../engine.js").Examples} Examples */
/** @typedef {import("../frames/layout.js").Frame} Frame */
/** @typedef {import("./moments.js").Moment} Moment */
/** @typedef {import("./starts.js").Starts} Starts */
/** @typedef {import("./trainer.js").Start} Start */
/** @typedef {import("./trainer.js").Trainers} Trainers */

/**
 * @typedef {object} Run that has a network: where it starts, and its kept moments
 * @property {Start} start
 * @property {Moment[]} moments
 */

/**
 * @typedef {object} Column one run, with or without a network
 * @property {string} name
 * @property {string} message why there is no network, or ""
 * @property {string} note
 * @property {Run | null} run
 */

const MARGIN = 0.55; // half the side of the picture, as a share of the points' extent

export class Session {
  /**
   * @param {Starts} starts
   * @param {Settings} settings
   * @param {() => number} now milliseconds
   * @param {Trainers} trainers one for each run
   */
  constructor(starts, settings, now, trainers) {
    this.starts = starts;
    this.settings = settings;
    this.now = now;
    this.trainers = trainers;
    this.block = new Block();
    this.dims = [2, ...settings.hidden_layers, 1];
    this.layout = new FrameLayout(this.dims);
    this.data = makeData(settings);
    this.bounds = boundsOf([this.data.train, this.data.test]);
    this.schedule = frameSchedule(settings.iterations);
    this.iteration = 0;
    /** Whether the trainers have its start. */
    this.isBegun = false;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {number[]} */
    this.moments = [];
    this.begin();
  }

  /** Back to exactly the first weights. */
  begin() {
    this.iteration = 0;
    this.isBegun = false;
    this.columns = this.settings.compare.map((name) => this.#column(name));
    this.moments = [0];
  }

  get how() {
    const { learning_rate: learningRate, hidden } = this.settings;
    return { dims: this.dims, learningRate, hidden: /** @type {Hidden} */ (hidden) };
  }

  /**
   * @param {string} name
   * @returns {Column}
   */
  #column(name) {
    const { seed } = this.settings;
    const { parameters, message } = this.startOf(name, seed);
    const note = seed === null ? "" : this.starts.note(name);
    if (!parameters) return { name, message, note, run: null };
    const first = new TrainedRun(this.data, parameters, this.how);
    first.keep();
    const start = { data: this.data, parameters, how: this.how };
    return { name, message, note, run: { start, moments: first.moments } };
  }

  /**
   * @param {string} name
   * @param {number | null} seed
   */
  startOf(name, seed) {
    const { gain } = this.settings;
    const factor = typeof gain === "number" ? gain : (gain[name] ?? 1);
    const { parameters, message } = this.starts.draw(name, this.dims, seed);
    return { message, parameters: parameters && scaled(parameters, this.dims, () => factor) };
  }

  /** The runs that have a network. */
  get runs() {
    return this.columns.flatMap(({ run }) => run ?? []);
  }

  get isFinished() {
    return this.iteration >= this.settings.iterations || !this.runs.length;
  }

  /**
   * Train every run up to an iteration, for so long at most.
   *
   * @param {number} iteration
   * @param {number} milliseconds
   */
  async train(iteration, milliseconds) {
    const end = this.now() + milliseconds;
    const target = Math.min(iteration, this.settings.iterations);
    while (this.iteration < target && this.runs.length && this.now() < end) {
      const began = this.now();
      const steps = Math.min(this.block.steps, target - this.iteration);
      await this.#advance(steps);
      this.block.learn(this.now() - began, steps, milliseconds / 2);
    }
  }

  /** One step, kept as a frame. */
  async step() {
    if (!this.isFinished) await this.#advance(1, true);
  }

  /** Keep the present moment, if it is not. */
  async settle() {
    if (this.moments[this.moments.length - 1] !== this.iteration) await this.#advance(0, true);
  }

  /**
   * Every run by as many steps; the moments of the schedule are kept.
   *
   * @param {number} steps
   * @param {boolean} isLastKept also where the schedule does not ask for it
   */
  async #advance(steps, isLastKept = false) {
    const end = this.iteration + steps;
    const kept = this.schedule.filter((moment) => moment > this.iteration && moment <= end);
    if (isLastKept && !kept.includes(end)) kept.push(end);
    const stops = kept.includes(end) ? kept : [...kept, end];
    const legs = stops.map((stop, at) => ({
      steps: stop - (stops[at - 1] ?? this.iteration),
      isKept: kept.includes(stop),
    }));
    await Promise.all(
      this.runs.map(async ({ start, moments }, place) => {
        const task = { of: /** @type {const} */ ("lab"), start: this.isBegun ? null : start, legs };
        moments.push(...(await this.trainers.at(place).train(task)));
      }),
    );
    this.isBegun = true;
    this.iteration = end;
    this.moments.push(...kept);
  }

  /**
   * The frames of the moments from `first` on, as two blocks of numbers: NaN and 0 for a run without a network.
   *
   * @param {number} first
   */
  framesFrom(first) {
    const { floatsPerRun, parametersPerRun } = this.layout;
    const count = this.moments.length - first;
    const places = count * this.columns.length;
    const figures = new Float64Array(places * floatsPerRun).fill(NaN);
    const parameters = new Float32Array(places * parametersPerRun);
    for (let moment = 0; moment < count; moment += 1) {
      this.columns.forEach(({ run }, column) => {
        if (!run) return;
        const place = moment * this.columns.length + column;
        figures.set(run.moments[first + moment].figures, place * floatsPerRun);
        parameters.set(run.moments[first + moment].parameters, place * parametersPerRun);
      });
    }
    return { count, figures: new DataView(figures.buffer), parameters: new DataView(parameters.buffer) };
  }

  /** @returns {TableRow[]} a row for every run */
  table() {
    return this.columns.map(({ name, message, note, run }) => {
      if (!run) return { ...EMPTY_ROW, name, message };
      const frames = run.moments.map((_, at) => this.#frame(run, at));
      const now = frames[frames.length - 1];
      const earlier =
        frames.findLast((frame) => frame.iteration <= now.iteration - DIAGNOSIS.lookingBack) ?? frames[0];
      return {
        name,
        message,
        note,
        diagnosis: diagnose({ now, earlier, hidden: this.how.hidden }),
        start_cost: finite(frames[0].figure("cost")),
        cost: finite(now.figure("cost")),
        train_accuracy: finite(now.figure("train_accuracy")),
        test_accuracy: finite(now.figure("test_accuracy")),
        seconds: now.figure("seconds"),
        iteration: now.iteration,
      };
    });
  }

  /**
   * @param {Run} run
   * @param {number} at
   * @returns {Frame}
   */
  #frame(run, at) {
    const { figures, parameters } = run.moments[at];
    return /** @type {Frame} */ (this.layout.frame(figures, parameters, 0)); // its iteration is a number
  }

  /** Every kept moment of every run. */
  csv() {
    const layers = Array.from({ length: this.layout.depth }, (_, layer) => layer + 1);
    const names = FRAME.layerFigures.flatMap((name) =>
      layers.map((layer) => `${name.replace(/s$/, "")}_${layer}`),
    );
    const columns = [...FRAME.figures, ...names];
    const lines = this.columns.flatMap(({ name, run }) =>
      (run?.moments ?? []).map(({ figures }) =>
        [inCsv(name), ...figures.subarray(0, columns.length)].join(","),
      ),
    );
    return `${[["run", ...columns].join(","), ...lines].join("\n")}\n`;
  }
}

/** @type {TableRow} */
const EMPTY_ROW = {
  name: "",
  message: "",
  note: "",
  diagnosis: "",
  start_cost: null,
  cost: null,
  train_accuracy: null,
  test_accuracy: null,
  seconds: null,
  iteration: 0,
};

/** @param {number} value null where there is no number */
export function finite(value) {
  return Number.isFinite(value) ? value : null;
}

/** @param {string} text */
function inCsv(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A square around all points, with a margin: left, right, bottom, top.
 *
 * @param {Examples[]} parts
 */
function boundsOf(parts) {
  const ends = [0, 1].map((axis) => {
    const values = parts.flatMap(({ X, count }) => [...X.subarray(axis * count, (axis + 1) * count)]);
    return [Math.min(...values), Math.max(...values)];
  });
  const half = Math.max(...ends.map(([low, high]) => high - low)) * MARGIN || 1;
  return ends.flatMap(([low, high]) => [(low + high) / 2 - half, (low + high) / 2 + half]);
}
