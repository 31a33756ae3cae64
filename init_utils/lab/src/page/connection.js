// The views' connection to an engine in the browser: in a worker, or in the page where a worker is refused.

import { LabEngine } from "../engine/lab.js";
import { PAGE_SLICE_MS, Runner } from "./runner.js";

/** @typedef {import("../connection.js").Connection} Connection */
/** @typedef {import("../connection.js").LabState} LabState */
/** @typedef {import("../connection.js").Message} Message */
/** @typedef {import("../connection.js").Request} Request */
/** @typedef {import("../engine/lab.js").Made} Made */
/** @typedef {import("../engine/lab.js").Told} Told */
/** @typedef {import("./runner.js").Order} Order */

const FAILED = "The engine has failed: reload the page, then report this with the text of the experiment.";
const PATIENCE_MS = 2000; // for a worker that neither answers nor fails

/** @implements {Connection} */
export class PageConnection {
  /**
   * @param {Made} made
   * @param {() => Worker} startWorker may throw, where workers are forbidden
   */
  constructor(made, startWorker) {
    const engine = new LabEngine(made, (told) => this.#hear(told));
    /** @type {LabState} */
    this.state = engine.state();
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map();
    /** @type {Set<(message: Message) => void>} */
    this.messageListeners = new Set();
    this.runner = new Runner(engine, PAGE_SLICE_MS);
    /** @type {Worker | null} */
    this.worker = null;
    /** Where the engine works. @type {"worker" | "page" | "undecided"} */
    this.place = "undecided";
    /** Asked before that is decided. @type {Order[]} */
    this.waiting = [];
    this.#tryWorker(made, startWorker);
  }

  /**
   * Use a worker if one answers, the page's own engine if it is forbidden.
   *
   * @param {Made} made
   * @param {() => Worker} startWorker
   */
  #tryWorker(made, startWorker) {
    /** @type {Worker} */
    let worker;
    try {
      worker = startWorker();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#settle(null);
      return;
    }
    const timer = setTimeout(() => this.#settle(null), PATIENCE_MS);
    worker.onerror = (event) => {
      if (this.worker === worker) {
        this.#hear({ changes: { message: FAILED } });
        return;
      }
      event.preventDefault(); // forbidden: no fault of the page
      clearTimeout(timer);
      this.#settle(null);
    };
    worker.onmessage = ({ data }) => {
      if (data !== "ready") return this.#hear(data);
      clearTimeout(timer);
      this.#settle(worker);
    };
    worker.postMessage({ made });
  }

  /** @param {Worker | null} worker null: the page's own engine */
  #settle(worker) {
    if (this.place !== "undecided") {
      worker?.terminate();
      return;
    }
    this.worker = worker;
    this.place = worker ? "worker" : "page";
    document.documentElement.dataset.engine = this.place;
    for (const order of this.waiting.splice(0)) this.#order(order);
  }

  /** @param {Order} order */
  #order(order) {
    if (this.place === "undecided") this.waiting.push(order);
    else if (this.worker) this.worker.postMessage(order);
    else this.runner.take(order);
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
