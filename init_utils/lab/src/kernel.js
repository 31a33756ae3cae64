// Whether the kernel answers: what is known of it, and what is said when it does not.

/** @typedef {"idle" | "busy" | "offline" | "gone"} KernelState */

/**
 * @typedef {object} Signal JupyterLab's
 * @property {(slot: () => void) => unknown} connect
 * @property {(slot: () => void) => unknown} disconnect
 */

/**
 * @typedef {object} Kernel JupyterLab's, as far as it is used
 * @property {string} status
 * @property {string} connectionStatus
 * @property {boolean} isDisposed
 * @property {Signal} [statusChanged]
 * @property {Signal} [connectionStatusChanged]
 */

export const PATIENCE_MS = 1000;
const ENDED = ["dead", "restarting", "autorestarting", "terminating"];

/**
 * What is known of a kernel; front ends that show none are taken to have an idle one.
 *
 * @param {Kernel | null | undefined} kernel
 * @returns {KernelState}
 */
export function stateOf(kernel) {
  if (!kernel) return "idle";
  if (kernel.isDisposed || ENDED.includes(kernel.status)) return "gone";
  if (kernel.connectionStatus !== "connected") return "offline";
  return kernel.status === "busy" ? "busy" : "idle";
}

/**
 * What is said of a request that has waited; "" while there is nothing to say.
 *
 * @param {{state: KernelState, waitedMs: number}} request `waitedMs` is 0 when none waits
 */
export function waitingWords({ state, waitedMs }) {
  if (state === "gone") return "The kernel no longer knows this lab: run its cell again.";
  if (waitedMs < PATIENCE_MS) return "";
  if (state === "offline") return "Waiting for the kernel: the connection is lost.";
  return state === "busy" ? "Waiting for the kernel: another cell is running." : "Waiting for the kernel.";
}

/** Requests that wait for an answer. */
export class Requests {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    this.count = 0;
    /** @type {Map<number, number>} when each was made */
    this.waiting = new Map();
  }

  /** @returns {number} the number of a new request */
  begin() {
    this.count += 1;
    this.waiting.set(this.count, this.now());
    return this.count;
  }

  /** @param {number} number */
  end(number) {
    this.waiting.delete(number);
  }

  /** How long the oldest one has waited; 0 when there is none. */
  get waitedMs() {
    const [oldest] = this.waiting.values();
    return oldest === undefined ? 0 : Math.max(1, this.now() - oldest);
  }
}
