// What keeps an engine training: slices of work with room for what the page sends between them. The same in a
// worker and in the page itself, where slices are short enough for the screen.

/** @typedef {import("../engine/lab.js").LabEngine} LabEngine */
/** @typedef {import("../connection.js").Request} Request */

/**
 * @typedef {{change: [string, unknown]} | {changeAll: Record<string, unknown>} | {act: Request}} Order
 */

export const PAGE_SLICE_MS = 8;
export const WORKER_SLICE_MS = 30;

export class Runner {
  /**
   * @param {LabEngine} engine
   * @param {number} sliceMs
   */
  constructor(engine, sliceMs) {
    this.engine = engine;
    this.sliceMs = sliceMs;
    this.isWaiting = false;
  }

  /** @param {Order} order */
  take(order) {
    if ("act" in order) this.engine.act(order.act);
    else if ("change" in order) this.engine.change(...order.change);
    else this.engine.changeAll(order.changeAll);
    this.#goOn(0);
  }

  /** @param {number} delay milliseconds */
  #goOn(delay) {
    if (this.isWaiting) return;
    this.isWaiting = true;
    setTimeout(() => {
      this.isWaiting = false;
      const next = this.engine.work(this.sliceMs);
      if (next !== null) this.#goOn(next);
    }, delay);
  }
}
