// What the views know of the engine behind them: its state, and what they ask of it. `KernelConnection` reaches
// Python through anywidget's model.

import { PATIENCE_MS, Requests, stateOf, waitingWords } from "./kernel.js";

/** @typedef {import("./kernel.js").Kernel} Kernel */
/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./status.js").Action} Action */
/** @typedef {Action | "new-seed" | "history" | "csv" | "hello" | "profiles" | `question-${1 | 2 | 3}`} Request */

/**
 * @typedef {object} Setup what stays the same while a training lasts
 * @property {number} generation
 * @property {number[]} layers_dims
 * @property {string[]} runs
 * @property {{scheme: string, repeat: number}[]} identities
 * @property {number[]} bounds left, right, bottom, top of the picture
 * @property {"relu" | "tanh"} hidden
 * @property {number} iterations
 */

/**
 * @typedef {object} TableRow
 * @property {string} name
 * @property {string} message why there is no network, or ""
 * @property {string} note
 * @property {string} diagnosis
 * @property {number | null} start_cost
 * @property {number | null} cost
 * @property {number | null} train_accuracy
 * @property {number | null} test_accuracy
 * @property {number | null} seconds
 * @property {number} iteration
 */

/**
 * @typedef {object} StripRow
 * @property {string} name
 * @property {string} note
 * @property {(number | null)[]} costs
 * @property {(number | null)[]} accuracies
 */

/**
 * @typedef {object} Strip results over seeds; empty before they are asked for
 * @property {number} [done]
 * @property {number} [total]
 * @property {number | null} [remaining_s]
 * @property {boolean} [stopped]
 * @property {StripRow[]} [rows]
 */

/**
 * @typedef {object} Settings
 * @property {string} dataset
 * @property {number} noise
 * @property {number} points
 * @property {number} data_seed
 * @property {number[]} hidden_layers
 * @property {string} hidden
 * @property {number} learning_rate
 * @property {number} iterations
 * @property {number | Record<string, number>} gain of all runs, or by their names
 * @property {number | null} seed
 * @property {number} pace
 * @property {number} strip_seeds
 * @property {string[]} compare
 * @property {{depth: number, hidden: string}} dial of the tab Depth
 * @property {Record<string, string>} predictions of costs, by the names of runs
 */

/**
 * @typedef {object} Shown
 * @property {Status} status
 * @property {string} message
 * @property {{name: string, built_in: boolean, argument: string}[]} candidates
 * @property {string} code
 * @property {string} still class of the still picture that stands in the file
 * @property {Setup} setup
 * @property {DataView} train_points float32: x, y, class of each
 * @property {DataView} test_points
 * @property {DataView} profiles float32: of the depth dial
 * @property {DataView} depth_curves float32: per run the measured sizes, then the theory's
 * @property {string} [depth_note] of an engine that cannot draw some run's curve: why
 * @property {TableRow[]} table
 * @property {Strip} strip
 * @property {Strip} scales
 * @property {number | null} question
 * @property {DataView} frame_figures float64
 * @property {DataView} frame_parameters float32
 * @property {{generation: number, first: number, count: number}} frame_span
 */

/** @typedef {Settings & Shown} LabState */
/** @typedef {{kind: "csv", text: string} | {kind: "answer", id: number}} Message */

/**
 * @typedef {object} Connection
 * @property {<Name extends keyof LabState>(name: Name) => LabState[Name]} get
 * @property {<Name extends keyof Settings>(name: Name, value: Settings[Name]) => void} change
 * @property {(request: Request) => void} act
 * @property {(name: keyof LabState, listener: () => void) => () => void} onChange gives what stops listening
 * @property {(listener: (message: Message) => void) => () => void} onMessage gives what stops listening
 * @property {(listener: (words: string, isGone: boolean) => void) => () => void} onWaiting told what is said while
 *   the kernel does not answer, "" when it does; gives what stops listening
 */

/**
 * @typedef {object} WidgetModel anywidget's, as far as it is used
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(content: unknown) => void} send
 * @property {(event: string, listener: (...values: any[]) => void) => void} on
 * @property {(event: string, listener: (...values: any[]) => void) => void} off
 * @property {{kernel?: Kernel | null}} [widget_manager]
 */

/** @implements {Connection} */
export class KernelConnection {
  /** @param {WidgetModel} model */
  constructor(model) {
    this.model = model;
    this.requests = new Requests(() => performance.now());
    this.isGone = false;
    /** @type {Set<(words: string, isGone: boolean) => void>} */
    this.waiters = new Set();
    this.onMessage((message) => {
      if (message.kind !== "answer") return;
      this.requests.end(message.id);
      this.tell();
    });
    // Fired when the comm's other end is known to be gone: the kernel was restarted or replaced.
    this.#listen("comm_live_update", () => this.lose());
    const tell = () => this.tell();
    this.kernel?.statusChanged?.connect(tell);
    this.kernel?.connectionStatusChanged?.connect(tell);
  }

  /** JupyterLab's kernel; not known in other front ends. */
  get kernel() {
    return this.model.widget_manager?.kernel;
  }

  lose() {
    this.isGone = true;
    this.tell();
  }

  /** Tell what there is to say of the kernel. */
  tell() {
    const state = this.isGone ? "gone" : stateOf(this.kernel);
    this.isGone = state === "gone";
    const words = waitingWords({ state, waitedMs: this.requests.waitedMs });
    for (const waiter of this.waiters) waiter(words, this.isGone);
  }

  /**
   * @template {keyof LabState} Name
   * @param {Name} name
   * @returns {LabState[Name]}
   */
  get(name) {
    return this.model.get(name);
  }

  /**
   * @template {keyof Settings} Name
   * @param {Name} name
   * @param {Settings[Name]} value
   */
  change(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
    this.act("hello"); // answered once the change has been taken
  }

  /** @param {Request} request */
  act(request) {
    this.model.send({ do: request, id: this.requests.begin() });
    setTimeout(() => this.tell(), PATIENCE_MS + 10);
  }

  /** @param {(words: string, isGone: boolean) => void} listener */
  onWaiting(listener) {
    this.waiters.add(listener);
    this.tell();
    return () => {
      this.waiters.delete(listener);
    };
  }

  /**
   * @param {keyof LabState} name
   * @param {() => void} listener
   */
  onChange(name, listener) {
    return this.#listen(`change:${name}`, listener);
  }

  /** @param {(message: Message) => void} listener */
  onMessage(listener) {
    return this.#listen("msg:custom", listener);
  }

  /**
   * @param {string} event
   * @param {(...values: any[]) => void} listener
   */
  #listen(event, listener) {
    this.model.on(event, listener);
    return () => this.model.off(event, listener);
  }
}
