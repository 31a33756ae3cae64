// What one thread does for the lab: it trains a run of the lab and one of a comparison, and computes the pictures of
// depth. In a worker or in the page itself, the same.

import { deepCurves, profilesOf } from "./depth.js";
import { TrainedRun } from "./moments.js";

/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {import("../engine.js").Examples} Examples */
/** @typedef {import("./moments.js").How} How */
/** @typedef {import("./moments.js").Moment} Moment */

/**
 * @typedef {object} Start of a run
 * @property {{train: Examples, test: Examples}} data
 * @property {Float64Array} parameters
 * @property {How} how
 */

/**
 * @typedef {object} Leg some steps, and whether the moment after them is kept
 * @property {number} steps
 * @property {boolean} isKept
 */

/**
 * @typedef {object} Task
 * @property {"lab" | "comparison"} of the two do not disturb each other
 * @property {Start | null} start null: on from where it is
 * @property {Leg[]} legs
 */

/**
 * @typedef {object} Trains what trains runs, here or in another thread
 * @property {(task: Task) => Promise<Moment[]>} train the moments that were kept
 * @property {(dial: Settings["dial"]) => Promise<DataView>} profiles
 * @property {(settings: Settings, builtIn: string[]) => Promise<DataView>} curves
 */

/** @implements {Trains} */
export class Trainer {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    /** @type {Map<Task["of"], TrainedRun>} */
    this.runs = new Map();
  }

  /** @param {Task} task */
  async train({ of, start, legs }) {
    if (start) {
      const first = new TrainedRun(start.data, start.parameters, start.how);
      first.keep();
      this.runs.set(of, first);
    }
    const run = this.runs.get(of);
    if (!run) throw new Error("a trainer is given a start before it goes on");
    const known = run.moments.length;
    for (const { steps, isKept } of legs) {
      run.advance(steps, this.now);
      if (isKept) run.keep();
    }
    return run.moments.slice(known);
  }

  /** @param {Settings["dial"]} dial */
  async profiles(dial) {
    return profilesOf(dial);
  }

  /**
   * @param {Settings} settings
   * @param {string[]} builtIn
   */
  async curves(settings, builtIn) {
    return deepCurves(settings, builtIn);
  }
}

/** The trainers of a lab, one for each run; made when they are wanted first. */
export class Trainers {
  /** @param {() => Trains} make */
  constructor(make) {
    this.make = make;
    /** Trainings of a comparison that go on at the same time. */
    this.together = 1;
    /** @type {Trains[]} */
    this.made = [];
  }

  /**
   * Others from now on.
   *
   * @param {() => Trains} make
   * @param {number} together
   */
  replace(make, together) {
    this.make = make;
    this.together = together;
    this.made = [];
  }

  /** @param {number} place of a run */
  at(place) {
    this.made[place] ??= this.make();
    return this.made[place];
  }
}

const MOST_STEPS = 4096;
const SHORTEST_MS = 2; // that a browser's clock measures

/** How many steps are taken between two looks at the clock. */
export class Block {
  constructor() {
    this.steps = 1;
    /** Milliseconds: of the fastest so far, because the others were disturbed. */
    this.stepMs = Infinity;
  }

  /**
   * @param {number} taken milliseconds
   * @param {number} steps that took so long
   * @param {number} wanted milliseconds
   */
  learn(taken, steps, wanted) {
    if (taken >= SHORTEST_MS) this.stepMs = Math.min(this.stepMs, taken / steps);
    const due = this.stepMs === Infinity ? MOST_STEPS : Math.round(wanted / this.stepMs);
    this.steps = Math.max(1, Math.min(due, 2 * this.steps, MOST_STEPS));
  }
}
