// The views' connection to the engine in the page. Its runs are trained side by side in workers, or in the page where
// workers are forbidden.

import { LabEngine } from "../engine/lab.js";
import { MOST_RUNS } from "../shared.js";
import { PAGE_SLICE_MS, Runner, WORKERS_SLICE_MS } from "./runner.js";
import { WorkerTrainer } from "./worker-trainer.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../connection.js").LabState} LabState */
/** @typedef {import("../connection.js").Message} Message */
/** @typedef {import("../connection.js").Request} Request */
/** @typedef {import("../engine/lab.js").Made} Made */
/** @typedef {import("../engine/lab.js").Told} Told */
/** @typedef {import("./runner.js").Order} Order */

const FAILED = "The engine has failed: reload the page, then report this with the text of the experiment.";
/** For a worker that neither answers nor fails: in turns of the page's own, so that a page at work does not give up. */
const PATIENCE_TURNS = 20;
const TURN_MS = 100;

/** @implements {Connection} */
export class PageConnection {
  /**
   * @param {Made} made
   * @param {() => Worker} startWorker may throw, where workers are forbidden
   */
  constructor(made, startWorker) {
    this.engine = new LabEngine(made, (told) => this.#hear(told));
    /** @type {LabState} */
    this.state = this.engine.state();
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map();
    /** @type {Set<(message: Message) => void>} */
    this.messageListeners = new Set();
    /** Once it is known where runs are trained. @type {Runner | null} */
    this.runner = null;
    /** Asked before that. @type {Order[]} */
    this.waiting = [];
    this.#tryWorker(startWorker);
  }

  /**
   * A worker for each run if the first one answers; the page itself if they are forbidden.
   *
   * @param {() => Worker} startWorker
   */
  #tryWorker(startWorker) {
    /** @type {Worker} */
    let first;
    try {
      first = startWorker();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#trainHere();
      return;
    }
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
      if (turns < PATIENCE_TURNS) return;
      clearInterval(timer);
      first.terminate();
      this.#trainHere();
    }, TURN_MS);
    first.onerror = (event) => {
      event.preventDefault(); // forbidden: no fault of the page
      clearInterval(timer);
      this.#trainHere();
    };
    first.onmessage = () => {
      clearInterval(timer);
      const fail = () => this.#hear({ changes: { message: FAILED } });
      const known = [first];
      const next = () => new WorkerTrainer(known.pop() ?? startWorker(), fail);
      this.engine.trainers.replace(next, MOST_RUNS);
      this.#begin("workers", WORKERS_SLICE_MS);
    };
  }

  #trainHere() {
    this.#begin("page", PAGE_SLICE_MS);
  }

  /**
   * @param {"workers" | "page"} place where runs are trained
   * @param {number} sliceMs
   */
  #begin(place, sliceMs) {
    if (this.runner) return;
    this.runner = new Runner(this.engine, sliceMs);
    document.documentElement.dataset.engine = place;
    for (const order of this.waiting.splice(0)) this.runner.take(order);
  }

  /** @param {Order} order */
  #order(order) {
    if (this.runner) this.runner.take(order);
    else this.waiting.push(order);
  }

  /** @param {Told} told */
  #hear(told) {
    if ("message" in told) {
      for (const listener of this.messageListeners) listener(told.message);
      return;
    }
    Object.assign(this.state, told.changes);
    // The views read the frames once they hear of their span: that one is told last.
    const names = Object.keys(told.changes).sort(
      (one, other) => Number(one === "frame_span") - Number(other === "frame_span"),
    );
    for (const name of names) for (const listener of this.listeners.get(name) ?? []) listener();
  }

  /**
   * @template {keyof LabState} Name
   * @param {Name} name
   * @returns {LabState[Name]}
   */
  get(name) {
    return this.state[name];
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  change(name, value) {
    this.#order({ change: [name, value] });
  }

  /** @param {Record<string, unknown>} changes taken all, or none */
  changeAll(changes) {
    this.#order({ changeAll: changes });
  }

  /** @param {Request} request */
  act(request) {
    this.#order({ act: request });
  }

  /**
   * @param {keyof LabState} name
   * @param {() => void} listener
   */
  onChange(name, listener) {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all.add(listener));
    return () => {
      all.delete(listener);
    };
  }

  /** @param {(message: Message) => void} listener */
  onMessage(listener) {
    this.messageListeners.add(listener);
    return () => {
      this.messageListeners.delete(listener);
    };
  }

  /** The engine is here: there is nothing to wait for. */
  onWaiting() {
    return () => {};
  }
}
