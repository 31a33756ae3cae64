// A trainer in a worker, as the page sees it, and the worker's own side.

import { Trainer } from "../engine/trainer.js";

/** @typedef {import("../engine/trainer.js").Trains} Trains */

/** What a worker says first. */
export const READY = "ready";

/** @implements {Trains} */
export class WorkerTrainer {
  /**
   * @param {Worker} worker
   * @param {() => void} fail
   */
  constructor(worker, fail) {
    this.worker = worker;
    /** Of what was asked and is not answered: a worker answers in the order of the questions. */
    this.waiting = /** @type {((answer: any) => void)[]} */ ([]);
    worker.onmessage = ({ data }) => {
      if (data !== READY) this.waiting.shift()?.(data);
    };
    worker.onerror = fail;
  }

  /** @param {import("../engine/trainer.js").Task} task */
  train(task) {
    return this.#ask("train", task);
  }

  /** @param {{depth: number, hidden: string}} dial */
  profiles(dial) {
    return this.#ask("profiles", dial);
  }

  /**
   * @param {import("../connection.js").Settings} settings
   * @param {string[]} builtIn
   */
  curves(settings, builtIn) {
    return this.#ask("curves", settings, builtIn);
  }

  /**
   * @param {keyof Trains} what
   * @param {unknown[]} values
   * @returns {Promise<any>}
   */
  #ask(what, ...values) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.worker.postMessage([what, values]);
    });
  }
}

/** In a worker: answer what the page asks. */
export function serve() {
  const worker = /** @type {any} */ (globalThis);
  const trainer = new Trainer(() => performance.now());
  worker.onmessage = async (/** @type {MessageEvent<[keyof Trains, [any, any]]>} */ { data }) => {
    const [what, values] = data;
    try {
      worker.postMessage(await trainer[what](...values));
    } catch (error) {
      worker.reportError(error); // a promise that is rejected does not reach the page's `onerror`
    }
  };
  worker.postMessage(READY);
}
