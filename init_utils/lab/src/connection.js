// What the views know of the engine behind them: its state, and what they ask of it. `KernelConnection` reaches
// Python through anywidget's model.

/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./status.js").Action} Action */
/** @typedef {Action | "new-seed" | "history" | "csv"} Request */

/**
 * @typedef {object} Setup what stays the same while a training lasts
 * @property {number} generation
 * @property {number[]} layers_dims
 * @property {string[]} runs
 * @property {{scheme: string, repeat: number}[]} identities
 * @property {number[]} bounds left, right, bottom, top of the picture
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
 * @property {number} gain
 * @property {number | null} seed
 * @property {number} pace
 * @property {number} strip_seeds
 * @property {string[]} compare
 */

/**
 * @typedef {object} Shown
 * @property {Status} status
 * @property {string} message
 * @property {{name: string, built_in: boolean, argument: string}[]} candidates
 * @property {string} code
 * @property {Setup} setup
 * @property {DataView} train_points float32: x, y, class of each
 * @property {DataView} test_points
 * @property {DataView} depth_curves float32: per run the measured sizes, then the theory's
 * @property {TableRow[]} table
 * @property {Strip} strip
 * @property {DataView} frame_figures
 * @property {DataView} frame_cells
 * @property {{generation: number, first: number, count: number}} frame_span
 */

/** @typedef {Settings & Shown} LabState */
/** @typedef {{kind: "csv", text: string}} Message */

/**
 * @typedef {object} Connection
 * @property {<Name extends keyof LabState>(name: Name) => LabState[Name]} get
 * @property {<Name extends keyof Settings>(name: Name, value: Settings[Name]) => void} change
 * @property {(request: Request) => void} act
 * @property {(name: keyof LabState, listener: () => void) => () => void} onChange gives what stops listening
 * @property {(listener: (message: Message) => void) => () => void} onMessage gives what stops listening
 */

/**
 * @typedef {object} WidgetModel anywidget's, as far as it is used
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(content: unknown) => void} send
 * @property {(event: string, listener: (...values: any[]) => void) => void} on
 * @property {(event: string, listener: (...values: any[]) => void) => void} off
 */

/** @implements {Connection} */
export class KernelConnection {
  /** @param {WidgetModel} model */
  constructor(model) {
    this.model = model;
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
  }

  /** @param {Request} request */
  act(request) {
    this.model.send({ do: request });
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
