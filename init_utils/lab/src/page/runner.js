// What keeps the engine training: slices of work with room for the page between them, and what the page asks for.

/** @typedef {import("../engine/lab.js").LabEngine} LabEngine */
/** @typedef {import("../connection.js").Request} Request */

/**
 * @typedef {{change: [string, unknown]} | {changeAll: Record<string, unknown>} | {act: Request}} Order
 */

/** Where the page itself trains: short enough for the screen. */
export const PAGE_SLICE_MS = 8;
export const WORKERS_SLICE_MS = 40;

export class Runner {
  /**
   * @param {LabEngine} engine
   * @param {number} sliceMs
   */
  constructor(engine, sliceMs) {
    this.engine = engine;
    this.sliceMs = sliceMs;
    /** @type {Order[]} */
    this.orders = [];
    this.isAtWork = false;
    this.wake = () => {};
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.wake();
  }

  /** @param {Order} order carried out after those before it, between two slices */
  take(order) {
    this.orders.push(order);
    this.wake();
    if (!this.isAtWork) this.#work();
  }

  async #work() {
    this.isAtWork = true;
    for (let delay = /** @type {number | null} */ (0); delay !== null; ) {
      for (const order of this.orders.splice(0)) await this.#carryOut(order);
      delay = await this.engine.work(this.sliceMs);
      if (this.orders.length) delay = 0;
      else if (delay !== null) await this.#rest(delay);
    }
    this.isAtWork = false;
  }

  /** @param {Order} order */
  async #carryOut(order) {
    if ("act" in order) await this.engine.act(order.act);
    else if ("change" in order) await this.engine.change(...order.change);
    else await this.engine.changeAll(order.changeAll);
  }

  /**
   * Give way to the page; an order ends it.
   *
   * @param {number} delay milliseconds
   * @returns {Promise<void>}
   */
  #rest(delay) {
    return new Promise((resolve) => {
      this.wake = resolve;
      // A message comes sooner than a timer of 0, which browsers round up to 4 ms.
      if (delay) setTimeout(resolve, delay);
      else this.channel.port2.postMessage(null);
    });
  }
}
