// Built from src/ by make js; do not edit.

// init_utils/lab/src/kernel.js
var PATIENCE_MS = 1e3;
var ENDED = ["dead", "restarting", "autorestarting", "terminating"];
function stateOf(kernel) {
  if (!kernel) return "idle";
  if (kernel.isDisposed || ENDED.includes(kernel.status)) return "gone";
  if (kernel.connectionStatus !== "connected") return "offline";
  return kernel.status === "busy" ? "busy" : "idle";
}
function waitingWords({ state, waitedMs }) {
  if (state === "gone") return "The kernel no longer knows this lab: run its cell again.";
  if (waitedMs < PATIENCE_MS) return "";
  if (state === "offline") return "Waiting for the kernel: the connection is lost.";
  return state === "busy" ? "Waiting for the kernel: another cell is running." : "Waiting for the kernel.";
}
var Requests = class {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.now = now;
    this.count = 0;
    this.waiting = /* @__PURE__ */ new Map();
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
    return oldest === void 0 ? 0 : Math.max(1, this.now() - oldest);
  }
};

// init_utils/lab/src/connection.js
var KernelConnection = class {
  /** @param {WidgetModel} model */
  constructor(model) {
    this.model = model;
    this.requests = new Requests(() => performance.now());
    this.isGone = false;
    this.waiters = /* @__PURE__ */ new Set();
    this.onMessage((message) => {
      if (message.kind !== "answer") return;
      this.requests.end(message.id);
      this.tell();
    });
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
    this.act("hello");
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
};

// init_utils/lab/src/shared.js
var MOST_RUNS = (
  /** @type {const} */
  4
);
var LIMITS = (
  /** @type {const} */
  {
    "dataset": {
      "values": [
        "circles",
        "moons",
        "xor",
        "spirals",
        "blobs"
      ],
      "words": "circles moons xor spirals blobs"
    },
    "noise": {
      "low": 0,
      "high": 1,
      "words": "0 to 1"
    },
    "points": {
      "low": 20,
      "high": 2e3,
      "optional": false,
      "words": "20 to 2,000"
    },
    "data_seed": {
      "low": 0,
      "high": 999999999,
      "optional": false,
      "words": "0 to 999,999,999"
    },
    "hidden_layers": {
      "most": 6,
      "low": 1,
      "high": 64,
      "words": "up to 6 sizes of 1 to 64"
    },
    "hidden": {
      "values": [
        "relu",
        "tanh"
      ],
      "words": "relu tanh"
    },
    "learning_rate": {
      "low": 1e-6,
      "high": 100,
      "words": "0.000001 to 100"
    },
    "iterations": {
      "low": 1,
      "high": 1e6,
      "optional": false,
      "words": "1 to 1,000,000"
    },
    "gain": {
      "low": 0,
      "high": 1e3,
      "words": "0 to 1,000"
    },
    "seed": {
      "low": 0,
      "high": 4294967295,
      "optional": true,
      "words": "None, or 0 to 4,294,967,295"
    },
    "pace": {
      "low": 0,
      "high": 120,
      "words": "0 to 120"
    },
    "strip_seeds": {
      "low": 2,
      "high": 30,
      "optional": false,
      "words": "2 to 30"
    }
  }
);
var TRANSITIONS = (
  /** @type {const} */
  {
    "ready": {
      "train": "running",
      "step": "as-trained",
      "reset": "ready",
      "compare-seeds": "seeds",
      "compare-scales": "scales"
    },
    "running": {
      "pause": "paused",
      "stop": "stopped",
      "reset": "ready",
      "compare-seeds": "seeds",
      "compare-scales": "scales",
      "finish": "as-trained"
    },
    "paused": {
      "train": "running",
      "step": "as-trained",
      "stop": "stopped",
      "reset": "ready",
      "compare-seeds": "seeds",
      "compare-scales": "scales"
    },
    "stopped": {
      "train": "running",
      "step": "as-trained",
      "reset": "ready",
      "compare-seeds": "seeds",
      "compare-scales": "scales"
    },
    "finished": {
      "train": "running",
      "step": "as-trained",
      "reset": "ready",
      "compare-seeds": "seeds",
      "compare-scales": "scales"
    },
    "seeds": {
      "stop": "as-trained",
      "pause": "as-trained",
      "reset": "ready",
      "finish": "as-trained"
    },
    "scales": {
      "stop": "as-trained",
      "pause": "as-trained",
      "reset": "ready",
      "finish": "as-trained"
    }
  }
);
var FRAME = (
  /** @type {const} */
  {
    "figures": [
      "iteration",
      "cost",
      "train_accuracy",
      "test_accuracy",
      "worst_class",
      "confident_wrong",
      "seconds"
    ],
    "layerFigures": [
      "gradient_norms",
      "bias_gradient_norms",
      "changes",
      "ranks"
    ],
    "hiddenFigures": [
      "silent",
      "unreached",
      "unreached_wrong",
      "alike"
    ]
  }
);
var MULTIPLES = (
  /** @type {const} */
  [
    0.125,
    0.25,
    0.5,
    0.7071067811865476,
    1,
    1.4142135623730951,
    2,
    2.8284271247461903,
    4,
    8,
    16,
    32
  ]
);
var BESIDE = (
  /** @type {const} */
  [
    {
      "name": "×10",
      "scale": 10,
      "scheme": "random"
    },
    {
      "name": "×0.01",
      "scale": 0.01,
      "scheme": "small"
    }
  ]
);
var QUESTIONS = (
  /** @type {const} */
  {
    "1": {
      "words": "Where is “too large”? Lower the gain of the random start, train again, then compare scales.",
      "tab": "Scale",
      "runs": [
        "random",
        "he"
      ]
    },
    "2": {
      "words": "Is He the winner, or was it seed 3? Compare seeds; then turn the dial in the tab Depth.",
      "tab": "Seeds",
      "runs": [
        "he",
        "xavier"
      ]
    },
    "3": {
      "words": "What does a constant start look like from inside? Train, and watch its neurons and ranks.",
      "tab": "Similarity",
      "runs": [
        "constant 0.5",
        "he"
      ]
    }
  }
);
var CHANGES_SINCE = (
  /** @type {const} */
  100
);
var SATURATED_TANH = (
  /** @type {const} */
  0.99
);
var DIAL = (
  /** @type {const} */
  {
    "low": 1,
    "high": 50,
    "hidden": [
      "relu",
      "tanh"
    ],
    "schemes": [
      "He",
      "Xavier",
      "orthogonal"
    ],
    "bins": 36,
    "from": -6,
    "to": 3
  }
);
var DEEP = (
  /** @type {const} */
  {
    "layers": 30,
    "width": 100
  }
);
var CLASSES = (
  /** @type {const} */
  [
    {
      "name": "red",
      "colour": "#b02a1c",
      "dark_colour": "#ff9d8a",
      "region": "#ee9f8d",
      "dark_region": "#7c3226",
      "mark": "disc"
    },
    {
      "name": "blue",
      "colour": "#0b5394",
      "dark_colour": "#8fc7ff",
      "region": "#8dbbe3",
      "dark_region": "#1f5480",
      "mark": "cross"
    }
  ]
);
var MARKS = (
  /** @type {const} */
  {
    "disc": [],
    "cross": [
      [
        0.919,
        -0.495
      ],
      [
        0.495,
        -0.919
      ],
      [
        -0,
        -0.424
      ],
      [
        -0.495,
        -0.919
      ],
      [
        -0.919,
        -0.495
      ],
      [
        -0.424,
        -0
      ],
      [
        -0.919,
        0.495
      ],
      [
        -0.495,
        0.919
      ],
      [
        -0,
        0.424
      ],
      [
        0.495,
        0.919
      ],
      [
        0.919,
        0.495
      ],
      [
        0.424,
        0
      ]
    ],
    "square": [
      [
        -0.707,
        -0.707
      ],
      [
        0.707,
        -0.707
      ],
      [
        0.707,
        0.707
      ],
      [
        -0.707,
        0.707
      ]
    ],
    "triangle": [
      [
        0,
        -1
      ],
      [
        0.866,
        0.5
      ],
      [
        -0.866,
        0.5
      ]
    ],
    "triangle-down": [
      [
        0,
        1
      ],
      [
        -0.866,
        -0.5
      ],
      [
        0.866,
        -0.5
      ]
    ],
    "triangle-left": [
      [
        -1,
        0
      ],
      [
        0.5,
        -0.866
      ],
      [
        0.5,
        0.866
      ]
    ],
    "triangle-right": [
      [
        1,
        0
      ],
      [
        -0.5,
        0.866
      ],
      [
        -0.5,
        -0.866
      ]
    ],
    "diamond": [
      [
        0,
        -1
      ],
      [
        1,
        0
      ],
      [
        0,
        1
      ],
      [
        -1,
        0
      ]
    ],
    "pentagon": [
      [
        0,
        -1
      ],
      [
        0.951,
        -0.309
      ],
      [
        0.588,
        0.809
      ],
      [
        -0.588,
        0.809
      ],
      [
        -0.951,
        -0.309
      ]
    ],
    "star": [
      [
        0,
        -1
      ],
      [
        0.247,
        -0.34
      ],
      [
        0.951,
        -0.309
      ],
      [
        0.399,
        0.13
      ],
      [
        0.588,
        0.809
      ],
      [
        0,
        0.42
      ],
      [
        -0.588,
        0.809
      ],
      [
        -0.399,
        0.13
      ],
      [
        -0.951,
        -0.309
      ],
      [
        -0.247,
        -0.34
      ]
    ],
    "hourglass": [
      [
        -0.8,
        -0.9
      ],
      [
        0.8,
        -0.9
      ],
      [
        -0.8,
        0.9
      ],
      [
        0.8,
        0.9
      ]
    ],
    "bar": [
      [
        -1,
        -0.34
      ],
      [
        1,
        -0.34
      ],
      [
        1,
        0.34
      ],
      [
        -1,
        0.34
      ]
    ],
    "plus": [
      [
        0.34,
        -1
      ],
      [
        -0.34,
        -1
      ],
      [
        -0.34,
        -0.34
      ],
      [
        -1,
        -0.34
      ],
      [
        -1,
        0.34
      ],
      [
        -0.34,
        0.34
      ],
      [
        -0.34,
        1
      ],
      [
        0.34,
        1
      ],
      [
        0.34,
        0.34
      ],
      [
        1,
        0.34
      ],
      [
        1,
        -0.34
      ],
      [
        0.34,
        -0.34
      ]
    ]
  }
);
var SCHEMES = (
  /** @type {const} */
  [
    {
      "name": "zeros",
      "colour": "#00775a",
      "dark_colour": "#3fcfa4",
      "mark": "bar",
      "dash": []
    },
    {
      "name": "random",
      "colour": "#b85c00",
      "dark_colour": "#f2a541",
      "mark": "square",
      "dash": [
        7,
        3
      ]
    },
    {
      "name": "He",
      "colour": "#9c3f86",
      "dark_colour": "#e58fce",
      "mark": "triangle",
      "dash": [
        2,
        3
      ]
    },
    {
      "name": "Xavier",
      "colour": "#44546a",
      "dark_colour": "#b7c4d6",
      "mark": "diamond",
      "dash": [
        9,
        3,
        2,
        3
      ]
    },
    {
      "name": "constant",
      "colour": "#7a6200",
      "dark_colour": "#d9c24a",
      "mark": "triangle-down",
      "dash": [
        12,
        4
      ]
    },
    {
      "name": "small",
      "colour": "#5b3fa8",
      "dark_colour": "#b9a6ff",
      "mark": "plus",
      "dash": [
        4,
        2
      ]
    },
    {
      "name": "orthogonal",
      "colour": "#7a4a2b",
      "dark_colour": "#d9a887",
      "mark": "star",
      "dash": [
        9,
        3,
        2,
        3,
        2,
        3
      ]
    },
    {
      "name": "reserve 1",
      "colour": "#4d7c0f",
      "dark_colour": "#a3d65c",
      "mark": "pentagon",
      "dash": [
        5,
        3
      ]
    },
    {
      "name": "reserve 2",
      "colour": "#be185d",
      "dark_colour": "#f9a8d4",
      "mark": "hourglass",
      "dash": [
        10,
        2,
        4,
        2
      ]
    },
    {
      "name": "reserve 3",
      "colour": "#57534e",
      "dark_colour": "#d6d3d1",
      "mark": "triangle-left",
      "dash": [
        1,
        3
      ]
    },
    {
      "name": "reserve 4",
      "colour": "#0e7490",
      "dark_colour": "#67d4e8",
      "mark": "triangle-right",
      "dash": [
        14,
        3,
        1,
        3
      ]
    }
  ]
);
var REPEAT_DASHES = (
  /** @type {const} */
  [
    [
      1,
      2
    ],
    [
      6,
      2,
      1,
      2
    ],
    [
      3,
      6
    ]
  ]
);

// init_utils/lab/src/compute/network.js
var SIDE = 64;
var HALF = 0.5;
function layersOf(parameters, layersDims) {
  let place = 0;
  return layersDims.slice(1).map((size, layer) => {
    const inputs = layersDims[layer];
    const W = parameters.subarray(place, place + size * inputs);
    const b = parameters.subarray(place + size * inputs, place + size * (inputs + 1));
    place += size * (inputs + 1);
    return { size, inputs, W, b };
  });
}
function planeOf([left, right, bottom, top]) {
  const x = new Float32Array(SIDE * SIDE);
  const y = new Float32Array(SIDE * SIDE);
  for (let cell = 0; cell < SIDE * SIDE; cell += 1) {
    x[cell] = left + (right - left) * (cell % SIDE + HALF) / SIDE;
    y[cell] = top - (top - bottom) * (Math.floor(cell / SIDE) + HALF) / SIDE;
  }
  return { count: SIDE * SIDE, x, y };
}
function activationsOf(layers, hidden, points, into) {
  let below = [points.x, points.y];
  return layers.map((layer, index) => {
    const isLast = index === layers.length - 1;
    below = Array.from({ length: layer.size }, (_, neuron) => {
      const a = into ? into[index][neuron] : new Float32Array(points.count);
      a.fill(layer.b[neuron]);
      addProducts(a, layer.W.subarray(neuron * layer.inputs, (neuron + 1) * layer.inputs), below);
      activate(a, isLast ? "sigmoid" : hidden);
      return a;
    });
    return below;
  });
}
function addProducts(sums, weights, inputs) {
  const even = weights.length - weights.length % 2;
  for (let input = 0; input < even; input += 2) {
    const [first, second] = [weights[input], weights[input + 1]];
    const [one, other] = [inputs[input], inputs[input + 1]];
    for (let point = 0; point < sums.length; point += 1) {
      sums[point] = Math.fround(sums[point] + first * one[point]) + second * other[point];
    }
  }
  if (even === weights.length) return;
  const [weight, from] = [weights[even], inputs[even]];
  for (let point = 0; point < sums.length; point += 1) sums[point] += weight * from[point];
}
function activate(z, kind) {
  if (kind === "relu") {
    for (let point = 0; point < z.length; point += 1) if (z[point] < 0) z[point] = 0;
  } else if (kind === "tanh") {
    for (let point = 0; point < z.length; point += 1) z[point] = Math.tanh(z[point]);
  } else {
    for (let point = 0; point < z.length; point += 1) z[point] = 1 / (1 + Math.exp(-z[point]));
  }
}
function largestOf(activations) {
  let largest = 0;
  for (let point = 0; point < activations.length; point += 1) {
    const size = Math.abs(activations[point]);
    if (size > largest) largest = size;
    else if (Number.isNaN(size)) return Number.NaN;
  }
  return largest;
}
function bytesOf(outputs) {
  const bytes = new Uint8Array(outputs.length);
  for (let point = 0; point < outputs.length; point += 1) {
    const value = outputs[point];
    bytes[point] = Math.round((Number.isNaN(value) ? HALF : value) * 255);
  }
  return bytes;
}
function passesOn(a, hidden) {
  return hidden === "relu" ? a > 0 : Math.abs(a) <= SATURATED_TANH;
}
function neuronFacts(a, hidden) {
  let passed = 0;
  for (let point = 0; point < a.length; point += 1) if (passesOn(a[point], hidden)) passed += 1;
  return { share: a.length ? passed / a.length : 0, largest: largestOf(a), isSilent: passed === 0 };
}
function unreachedPoints(hiddenActivations, hidden) {
  const unreached = /* @__PURE__ */ new Set();
  for (const layer of hiddenActivations) {
    for (let point = 0; point < layer[0].length; point += 1) {
      let neuron = 0;
      while (neuron < layer.length && !passesOn(layer[neuron][point], hidden)) neuron += 1;
      if (neuron === layer.length) unreached.add(point);
    }
  }
  return [...unreached].sort((one, other) => one - other);
}
function histogram(values, columns) {
  const shares = new Array(columns).fill(0);
  for (const value of values) {
    const known3 = Number.isNaN(value) ? HALF : value;
    shares[Math.min(columns - 1, Math.floor(known3 * columns))] += 1 / values.length;
  }
  return shares;
}
function similarity({ W, size, inputs }) {
  const rows = Array.from({ length: size }, (_, neuron) => {
    const row = [...W.subarray(neuron * inputs, (neuron + 1) * inputs)];
    const largest = Math.max(...row.map(Math.abs));
    const scaled = row.map((weight) => weight / largest);
    const length = Math.hypot(...scaled);
    return scaled.map((weight) => weight / length);
  });
  return rows.flatMap(
    (one) => rows.map((other) => one.reduce((sum, value, at) => sum + value * other[at], 0))
  );
}

// init_utils/lab/src/frames/layout.js
var FrameLayout = class {
  /** @param {readonly number[]} layersDims layer sizes, inputs and output included */
  constructor(layersDims) {
    this.layersDims = layersDims;
    this.depth = layersDims.length - 1;
    this.hiddenSizes = layersDims.slice(1, -1);
    this.places = /* @__PURE__ */ new Map();
    let place = FRAME.figures.length;
    for (
      const [names, count] of
      /** @type {const} */
      [
        [FRAME.layerFigures, this.depth],
        [FRAME.hiddenFigures, this.depth - 1]
      ]
    ) {
      for (const name of names) {
        this.places.set(name, [place, place + count]);
        place += count;
      }
    }
    this.floatsPerRun = place;
    this.parametersPerRun = layersDims.slice(1).reduce((sum, size, layer) => sum + size * (layersDims[layer] + 1), 0);
  }
  /**
   * One run's frame out of a block of frames, or null for a run that has no network.
   *
   * @param {Float64Array} figures
   * @param {Float32Array} parameters
   * @param {number} place of the frame in the block
   */
  frame(figures, parameters, place) {
    const row = figures.subarray(place * this.floatsPerRun, (place + 1) * this.floatsPerRun);
    if (Number.isNaN(row[0])) return null;
    const [start, end] = [place * this.parametersPerRun, (place + 1) * this.parametersPerRun];
    return new Frame(this, row, parameters.subarray(start, end));
  }
};
var Frame = class {
  /**
   * @param {FrameLayout} layout
   * @param {Float64Array} figures
   * @param {Float32Array} parameters W1 row by row, b1, ..., WL, bL
   */
  constructor(layout, figures, parameters) {
    this.layout = layout;
    this.figures = figures;
    this.parameters = parameters;
  }
  /** @param {FigureName} name */
  figure(name) {
    return this.figures[FRAME.figures.indexOf(name)];
  }
  get iteration() {
    return this.figure("iteration");
  }
  /** @param {RowName} name a figure of each layer, or of each hidden layer */
  ofLayers(name) {
    const [start, end] = this.layout.places.get(name) ?? [0, 0];
    return this.figures.subarray(start, end);
  }
  /** Of each layer. */
  get gradientNorms() {
    return this.ofLayers("gradient_norms");
  }
  /** Rank of each W. */
  get ranks() {
    return this.ofLayers("ranks");
  }
  /** The layers' weights and biases. */
  get layers() {
    return layersOf(this.parameters, this.layout.layersDims);
  }
};

// init_utils/lab/src/frames/store.js
function asFloats(view) {
  return new Float32Array(copied(view));
}
function asDoubles(view) {
  return new Float64Array(copied(view));
}
function copied(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}
var FrameStore = class {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
    this.listeners = /* @__PURE__ */ new Set();
    this.setup = connection.get("setup");
    this.layout = new FrameLayout(this.setup.layers_dims);
    this.rows = [];
    this.curves = [];
    this.begin();
    connection.onChange("setup", () => {
      this.begin();
      this.tell("setup");
    });
    connection.onChange("frame_span", () => this.take());
    this.take();
  }
  /** The last moment. */
  get last() {
    return Math.max(0, this.rows.length - 1);
  }
  begin() {
    this.setup = this.connection.get("setup");
    this.layout = new FrameLayout(this.setup.layers_dims);
    this.rows = [];
    this.curves = this.setup.runs.map(() => this.newCurve());
  }
  /** @returns {Curve} */
  newCurve() {
    return { iterations: [], costs: [], norms: Array.from({ length: this.layout.depth }, () => []) };
  }
  take() {
    const span = this.connection.get("frame_span");
    if (span.generation !== this.setup.generation) return;
    if (span.first > this.rows.length) {
      this.connection.act("history");
      return;
    }
    const figures = asDoubles(this.connection.get("frame_figures"));
    const parameters = asFloats(this.connection.get("frame_parameters"));
    const { runs } = this.setup;
    if (span.first < this.rows.length) this.cut(span.first);
    for (let moment = 0; moment < span.count; moment += 1) {
      this.add(runs.map((_, run) => this.layout.frame(figures, parameters, moment * runs.length + run)));
    }
    this.tell("frames");
  }
  /**
   * Forget what will be told again.
   *
   * @param {number} kept moments
   */
  cut(kept) {
    const rows = this.rows.slice(0, kept);
    this.begin();
    for (const row of rows) this.add(row);
  }
  /** @param {Row} row */
  add(row) {
    this.rows.push(row);
    row.forEach((frame, run) => {
      if (!frame) return;
      const { iterations, costs, norms } = this.curves[run];
      iterations.push(frame.iteration);
      costs.push(frame.figure("cost"));
      frame.gradientNorms.forEach((norm, layer) => {
        norms[layer].push(norm);
      });
    });
  }
  /**
   * @param {(what: "setup" | "frames") => void} listener
   * @returns {() => void} stops listening
   */
  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  /** @param {"setup" | "frames"} what */
  tell(what) {
    for (const listener of this.listeners) listener(what);
  }
};

// init_utils/lab/src/draw/element.js
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== void 0) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
function panel(title, explanation, ...children) {
  const head = element("h4", {}, `${title} `, element("small", {}, explanation));
  return element("section", { class: "il-panel" }, head, ...children);
}
function button(text, onclick, attributes = {}) {
  return element("button", { type: "button", class: "il-button", onclick, ...attributes }, text);
}
function suppressShortcuts(root) {
  for (const node of [
    root,
    ...root.querySelectorAll("button, input, select, a[href], summary, [tabindex]")
  ]) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
}
function download(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
}

// init_utils/lab/src/draw/palette.js
function readPalette(root, { dark }) {
  const style = getComputedStyle(root);
  const [first, second] = CLASSES.map((one) => ({
    colour: dark ? one.dark_colour : one.colour,
    region: dark ? one.dark_region : one.region
  }));
  const read = (name) => style.getPropertyValue(`--il-${name}`).trim();
  if (!read("muted")) return null;
  const field = ramp([first.region, read("field-middle"), second.region]);
  const strength = ramp(["strength-0", "strength-middle", "strength-1"].map(read));
  const likeness = ramp(["opposite", "unlike", "same"].map(read));
  return {
    ink: style.color,
    paper: style.backgroundColor,
    muted: read("muted"),
    grid: read("grid"),
    halo: read("halo"),
    classes: [first.colour, second.colour],
    field,
    strength,
    pixels: { field: pixelsOf(field), strength: pixelsOf(strength), likeness: pixelsOf(likeness) },
    font: style.fontFamily
  };
}
function ramp(stops) {
  const parsed = stops.map(
    (hex) => [1, 3, 5].map((place) => Number.parseInt(hex.slice(place, place + 2), 16))
  );
  return Array.from({ length: 256 }, (_, index) => {
    const place = index / 255 * 2;
    const stop = Math.min(1, Math.floor(place));
    const [from, to] = [parsed[stop], parsed[stop + 1]];
    const mixed = (part) => from[part] + (to[part] - from[part]) * (place - stop);
    return [mixed(0), mixed(1), mixed(2)];
  });
}
function pixelsOf(colours) {
  const bytes = new Uint8ClampedArray(4 * colours.length).fill(255);
  colours.forEach((colour, index) => {
    bytes.set(colour, 4 * index);
  });
  return new Uint32Array(bytes.buffer);
}
function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? ["255", "255", "255"]).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}
function lookOf({ scheme, repeat }, { dark }) {
  const row = SCHEMES.find((one) => one.name === scheme) ?? SCHEMES[SCHEMES.length - 1];
  const dash = repeat ? REPEAT_DASHES[(repeat - 1) % REPEAT_DASHES.length] : row.dash;
  return { colour: dark ? row.dark_colour : row.colour, mark: row.mark, dash };
}

// init_utils/lab/src/draw/marks.js
function drawMark(context, { colour, mark: mark2 }, { x, y, radius }) {
  context.fillStyle = colour;
  context.beginPath();
  for (const [across, down] of MARKS[mark2])
    context.lineTo(x + 1.25 * radius * across, y + 1.25 * radius * down);
  context.closePath();
  context.fill();
}
function markPicture({ colour, mark: mark2 }) {
  const places = MARKS[mark2].map(([x, y]) => `${(7 + 6.2 * x).toFixed(2)},${(7 + 6.2 * y).toFixed(2)}`);
  const picture = element("span", { class: "il-mark", "data-mark": mark2, "aria-hidden": "true" });
  picture.style.color = colour;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("width", "14");
  svg.setAttribute("height", "14");
  const outline = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  outline.setAttribute("points", places.join(" "));
  svg.append(outline);
  picture.append(svg);
  return picture;
}

// init_utils/lab/src/draw/surface.js
var Surface = class {
  /**
   * @param {string} label
   * @param {string} className
   * @param {() => void} onresize
   */
  constructor(label, className, onresize) {
    this.canvas = element("canvas", { role: "img", "aria-label": label, class: className });
    this.width = 0;
    this.height = 0;
    this.observer = new ResizeObserver(([entry]) => {
      if (!entry.contentRect.width) return;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      onresize();
    });
    this.observer.observe(this.canvas);
  }
  /**
   * A cleared context in CSS pixels, or null while nothing can be seen.
   *
   * @param {Palette} palette
   * @param {{fontSize?: number}} options
   */
  begin(palette, { fontSize = 12 } = {}) {
    if (this.width < 8 || this.height < 8) return null;
    const context = sized(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `${fontSize}px ${palette.font}`;
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.globalAlpha = 1;
    context.setLineDash([]);
    return context;
  }
  /** @param {string} label */
  describe(label) {
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
  }
  close() {
    this.observer.disconnect();
  }
};
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
function contextOf(canvas, options = {}) {
  const context = canvas.getContext("2d", options);
  if (!context)
    throw new Error("this browser gives no 2d context for a canvas; close other pages and reload");
  return context;
}
function strokeLine(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}

// init_utils/lab/src/draw/sheet.js
var [RATIO, MARGIN] = [2, 20];
var LEFT_OUT = ".il-hidden, button, option, .il-seed-bar";
function sheetOf(part, palette, caption) {
  const origin = part.getBoundingClientRect();
  const [width, height] = [origin.width + 2 * MARGIN, origin.height + 2 * MARGIN + 16];
  const sheet = element("canvas", { width: width * RATIO, height: height * RATIO });
  const context = contextOf(sheet);
  context.scale(RATIO, RATIO);
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, width, height);
  context.translate(MARGIN - origin.left, MARGIN - origin.top);
  for (const canvas of part.querySelectorAll("canvas")) {
    const place = canvas.getBoundingClientRect();
    if (place.width) context.drawImage(canvas, place.left, place.top, place.width, place.height);
  }
  drawWords(context, part);
  for (const mark2 of part.querySelectorAll(".il-mark[data-mark]")) {
    if (!(mark2 instanceof HTMLElement)) continue;
    const place = mark2.getBoundingClientRect();
    const look = {
      colour: getComputedStyle(mark2).color,
      mark: (
        /** @type {Mark} */
        mark2.dataset.mark
      ),
      dash: []
    };
    drawMark(context, look, { x: place.left + place.width / 2, y: place.top + place.height / 2, radius: 5 });
  }
  context.font = `11px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.fillText(caption, origin.left, origin.bottom + 18);
  return new Promise((resolve) => {
    sheet.toBlob(resolve, "image/png");
  });
}
function drawWords(context, part) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest(LEFT_OUT)) continue;
    const style = getComputedStyle(parent);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.textBaseline = "middle";
    for (const word of (node.textContent ?? "").matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const place = range.getBoundingClientRect();
      if (place.width) context.fillText(word[0], place.left, place.top + place.height / 2);
    }
  }
}

// init_utils/lab/src/compute/labels.js
function spreadLabels(wanted, { top, bottom, apart }) {
  const places = wanted.map((place) => Math.max(top, place));
  for (let index = 1; index < places.length; index += 1) {
    places[index] = Math.max(places[index], places[index - 1] + apart);
  }
  const last = places.length - 1;
  if (last >= 0) places[last] = Math.min(places[last], bottom);
  for (let index = last - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index], places[index + 1] - apart);
  }
  return places;
}

// init_utils/lab/src/compute/numbers.js
var SUPERSCRIPTS = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹"
};
var WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
var FRACTION = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
function tickLabel(value, { wide = false } = {}) {
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (wide ? power >= 0 && power <= 2 : power >= -3 && power <= 4) {
    return FRACTION.format(value);
  }
  const factor = value / 10 ** power;
  const exponent = [...String(power)].map((digit) => SUPERSCRIPTS[digit]).join("");
  return `${Math.abs(factor - 1) < 1e-6 ? "" : `${Math.round(factor)}·`}10${exponent}`;
}
function figure(value) {
  if (value === null || !Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e3) return whole(value);
  if (size < 1e-3) return value.toExponential(1).replace("e", "·10^");
  return value.toPrecision(3);
}
function percent(share, { decimals = 0 } = {}) {
  if (typeof share !== "number" || !Number.isFinite(share)) return "–";
  if (share === 0 || share === 1) return `${share * 100} %`;
  const step = 10 ** -decimals;
  const shown = Math.max(step, share * 100);
  return `${(share < 1 ? Math.min(100 - step, shown) : shown).toFixed(decimals)} %`;
}
function accuracy(share) {
  return percent(share, { decimals: 1 });
}
function signed(value) {
  const text = figure(Math.abs(value));
  if (value === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}
function whole(value) {
  return WHOLE.format(Math.round(value));
}
function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// init_utils/lab/src/compute/ticks.js
function logTicks(low, high, most) {
  const ticks = [];
  const decades = Math.log10(high / low);
  const factors = decades <= 1.2 ? [1, 2, 5] : decades <= 2.2 && most > 5 ? [1, 3] : [1];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  const every = Math.max(1, Math.ceil(ticks.length / most));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % every === 0);
}
function linearTicks(high, most) {
  const raw = high / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999) ?? 10 * power;
  const ticks = [];
  for (let value = 0; value <= high * 1.0001; value += step) ticks.push(value);
  return ticks;
}
function snapped(value, direction) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const factor = value / 10 ** power;
  const step = direction === "down" ? [5, 2, 1].find((candidate) => candidate <= factor * 1.0001) : [1, 2, 5, 10].find((candidate) => candidate >= factor * 0.9999);
  return (step ?? 1) * 10 ** power;
}
function logRange(curves, { floor = 1e-12, ceiling = 1e12 } = {}) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const values of curves) {
    for (const value of values) {
      if (value > 0 && Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (high === 0) return [0.1, 1];
  low = Math.max(low, floor);
  high = Math.min(Math.max(high, low), ceiling);
  if (high / low < 5) [low, high] = [low / 2, high * 2];
  return [snapped(low, "down"), snapped(high, "up")];
}
function logShare(value, [low, high]) {
  return Math.log(value / low) / Math.log(high / low);
}

// init_utils/lab/src/charts/line-chart.js
var ZERO_LANE = 20;
var LABEL_HEIGHT = 13;
var MARKS_AT = [0.15, 0.4, 0.65, 0.9];
function plotFrame({ width, height }, { labels, titled, zeroLane, hasZeros }) {
  const bottom = height - (titled ? 34 : 20);
  return {
    left: zeroLane ? 62 : 46,
    right: width - (labels || 14),
    top: 8,
    bottom,
    floor: bottom - (hasZeros ? ZERO_LANE : 0)
  };
}
function nearest(values, wanted) {
  let [best, distance, index] = [0, Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (Math.abs(value - wanted) < distance) [best, distance] = [index, Math.abs(value - wanted)];
    index += 1;
  }
  return best;
}
var LineChart = class {
  /**
   * @param {string} label
   * @param {ChartOptions} options
   * @param {() => void} redraw
   */
  constructor(label, options, redraw) {
    this.options = { title: "", xTitle: "", xWord: "iteration", zeroLane: false, ...options };
    this.surface = new Surface(label, "il-chart", redraw);
    this.hover = null;
    const { canvas } = this.surface;
    canvas.addEventListener("pointermove", (event) => {
      this.hover = { x: event.offsetX, y: event.offsetY };
      redraw();
    });
    canvas.addEventListener("pointerleave", () => {
      this.hover = null;
      redraw();
    });
  }
  /**
   * @param {Palette} palette
   * @param {ChartData} data
   */
  draw(palette, { series, x, y = logRange(series.map((one) => one.y)), cursor = null }) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { zeroLane, xTitle } = this.options;
    const hasZeros = zeroLane && series.some((one) => Array.prototype.includes.call(one.y, 0));
    const labels = this.surface.width > 220 ? labelWidth(context, series) : 0;
    const frame = plotFrame(this.surface, { labels, titled: xTitle !== "", zeroLane, hasZeros });
    const plot = {
      context,
      palette,
      series,
      frame,
      x,
      y,
      hasZeros,
      xAt: (value) => frame.left + (value - x[0]) / (x[1] - x[0] || 1) * (frame.right - frame.left),
      yAt: (value) => {
        if (value === 0) return frame.bottom - 9;
        return frame.floor - Math.min(1.5, Math.max(-0.5, logShare(value, y))) * (frame.floor - frame.top);
      }
    };
    this.drawAxes(plot);
    if (cursor !== null) {
      const place = Math.round(plot.xAt(cursor)) + 0.5;
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      strokeLine(context, [place, frame.top], [place, frame.bottom]);
    }
    series.forEach((_, index) => {
      drawCurve(plot, index);
    });
    if (labels) drawEndLabels(plot, this.surface.width);
    if (this.options.title) {
      context.textAlign = "right";
      context.fillStyle = palette.muted;
      context.fillText(this.options.title, frame.right - 4, frame.top + 8);
    }
    if (this.hover) this.drawReadout(plot, this.hover);
  }
  /** @param {Plot} plot */
  drawAxes({ context, palette, frame, x, y, hasZeros, xAt, yAt }) {
    context.lineWidth = 1;
    context.strokeStyle = palette.grid;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    const rows = Math.max(2, Math.floor((frame.floor - frame.top) / 24));
    for (const tick of logTicks(y[0], y[1], rows)) {
      const place = Math.round(yAt(tick)) + 0.5;
      strokeLine(context, [frame.left, place], [frame.right, place]);
      context.fillText(tickLabel(tick, { wide: y[1] / y[0] > 1e5 }), frame.left - 6, place);
    }
    if (hasZeros) {
      context.setLineDash([2, 3]);
      strokeLine(context, [frame.left, frame.floor + 1.5], [frame.right, frame.floor + 1.5]);
      context.setLineDash([]);
      context.fillText("exactly 0", frame.left - 4, frame.bottom - 9);
    }
    context.textAlign = "center";
    const [first, last] = x;
    const columns = Math.max(2, Math.floor((frame.right - frame.left) / 64));
    for (const tick of linearTicks(last, columns).filter((value) => value >= first || value === 0)) {
      const at = Math.max(first, tick);
      context.fillText(whole(at), xAt(at), frame.bottom + 11);
      strokeLine(context, [xAt(at), frame.bottom], [xAt(at), frame.bottom + 4]);
    }
    context.strokeStyle = palette.muted;
    strokeLine(context, [frame.left, frame.bottom + 0.5], [frame.right, frame.bottom + 0.5]);
    context.fillText(this.options.xTitle, (frame.left + frame.right) / 2, frame.bottom + 26);
  }
  /**
   * The values of every curve at the x nearest to the pointer.
   *
   * @param {Plot} plot
   * @param {{x: number, y: number}} pointer
   */
  drawReadout({ context, palette, series, frame, xAt }, pointer) {
    const named = series.filter((one) => one.x.length && !one.thin);
    if (!named.length || pointer.x < frame.left - 8 || pointer.x > frame.right + 8) return;
    const longest = named.reduce((best, one) => one.x.length > best.x.length ? one : best);
    const chosen = longest.x[nearest([...longest.x].map(xAt), pointer.x)];
    const lines = [`${this.options.xWord} ${whole(chosen)}`];
    for (const one of named) {
      const place = [...one.x].indexOf(chosen);
      const value = place < 0 ? Number.NaN : one.y[place];
      lines.push(`${one.label}: ${value === 0 ? "exactly 0" : figure(value)}`);
    }
    const x = Math.round(xAt(chosen)) + 0.5;
    context.strokeStyle = palette.ink;
    context.lineWidth = 1;
    strokeLine(context, [x, frame.top], [x, frame.bottom]);
    const { canvas, width, height } = this.surface;
    const wide = Math.max(...lines.map((line) => context.measureText(line).width)) + 16;
    const high = lines.length * 15 + 8;
    const left = x + wide + 12 > width ? Math.max(2, x - wide - 8) : x + 8;
    const top = Math.min(Math.max(2, pointer.y - high / 2), height - high - 2);
    context.fillStyle = palette.paper;
    context.strokeStyle = palette.muted;
    context.beginPath();
    context.roundRect(left + 0.5, top + 0.5, wide, high, 4);
    context.fill();
    context.stroke();
    context.textAlign = "left";
    context.fillStyle = palette.ink;
    lines.forEach((line, index) => {
      context.fillText(line, left + 8, top + 12 + index * 15);
    });
    canvas.dataset.readout = lines.join("; ");
  }
};
function drawCurve(plot, index) {
  const { context, series, frame, xAt, yAt, hasZeros } = plot;
  const one = series[index];
  const marked = one.mark ? markedPlaces([...one.x].map(xAt), frame, index / series.length) : [];
  const lanes = [
    { top: frame.top - 5, bottom: frame.floor + 2, isZeros: false },
    { top: frame.floor + 2, bottom: frame.bottom + 2, isZeros: true }
  ];
  for (const { top, bottom, isZeros } of hasZeros ? lanes : lanes.slice(0, 1)) {
    context.save();
    context.beginPath();
    context.rect(frame.left - 6, top, frame.right - frame.left + 12, bottom - top);
    context.clip();
    context.strokeStyle = one.colour;
    context.lineWidth = one.thin ? 1.2 : 2;
    context.globalAlpha = one.thin ? 0.8 : 1;
    context.lineJoin = "round";
    context.setLineDash([...one.dash]);
    context.beginPath();
    for (const piece of curvePieces(one.y, { isZeros })) {
      piece.forEach((place, step) => {
        const y = isZeros && one.y[place] !== 0 ? Math.min(frame.floor, yAt(one.y[place])) : yAt(one.y[place]);
        if (step === 0) context.moveTo(xAt(one.x[place]), y);
        else context.lineTo(xAt(one.x[place]), y);
      });
    }
    context.stroke();
    context.setLineDash([]);
    for (const place of marked) {
      if (!one.mark || !Number.isFinite(one.y[place]) || one.y[place] === 0 !== isZeros) continue;
      const look = { colour: one.colour, mark: one.mark, dash: one.dash };
      drawMark(context, look, { x: xAt(one.x[place]), y: yAt(one.y[place]), radius: 4 });
    }
    context.restore();
  }
}
function curvePieces(values, { isZeros }) {
  const pieces = [];
  let isOpen = false;
  for (let place = 0; place < values.length; place += 1) {
    const joins = place > 0 && !Number.isNaN(values[place - 1]) && !Number.isNaN(values[place]) && (!isZeros || values[place - 1] === 0 || values[place] === 0);
    if (!joins) isOpen = false;
    else if (isOpen) pieces[pieces.length - 1].push(place);
    else {
      pieces.push([place - 1, place]);
      isOpen = true;
    }
  }
  return pieces;
}
function markedPlaces(across, { left, right }, shift2) {
  const wanted = MARKS_AT.map((share) => share + shift2 * 0.2);
  const places = [];
  let next = 0;
  across.forEach((x, place) => {
    const isTip = place === across.length - 1 && x < right - 12;
    const isNext = next < wanted.length && (x - left) / (right - left) >= wanted[next];
    if (isNext && !isTip) next += 1;
    if (isTip || isNext) places.push(place);
  });
  return places;
}
function drawEndLabels({ context, palette, series, frame, yAt }, width) {
  const ends = series.map((one) => ({ one, end: one.y[one.x.length - 1] })).filter(({ one, end }) => one.label && one.x.length && !Number.isNaN(end)).map(({ one, end }) => ({ one, place: yAt(end) })).sort((first, second) => first.place - second.place);
  const places = spreadLabels(
    ends.map(({ place }) => place),
    { top: frame.top + 2, bottom: frame.bottom - 9, apart: LABEL_HEIGHT }
  );
  context.textAlign = "left";
  ends.forEach(({ one }, index) => {
    const y = places[index];
    if (one.mark) {
      drawMark(
        context,
        { colour: one.colour, mark: one.mark, dash: [] },
        { x: frame.right + 12, y, radius: 3.5 }
      );
    }
    context.fillStyle = palette.ink;
    const left = frame.right + (one.mark ? 21 : 7);
    context.fillText(shortened(context, one.label, width - left - 2), left, y);
  });
}
function labelWidth(context, series) {
  const widest = Math.max(0, ...series.map((one) => context.measureText(one.label).width));
  return Math.min(120, widest + (series.some((one) => one.mark) ? 28 : 14));
}

// init_utils/lab/src/views/predictions.js
var SHAPES = {
  stays: { words: "stays where it is", at: () => 0 },
  quick: { words: "falls at once", at: (share) => 1 - Math.exp(-12 * share) },
  slow: { words: "falls slowly", at: (share) => share },
  stuck: { words: "falls, then stops halfway", at: (share) => 0.5 * (1 - Math.exp(-12 * share)) },
  rises: { words: "rises", at: (share) => -0.6 * share }
};
var GOOD = 0.05;
var STEPS = 40;
var COPY = Math.random().toString(36).slice(2, 10);
var groupCount = 0;
function predictedCurve(shape, { start, iterations }) {
  const shares = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const whole2 = Math.log(GOOD / Math.max(start, 2 * GOOD));
  return {
    x: shares.map((share) => share * iterations),
    y: shares.map((share) => start * Math.exp(whole2 * SHAPES[shape].at(share)))
  };
}
var PredictionsView = class {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.columns = element("div", { class: "il-guesses" });
    this.root = element(
      "div",
      { class: "il-predict", role: "group", "aria-label": "Predict the costs" },
      element("p", {}, "Before you train: what will each cost do?"),
      this.columns
    );
    this.close = connection.onChange("predictions", () => {
      this.check();
      redraw();
    });
  }
  /**
   * @param {string[]} names
   * @param {Look[]} looks
   */
  build(names, looks) {
    this.columns.replaceChildren(...names.map((name, run) => this.column(name, looks[run])));
    this.columns.style.setProperty("--il-count", String(names.length));
    this.check();
  }
  /**
   * @param {string} name
   * @param {Look} look
   */
  column(name, look) {
    groupCount += 1;
    const group = `il-guess-${COPY}-${groupCount}`;
    const choices = Object.entries(SHAPES).map(([shape, { words }]) => {
      const box = element("input", {
        type: "radio",
        name: group,
        value: shape,
        "aria-label": words,
        "data-lm-suppress-shortcuts": "true",
        onchange: () => {
          const others = this.connection.get("predictions");
          this.connection.change("predictions", { ...others, [name]: shape });
        }
      });
      box.dataset.run = name;
      return element("label", { title: words, class: "il-guess" }, box, shapePicture(shape));
    });
    return element(
      "fieldset",
      { "aria-label": `The cost of ${name}` },
      element("span", { class: "il-guess-name", "aria-hidden": "true" }, markPicture(look), name),
      ...choices
    );
  }
  check() {
    const chosen = this.connection.get("predictions");
    for (const box of this.columns.querySelectorAll("input"))
      box.checked = chosen[box.dataset.run ?? ""] === box.value;
  }
  /** @param {boolean} isOpen */
  show(isOpen) {
    if (this.root.hidden === isOpen) this.root.hidden = !isOpen;
  }
  /** @param {string} name of the run */
  shapeOf(name) {
    const shape = this.connection.get("predictions")[name];
    return shape && Object.hasOwn(SHAPES, shape) ? shape : null;
  }
};
function shapePicture(shape) {
  const places = Array.from({ length: 17 }, (_, step) => {
    const share = step / 16;
    return `${(2 + 22 * share).toFixed(1)},${(7 + 10 * SHAPES[shape].at(share)).toFixed(1)}`;
  });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 26 20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", places.join(" "));
  svg.append(line);
  return svg;
}

// init_utils/lab/src/views/cost.js
var CostView = class {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.predictions = new PredictionsView(connection, redraw);
    this.chart = new LineChart("Cost over iterations", { title: "Cost" }, redraw);
    this.root = element(
      "section",
      { class: "il-panel il-cost" },
      this.chart.surface.canvas,
      this.predictions.root
    );
  }
  /**
   * @param {Palette} palette
   * @param {{names: string[], looks: Look[], curves: Curve[]}} runs
   * @param {{iterations: number, cursor: number | null}} axis
   */
  draw(palette, { names, looks, curves }, { iterations, cursor }) {
    const series = curves.map((curve, run) => ({
      ...looks[run],
      label: names[run],
      x: curve.iterations,
      y: curve.costs
    }));
    this.chart.draw(palette, {
      series: [...this.predicted({ names, looks, curves }, iterations), ...series],
      x: [0, iterations],
      cursor
    });
    const isFirst = this.connection.get("status") === "ready" && curves.every(({ costs }) => costs.length < 2);
    this.predictions.show(isFirst);
  }
  /**
   * What was predicted, dotted.
   *
   * @param {{names: string[], looks: Look[], curves: Curve[]}} runs
   * @param {number} iterations
   * @returns {Series[]}
   */
  predicted({ names, looks, curves }, iterations) {
    return names.flatMap((name, run) => {
      const shape = this.predictions.shapeOf(name);
      const start = curves[run].costs[0];
      if (!shape || !Number.isFinite(start)) return [];
      const { colour } = looks[run];
      return [
        { colour, dash: [1.5, 4], thin: true, label: "", ...predictedCurve(shape, { start, iterations }) }
      ];
    });
  }
  /**
   * @param {string[]} names
   * @param {Row} row
   */
  describe(names, row) {
    const costs = row.flatMap(
      (frame, run) => frame ? [`${names[run]} ${figure(frame.figure("cost"))}`] : []
    );
    this.chart.surface.describe(`Cost of every run over iterations; here: ${costs.join(", ")}.`);
  }
  close() {
    this.chart.surface.close();
    this.predictions.close();
  }
};

// init_utils/lab/src/charts/profiles.js
var HEIGHT = 150;
var ZEROS = 12;
function readProfiles(floats) {
  const perLayer = 2 * (DIAL.bins + 1) + 4;
  const depth = floats.length / perLayer / DIAL.schemes.length;
  let place = 0;
  const take = (count) => {
    place += count;
    return floats.subarray(place - count, place);
  };
  const profiles = DIAL.schemes.map(() => {
    const shares = [0, 1].map(() => take(depth * (DIAL.bins + 1)));
    const [up, down, upTheory, downTheory] = [0, 1, 2, 3].map(() => take(depth));
    return {
      activations: { shares: shares[0], measured: up, theory: upTheory },
      gradients: { shares: shares[1], measured: down, theory: downTheory }
    };
  });
  return { depth, profiles };
}
function ratioOf(sizes) {
  const last = sizes.length - 1;
  return last < 1 || !sizes[0] ? Number.NaN : (sizes[last] / sizes[0]) ** (1 / last);
}
function profileInWords(name, { activations, gradients }) {
  const up = `activations × ${figure(ratioOf(activations.measured))} a layer (theory ${figure(ratioOf(activations.theory))})`;
  const down = `gradients × ${figure(1 / ratioOf(gradients.measured))} a layer back (theory ${figure(1 / ratioOf(gradients.theory))})`;
  return `${name}: ${up}, ${down}`;
}
var ProfilesChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-profiles", redraw);
    this.surface.canvas.style.height = `${2 * HEIGHT + 20}px`;
  }
  /**
   * @param {Palette} palette
   * @param {{depth: number, profiles: Profile[]}} deep
   * @param {Look[]} looks
   */
  draw(palette, { depth, profiles }, looks) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const wide = (this.surface.width - 44) / profiles.length;
    profiles.forEach((profile, index) => {
      const sides = (
        /** @type {const} */
        ["activations", "gradients"]
      );
      sides.forEach((side, row) => {
        const box = {
          left: 44 + index * wide,
          right: 44 + (index + 1) * wide - 10,
          top: row * HEIGHT + 18,
          bottom: (row + 1) * HEIGHT - 6
        };
        drawSide(context, palette, profile[side], {
          box,
          depth,
          colour: looks[index].colour,
          axis: index === 0
        });
        context.fillStyle = palette.ink;
        context.textAlign = "left";
        const title = `${DIAL.schemes[index]}: ${side}`;
        context.fillText(shortened(context, title, box.right - box.left), box.left, box.top - 9);
      });
      context.fillStyle = palette.muted;
      context.textAlign = "center";
      context.fillText(`layer 1 to ${depth}`, 44 + (index + 0.5) * wide, 2 * HEIGHT + 8);
    });
  }
};
function drawSide(context, palette, { shares, measured, theory }, { box, depth, colour, axis }) {
  const floor = box.bottom - ZEROS;
  const step = (box.right - box.left) / depth;
  const tall = (floor - box.top) / DIAL.bins;
  for (let layer = 0; layer < depth; layer += 1)
    for (let bin = 0; bin <= DIAL.bins; bin += 1) {
      const share = shares[layer * (DIAL.bins + 1) + bin];
      if (!share) continue;
      const strength = Math.min(255, Math.round(255 * Math.sqrt(share)));
      context.fillStyle = `rgb(${palette.strength[strength].map(Math.round).join(",")})`;
      const y = bin ? floor - bin * tall : floor + 1;
      context.fillRect(box.left + layer * step, y, step + 0.5, bin ? tall + 0.5 : ZEROS - 1);
    }
  const yAt = (size) => {
    const share = (Math.log10(size) - DIAL.from) / (DIAL.to - DIAL.from);
    return floor - Math.min(1, Math.max(0, share)) * (floor - box.top);
  };
  context.lineWidth = 2;
  context.strokeStyle = colour;
  for (
    const [sizes, dash] of
    /** @type {const} */
    [
      [measured, []],
      [theory, [2, 4]]
    ]
  ) {
    context.setLineDash([...dash]);
    context.beginPath();
    sizes.forEach((size, layer) => {
      if (size > 0) context.lineTo(box.left + (layer + 0.5) * step, yAt(size));
    });
    context.stroke();
    context.strokeStyle = palette.ink;
  }
  context.setLineDash([]);
  context.lineWidth = 1;
  context.strokeStyle = palette.muted;
  strokeLine(context, [box.left, floor + 0.5], [box.right, floor + 0.5]);
  if (!axis) return;
  context.fillStyle = palette.muted;
  context.textAlign = "right";
  for (const power of [-6, -3, 0, 3])
    context.fillText(tickLabel(10 ** power, { wide: true }), box.left - 5, yAt(10 ** power));
  context.fillText("0", box.left - 5, box.bottom - 4);
}

// init_utils/lab/src/views/field.js
var COPY2 = Math.random().toString(36).slice(2, 10);
var fieldCount = 0;
var Field = class {
  /**
   * @param {Connection} connection
   * @param {FieldOptions<Name>} options
   */
  constructor(connection, { name, label, input, read, write: write2 = String, hint = "" }) {
    fieldCount += 1;
    this.connection = connection;
    this.name = name;
    this.input = input;
    this.read = read;
    this.write = write2;
    this.hint = hint;
    input.id = `il-${COPY2}-${fieldCount}`;
    input.dataset.trait = name;
    this.problem = element("span", { class: "il-problem", id: `${input.id}-problem`, role: "alert" });
    input.setAttribute("aria-describedby", this.problem.id);
    input.addEventListener("change", () => this.take());
    this.root = element(
      "div",
      { class: "il-field" },
      element("label", { for: input.id }, label),
      input,
      this.problem
    );
    this.close = connection.onChange(name, () => this.show());
    this.show();
  }
  show() {
    this.input.value = this.write(this.connection.get(this.name));
    this.complain("");
  }
  take() {
    const value = this.read(this.input.value);
    this.complain(value === void 0 ? this.hint : "");
    if (value !== void 0) this.connection.change(this.name, value);
  }
  /** @param {string} text */
  complain(text) {
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.problem.textContent = text;
  }
};
function select(choices) {
  return element("select", {}, ...choices.map(([value, text]) => element("option", { value }, text)));
}
function numberInput({ low, high }, step) {
  return element("input", { type: "number", min: low, max: high, step, inputmode: "decimal" });
}

// init_utils/lab/src/views/depth.js
var LAYERS = Array.from({ length: DEEP.layers }, (_, index) => index + 1);
var THEORY_DASH = [1.5, 2.5];
function depthSeries(curves, names, looks) {
  return names.flatMap((label, run) => {
    const place = run * 2 * DEEP.layers;
    if (curves.length < place + 2 * DEEP.layers) return [];
    const measured = curves.subarray(place, place + DEEP.layers);
    const theory = curves.subarray(place + DEEP.layers, place + 2 * DEEP.layers);
    const { colour, mark: mark2 } = looks[run];
    return [
      { colour, dash: THEORY_DASH, thin: true, label: "", x: LAYERS, y: theory },
      { colour, mark: mark2, dash: [], label, x: LAYERS, y: measured }
    ];
  });
}
var DepthView = class {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.isAsked = false;
    this.profiles = new ProfilesChart("Sizes in a deep network", redraw);
    this.told = element("ul", { class: "il-ratios" });
    this.dial = element("input", {
      type: "range",
      min: DIAL.low,
      max: DIAL.high,
      step: 1,
      class: "il-dial",
      "aria-label": "Layers",
      oninput: () => this.showDepth(Number(this.dial.value)),
      onchange: () => this.turn({ depth: Number(this.dial.value) })
    });
    this.layers = element("span", { class: "il-layers" });
    this.hidden = select(DIAL.hidden.map((value) => [value, value]));
    this.hidden.setAttribute("aria-label", "Activation of the deep network");
    this.hidden.addEventListener("change", () => this.turn({ hidden: this.hidden.value }));
    const options = { xTitle: "layer", xWord: "layer", zeroLane: true };
    this.chart = new LineChart("Activations against depth", options, redraw);
    this.missing = element("p", { class: "il-note il-missing" });
    const note = "Marks: measured with standard normal inputs. Dotted: what the theory predicts.";
    this.root = panel(
      "Depth test",
      `size of the activations in a net ${DEEP.layers} layers deep, ${DEEP.width} wide`,
      this.chart.surface.canvas,
      this.missing,
      element("p", { class: "il-note" }, note)
    );
    const turning = element("div", { class: "il-seed-bar" }, this.dial, this.layers, this.hidden);
    const explained = "Ink: where the sizes of a layer's units lie. Line: their root mean square. Dotted: theory. At the foot: exact zeros.";
    this.root.prepend(
      element("h4", {}, "Depth dial ", element("small", {}, `${DEEP.width} units a layer`)),
      turning,
      this.profiles.surface.canvas,
      this.told,
      element("p", { class: "il-note" }, explained)
    );
    const closers = [
      connection.onChange("dial", () => this.showDial()),
      connection.onChange("profiles", redraw)
    ];
    this.closeDial = () => {
      for (const closer of closers) closer();
    };
    this.showDial();
  }
  /** @param {{depth?: number, hidden?: string}} change */
  turn(change) {
    this.connection.change("dial", { ...this.connection.get("dial"), ...change });
  }
  showDial() {
    const { depth, hidden } = this.connection.get("dial");
    this.dial.value = String(depth);
    this.hidden.value = hidden;
    this.showDepth(depth);
  }
  /** @param {number} depth */
  showDepth(depth) {
    this.layers.textContent = `${depth} ${depth === 1 ? "layer" : "layers"}`;
  }
  /**
   * @param {Palette} palette
   * @param {{dark: boolean}} theme
   */
  drawProfiles(palette, theme) {
    const floats = asFloats(this.connection.get("profiles"));
    if (!floats.length) {
      if (!this.isAsked) this.connection.act("profiles");
      this.isAsked = true;
      return;
    }
    const deep = readProfiles(floats);
    const looks = DIAL.schemes.map((scheme) => lookOf({ scheme, repeat: 0 }, theme));
    this.profiles.draw(palette, deep, looks);
    const words = deep.profiles.map((profile, index) => profileInWords(DIAL.schemes[index], profile));
    this.profiles.surface.describe(`Sizes in ${deep.depth} layers. ${words.join(". ")}.`);
    this.told.replaceChildren(...words.map((text) => element("li", {}, text)));
  }
  /**
   * @param {Palette} palette
   * @param {Float32Array} curves
   * @param {{names: string[], looks: Look[]}} runs
   */
  draw(palette, curves, { names, looks }) {
    const series = depthSeries(curves, names, looks);
    this.missing.textContent = this.connection.get("depth_note") ?? "";
    const y = logRange(
      series.map((one) => one.y),
      { floor: 1e-6, ceiling: 1e6 }
    );
    this.chart.draw(palette, { series, x: [1, DEEP.layers], y });
  }
  /** @param {string[]} names */
  describe(names) {
    this.chart.surface.describe(
      `Size of the activations after 1 to ${DEEP.layers} layers, measured and predicted, for ${names.join(", ")}.`
    );
  }
  close() {
    this.chart.surface.close();
    this.profiles.surface.close();
    this.closeDial();
  }
};

// init_utils/lab/src/views/footer.js
var COPIED_MS = 1500;
var FooterView = class {
  /**
   * @param {Connection} connection
   * @param {() => Promise<Blob | null>} picture of the results
   */
  constructor(connection, picture) {
    this.connection = connection;
    this.code = element("code", {
      class: "il-code",
      tabindex: "0",
      "aria-label": "Python that opens this lab"
    });
    this.copyButton = button("Copy", () => this.copy());
    const savePicture = async () => {
      const blob = await picture();
      if (blob) download("initialization-lab.png", blob);
    };
    this.root = element(
      "div",
      { class: "il-footer" },
      element("span", { class: "il-footer-label" }, "This lab in Python"),
      this.code,
      this.copyButton,
      button("Save PNG", savePicture),
      button("Save CSV", () => connection.act("csv"))
    );
    const closers = [
      connection.onChange("code", () => this.show()),
      connection.onMessage((message) => {
        if (message.kind !== "csv") return;
        download("initialization-lab.csv", new Blob([message.text], { type: "text/csv" }));
      })
    ];
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }
  show() {
    this.code.textContent = this.connection.get("code");
  }
  async copy() {
    await navigator.clipboard?.writeText(this.connection.get("code"));
    this.copyButton.textContent = "Copied";
    setTimeout(() => {
      this.copyButton.textContent = "Copy";
    }, COPIED_MS);
  }
};

// init_utils/lab/src/views/questions.js
var QuestionsView = class {
  /**
   * @param {Connection} connection
   * @param {(tab: string) => void} open
   */
  constructor(connection, open) {
    this.connection = connection;
    this.open = open;
    const numbers = (
      /** @type {Asked[]} */
      Object.keys(QUESTIONS)
    );
    this.buttons = new Map(
      numbers.map((number) => [
        number,
        button(number, () => this.ask(number), {
          class: "il-button il-ask",
          "aria-label": `Question ${number}`,
          title: QUESTIONS[number].words
        })
      ])
    );
    this.bar = element(
      "div",
      { class: "il-questions", role: "group", "aria-label": "Questions" },
      element("span", { "aria-hidden": "true" }, "Question"),
      ...this.buttons.values()
    );
    this.words = element("p", { class: "il-asked", role: "status" });
    this.close = connection.onChange("question", () => this.show());
    this.show();
  }
  /** @param {Asked} number */
  ask(number) {
    this.open(QUESTIONS[number].tab);
    this.connection.act(`question-${number}`);
  }
  show() {
    const asked = this.connection.get("question");
    const number = (
      /** @type {Asked | null} */
      asked === null ? null : String(asked)
    );
    this.words.textContent = number ? `${number}. ${QUESTIONS[number].words}` : "";
    for (const [one, node] of this.buttons) node.setAttribute("aria-pressed", String(one === number));
    if (number) this.open(QUESTIONS[number].tab);
  }
};

// init_utils/lab/src/charts/net.js
var WIDEST = 4;
var FAINT = 0.55;
var FINEST = 0.1;
var NEGATIVE_DASH = [3, 2.5];
function largestWeight({ W }) {
  let largest = 0;
  for (const weight of W) largest = Math.max(largest, Math.abs(weight));
  return largest;
}
function edgesOf({ W, inputs }, largest) {
  return [...W].flatMap((weight, place) => {
    const width = Math.abs(weight) / largest * WIDEST;
    if (!(width >= FINEST) || !Number.isFinite(width)) return [];
    return [{ from: place % inputs, to: Math.floor(place / inputs), width, isNegative: weight < 0 }];
  });
}
function drawEdges(context, palette, { layers, spots, shared, ringed }) {
  layers.forEach((layer, index) => {
    for (const { from, to, width, isNegative } of edgesOf(layer, shared ?? largestWeight(layer))) {
      const [start, end] = [spots[index][from], spots[index + 1][to]];
      if (!start || !end) continue;
      const isOfRinged = ringed?.layer === index && ringed.neuron === to;
      context.strokeStyle = isOfRinged ? palette.ink : palette.muted;
      context.globalAlpha = isOfRinged ? 1 : FAINT;
      context.lineWidth = width;
      context.setLineDash(isNegative ? NEGATIVE_DASH : []);
      const middle = (start.right + end.left) / 2;
      context.beginPath();
      context.moveTo(start.right, start.y);
      context.bezierCurveTo(middle, start.y, middle, end.y, end.left, end.y);
      context.stroke();
    }
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.fillStyle = palette.muted;
  context.textAlign = "right";
  spots[0].forEach(({ right, y }, input) => {
    context.fillText(`x${input + 1}`, right - 3, y);
  });
}

// init_utils/lab/src/compute/parsing.js
function parseNumber(text, { low, high }) {
  const value = Number(text);
  const good = text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high;
  return good ? value : void 0;
}
function parseWhole(text, bounds) {
  const value = parseNumber(text, bounds);
  return Number.isInteger(value) ? value : void 0;
}
function parseOptionalWhole(text, bounds) {
  return text.trim() === "" ? null : parseWhole(text, bounds);
}
function parsePerRun(text, bounds, names) {
  const one = parseNumber(text, bounds);
  if (one !== void 0) return one;
  const found = {};
  for (const part of text.split(/[,;]/).map((words) => words.trim())) {
    const [, name, digits] = part.match(/^(.+?)[\s:=×x]+([\d.eE+-]+)$/) ?? [];
    const value = digits === void 0 ? void 0 : parseNumber(digits, bounds);
    if (value === void 0 || !names.includes(name)) return void 0;
    found[name] = value;
  }
  return found;
}
function writePerRun(value) {
  if (typeof value === "number") return String(value);
  return Object.entries(value).map(([name, one]) => `${name} ${one}`).join(", ");
}
function parseSizes(text, limit) {
  const sizes = text.split(/[\s,;x-]+/).filter(Boolean).map((part) => parseWhole(part, limit));
  const good = sizes.filter((size) => size !== void 0);
  return good.length === sizes.length && good.length <= limit.most ? good : void 0;
}

// init_utils/lab/src/words.js
function diagnosisOf({ diagnosis, note }) {
  return capitalised(note ? `${diagnosis} (${note})` : diagnosis);
}
function seedNoteOf({ note }) {
  return note.slice(note.indexOf(": ") < 0 ? 0 : note.indexOf(": ") + 2).replace(/^the /, "");
}
function resultsInWords(rows) {
  return rows.filter((row) => !row.message).map((row) => `${row.name} cost ${figure(row.cost)}, test ${accuracy(row.test_accuracy)}`).join("; ");
}
function settingsInWords(get) {
  const layers = get("hidden_layers");
  const seed = get("seed");
  const count = get("compare").length;
  return {
    Compare: `${count} ${count === 1 ? "run" : "runs"}`,
    Data: `${get("dataset")}, ${whole(get("points"))} points`,
    Network: `${["2", ...layers, "1"].join("-")} ${get("hidden")}`,
    Training: `rate ${get("learning_rate")}, ${whole(get("iterations"))} steps`,
    "Starting weights": `gain ${writePerRun(get("gain"))}, ${seed === null ? "own seed" : `seed ${seed}`}`
  };
}
function neuronWords({ layer, neuron, size }, { share, largest, isSilent }) {
  const does = isSilent ? "silent on all points" : `active on ${percent(share)} of the points, largest value ${figure(largest)}`;
  return `Layer ${layer + 1}, neuron ${neuron + 1} of ${size}: ${does}`;
}
function lineWords([first, second], bias) {
  const start = `${first < 0 ? "−" : ""}${figure(Math.abs(first))}`;
  return `Its line: ${start} x1 ${spaced(second)} x2 ${spaced(bias)} = 0`;
}
function spaced(value) {
  return `${value < 0 ? "−" : "+"} ${figure(Math.abs(value))}`;
}
function pictureWords(name, frame) {
  const at = whole(frame.iteration);
  const norms = [...frame.gradientNorms].map(
    (value, layer) => `layer ${layer + 1} ${value === 0 ? "exactly 0" : figure(value)}`
  );
  return {
    boundary: `${name}: decision boundary among the training points at iteration ${at}; ${accuracy(frame.figure("train_accuracy"))} on their right side.`,
    histogram: `${name}: histogram of the outputs; ${percent(frame.figure("confident_wrong"))} are confident and wrong.`,
    similarity: `${name}: similarity of the neurons of each layer; ranks ${[...frame.ranks].join(", ")}.`,
    gradients: `${name}: gradient norms at iteration ${at}: ${norms.join(", ")}.`
  };
}
function netWords(name, { layers }) {
  const largest = layers.map((layer, index) => `W${index + 1} ${figure(largestWeight(layer))}`);
  return `${name}: the net, its edges as wide as |w|; largest of ${largest.join(", ")}.`;
}
function changesInWords(frame) {
  const changes = [...frame.ofLayers("changes")];
  if (changes.some(Number.isNaN)) return `Change of each W: shown from iteration ${CHANGES_SINCE} on.`;
  const parts = changes.map((change, layer) => `W${layer + 1} ${percent(change)}`);
  return `Changed since iteration ${CHANGES_SINCE}: ${parts.join(", ")}.`;
}
function seedsInWords({ name, note, costs, accuracies }) {
  const finite = costs.filter((value) => value !== null);
  const right = accuracies.filter((value) => value !== null);
  const found = finite.length ? `median cost ${figure(median(finite))}, from ${figure(Math.min(...finite))} to ${figure(Math.max(...finite))}; median test accuracy ${accuracy(median(right))}, from ${accuracy(Math.min(...right))} to ${accuracy(Math.max(...right))}` : "no result yet";
  return `${name}: ${found}${note ? ` (${note})` : ""}`;
}
function sweepProgress({ rows, done, total, stopped, remaining_s }, before) {
  if (!rows?.length) return before;
  const rest = stopped || done === total || remaining_s === null || remaining_s === void 0 ? "" : `, about ${Math.max(1, Math.round(remaining_s))} s left`;
  return `${done} of ${total} trainings${stopped ? ", stopped" : rest}.`;
}
function pairsInWords(rows) {
  const compared = rows.filter(({ costs }) => costs.length > 1);
  const wins = (one, other) => one.costs.filter((cost, seed) => isLower(cost, other.costs[seed])).length;
  const total = (one) => compared.reduce((sum, other) => sum + wins(one, other), 0);
  const [leader] = [...compared].sort((one, other) => total(other) - total(one));
  const against = compared.filter((row) => row !== leader);
  if (!against.length) return "";
  const seeds = Math.min(...compared.map(({ costs }) => costs.length));
  const parts = against.map((row) => `of ${row.name} in ${wins(leader, row)} of ${seeds}`);
  return `From the same seed ${leader.name} ends ahead ${parts.join(", ")}.`;
}
function isLower(cost, other) {
  return cost !== null && other !== void 0 && (other === null || cost < other);
}

// init_utils/lab/src/views/results.js
var HEADS = ["Run", "Cost at start", "Cost", "Training accuracy", "Test accuracy", "Time", "What happens"];
var ResultsView = class {
  constructor() {
    this.body = element("tbody");
    const heads = HEADS.map((head) => element("th", { scope: "col" }, head));
    this.root = element(
      "div",
      { class: "il-table", tabindex: "0", role: "region", "aria-label": "Results, can be scrolled" },
      element(
        "table",
        {},
        element("caption", {}, "Results"),
        element("thead", {}, element("tr", {}, ...heads)),
        this.body
      )
    );
  }
  /**
   * @param {TableRow[]} rows
   * @param {Look[]} looks
   */
  show(rows, looks) {
    this.body.replaceChildren(...rows.map((row, run) => resultRow(row, looks[run])));
  }
};
function resultRow(row, look) {
  const name = element("th", { scope: "row" }, markPicture(look), row.name);
  if (row.message) {
    return element(
      "tr",
      {},
      name,
      element("td", { colspan: HEADS.length - 1, class: "il-left" }, row.message)
    );
  }
  const figures = [
    figure(row.start_cost),
    figure(row.cost),
    accuracy(row.train_accuracy),
    accuracy(row.test_accuracy),
    `${(row.seconds ?? 0).toFixed(2)} s`
  ];
  return element(
    "tr",
    {},
    name,
    ...figures.map((text) => element("td", {}, text)),
    element("td", { class: "il-left" }, diagnosisOf(row))
  );
}

// init_utils/lab/src/frames/evaluation.js
function isOfOneNetwork(before, frame, scene) {
  return before.frame.layout === frame.layout && before.scene === scene;
}
var Evaluation = class {
  /**
   * @param {Frame} frame
   * @param {{plane: Points, training: Points, hidden: Hidden}} scene
   * @param {Evaluation | null} [before] of another moment; its arrays are written over if they fit, so that a
   *   training leaves no garbage
   */
  constructor(frame, scene, before) {
    this.frame = frame;
    this.scene = scene;
    const { layers } = frame;
    const { plane, training, hidden } = scene;
    const old = before && isOfOneNetwork(before, frame, scene) ? before : null;
    this.overPlane = activationsOf(layers, hidden, plane, old?.overPlane);
    this.onTraining = activationsOf(layers, hidden, training, old?.onTraining);
    this.grid = bytesOf(this.overPlane[layers.length - 1][0]);
    this.largestOverPlane = this.overPlane.map((neurons) => neurons.map(largestOf));
  }
  /** Outputs on the training points. */
  get outputs() {
    return this.onTraining[this.onTraining.length - 1][0];
  }
  /** Places of the training points that reach no neuron of some hidden layer. */
  get unreached() {
    return unreachedPoints(this.onTraining.slice(0, -1), this.scene.hidden);
  }
  /**
   * @param {number} layer from 0
   * @param {number} neuron from 0
   */
  facts(layer, neuron) {
    return neuronFacts(this.onTraining[layer][neuron], this.scene.hidden);
  }
  /**
   * Whether a neuron passes no training point on.
   *
   * @param {number} layer
   * @param {number} neuron
   */
  isSilent(layer, neuron) {
    const { hidden } = this.scene;
    return this.onTraining[layer][neuron].every((a) => !passesOn(a, hidden));
  }
  /**
   * The largest activation of a neuron over the plane.
   *
   * @param {number} layer
   * @param {number} neuron
   */
  largest(layer, neuron) {
    return this.largestOverPlane[layer][neuron];
  }
  /** The largest activation of all hidden neurons over the plane. */
  get largestOfAll() {
    return Math.max(0, ...this.largestOverPlane.slice(0, -1).flat());
  }
};

// init_utils/lab/src/compute/contour.js
var HALF2 = 127.5;
var CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1]
];
function contour(cells, side) {
  const segments = [];
  for (let row = 0; row < side - 1; row += 1) {
    for (let column = 0; column < side - 1; column += 1) {
      const at = row * side + column;
      const isAbove = cells[at] > HALF2;
      if (cells[at + 1] > HALF2 === isAbove && cells[at + side + 1] > HALF2 === isAbove && cells[at + side] > HALF2 === isAbove)
        continue;
      const corners = [cells[at], cells[at + 1], cells[at + side + 1], cells[at + side]];
      const above = corners.map((value) => value > HALF2);
      const crossings = [];
      for (let edge = 0; edge < 4; edge += 1) {
        const next = (edge + 1) % 4;
        if (above[edge] === above[next]) continue;
        const share = (HALF2 - corners[edge]) / (corners[next] - corners[edge]);
        const [from, to] = [CORNERS[edge], CORNERS[next]];
        crossings.push((column + 0.5 + from[0] + share * (to[0] - from[0])) / side);
        crossings.push((row + 0.5 + from[1] + share * (to[1] - from[1])) / side);
      }
      segments.push(...crossings);
    }
  }
  return segments;
}

// init_utils/lab/src/draw/raster.js
var patches = /* @__PURE__ */ new Map();
function patchOf(side) {
  const known3 = patches.get(side);
  if (known3) return known3;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = contextOf(canvas, { willReadFrequently: true });
  const patch = { canvas, context, image: context.createImageData(side, side) };
  patches.set(side, patch);
  return patch;
}
function paintGrid(context, { cells, side, pixels, smooth, empty }, { x, y, width, height }) {
  const patch = patchOf(side);
  const into = new Uint32Array(patch.image.data.buffer);
  for (let place = 0; place < side * side; place += 1) {
    into[place] = cells[place] === empty ? 0 : pixels[cells[place]];
  }
  patch.context.putImageData(patch.image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(patch.canvas, x, y, width, height);
}

// init_utils/lab/src/charts/boundary.js
var BoundaryChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-boundary", redraw);
    this.layer = document.createElement("canvas");
    this.layerKey = "";
  }
  /**
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   * @param {Scene} scene
   */
  draw(palette, evaluation, scene) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const grid = { cells: evaluation.grid, side: SIDE, pixels: palette.pixels.field, smooth: true };
    paintGrid(context, grid, { x: 0, y: 0, width, height });
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    const segments = contour(evaluation.grid, SIDE);
    context.beginPath();
    for (let place = 0; place < segments.length; place += 4) {
      context.moveTo(segments[place] * width, segments[place + 1] * height);
      context.lineTo(segments[place + 2] * width, segments[place + 3] * height);
    }
    context.stroke();
    context.drawImage(this.pointsLayer(palette, scene), 0, 0, width, height);
    this.outline(context, palette, evaluation, scene);
  }
  /**
   * Rings around the points that reach no neuron of some layer.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   * @param {Scene} scene
   */
  outline(context, palette, evaluation, { points, bounds }) {
    const { width, height } = this.surface;
    context.strokeStyle = palette.ink;
    context.lineWidth = 0.7;
    const radius = 1.2 + radiusOf(points.length / 3, width) * 1.3;
    context.beginPath();
    for (const place of evaluation.unreached) {
      const [x, y] = pointAt(points, place, bounds, { width, height });
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.stroke();
  }
  /**
   * The points do not move while a training lasts: painted once, then copied.
   *
   * @param {Palette} palette
   * @param {Scene} scene
   */
  pointsLayer(palette, scene) {
    const { width, height } = this.surface;
    const key = `${width}x${height}@${window.devicePixelRatio || 1}/${scene.stamp}/${palette.ink}`;
    if (key !== this.layerKey) {
      sized(this.layer, width, height);
      const context = contextOf(this.layer);
      context.clearRect(0, 0, width, height);
      drawPoints(context, palette, scene, { width, height });
      this.layerKey = key;
    }
    return this.layer;
  }
};
function drawPoints(context, palette, { points, bounds }, { width, height }) {
  const radius = radiusOf(points.length / 3, width);
  for (const kind of [0, 1]) {
    context.beginPath();
    for (let place = 0; place < points.length; place += 3) {
      if (points[place + 2] !== kind) continue;
      const [x, y] = pointAt(points, place / 3, bounds, { width, height });
      if (kind === 0) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      } else {
        context.moveTo(x - radius, y - radius);
        context.lineTo(x + radius, y + radius);
        context.moveTo(x - radius, y + radius);
        context.lineTo(x + radius, y - radius);
      }
    }
    context.lineCap = "round";
    context.strokeStyle = palette.halo;
    context.lineWidth = kind === 0 ? 0.6 * radius : 1.3 * radius;
    context.stroke();
    if (kind === 0) {
      context.fillStyle = palette.classes[0];
      context.fill();
    } else {
      context.strokeStyle = palette.classes[1];
      context.lineWidth = 0.65 * radius;
      context.stroke();
    }
  }
}
function pointAt(points, place, [left, right, bottom, top], { width, height }) {
  return [
    (points[3 * place] - left) / (right - left) * width,
    (top - points[3 * place + 1]) / (top - bottom) * height
  ];
}
function radiusOf(count, width) {
  return Math.min(4.5, Math.max(1.2, width / 100 * (count > 800 ? 0.6 : count > 400 ? 0.8 : 1)));
}

// init_utils/lab/src/charts/neuron.js
var image;
function paintNeuron(canvas, palette, neuron) {
  if (canvas.width !== SIDE) canvas.width = SIDE;
  if (canvas.height !== SIDE) canvas.height = SIDE;
  const context = contextOf(canvas);
  image ??= context.createImageData(SIDE, SIDE);
  inkNeuron(new Uint32Array(image.data.buffer), palette.pixels.strength, neuron);
  context.putImageData(image, 0, 0);
}
function inkNeuron(into, pixels, { activations, largest }) {
  const factor = largest > 0 ? 255 / largest : 0;
  for (let cell = 0; cell < activations.length; cell += 1) {
    const strength = Math.abs(activations[cell]) * factor;
    into[cell] = pixels[strength < 255 ? strength + 0.5 | 0 : strength >= 255 ? 255 : 0];
  }
}

// init_utils/lab/src/compute/line.js
function lineAcross([first, second], bias, [left, right, bottom, top]) {
  const length = Math.hypot(first, second);
  if (!(length > 0) || !Number.isFinite(length + bias)) return null;
  const [x, y] = [-bias * first / length / length, -bias * second / length / length];
  const reach = Math.hypot(x, y) + Math.hypot(left, right, bottom, top);
  const end = (sign) => [
    (x - sign * reach * second / length - left) / (right - left),
    (top - (y + sign * reach * first / length)) / (top - bottom)
  ];
  return [end(-1), end(1)];
}

// init_utils/lab/src/views/card.js
var PICTURE = 132;
var MOST_WEIGHTS = 12;
var GAP = 4;
var CardView = class {
  constructor() {
    this.picture = element("canvas", { class: "il-card-picture", "aria-hidden": "true" });
    this.neuron = element("canvas");
    this.title = element("strong");
    this.words = element("p");
    this.line = element("p", { class: "il-line" });
    this.weights = element("ul", { class: "il-weights" });
    this.root = element(
      "div",
      { class: "il-card", role: "note", hidden: true },
      this.title,
      this.picture,
      this.words,
      this.line,
      this.weights
    );
  }
  /**
   * @param {Palette} palette
   * @param {{name: string, place: Place, evaluation: Evaluation, scene: Scene}} neuron
   */
  draw(palette, { name, place, evaluation, scene }) {
    const { layer, neuron } = place;
    const size = evaluation.frame.layout.hiddenSizes[layer];
    this.title.textContent = name;
    this.words.textContent = neuronWords({ ...place, size }, evaluation.facts(layer, neuron));
    const activations = evaluation.overPlane[layer][neuron];
    paintNeuron(this.neuron, palette, { activations, largest: evaluation.largest(layer, neuron) });
    const context = sized(this.picture, PICTURE, PICTURE);
    context.clearRect(0, 0, PICTURE, PICTURE);
    context.drawImage(this.neuron, 0, 0, PICTURE, PICTURE);
    drawPoints(context, palette, scene, { width: PICTURE, height: PICTURE });
    const { W, b, inputs } = evaluation.frame.layers[layer];
    const weights = [...W.subarray(neuron * inputs, (neuron + 1) * inputs)];
    const line = layer === 0 ? lineAcross(weights, b[neuron], scene.bounds) : null;
    this.line.textContent = line ? lineWords(weights, b[neuron]) : "";
    if (line) {
      const [from, to] = line;
      context.strokeStyle = palette.ink;
      context.lineWidth = 1.8;
      strokeLine(context, [from[0] * PICTURE, from[1] * PICTURE], [to[0] * PICTURE, to[1] * PICTURE]);
    }
    const largest = Math.max(...weights.map(Math.abs)) || 1;
    const rows = weights.slice(0, MOST_WEIGHTS).map((weight, input) => {
      const bar = element("i", { class: weight < 0 ? "il-minus" : "il-plus" });
      bar.style.width = `${Math.abs(weight) / largest * 50}%`;
      const from = layer === 0 ? `x${input + 1}` : `neuron ${input + 1}`;
      return element(
        "li",
        {},
        element("span", {}, from),
        element("b", {}, bar),
        element("span", {}, signed(weight))
      );
    });
    const rest = weights.length - rows.length;
    if (rest > 0) rows.push(element("li", {}, `and ${rest} more`));
    rows.push(
      element("li", {}, element("span", {}, "b"), element("b"), element("span", {}, signed(b[neuron])))
    );
    this.weights.replaceChildren(...rows);
    this.root.hidden = false;
  }
  /**
   * Over the neighbouring run; a run that stands alone has a place for it beside its boundary. Never over the
   * boundary itself.
   *
   * @param {{run: HTMLElement, boundary: HTMLElement}} own
   * @param {HTMLElement} lab
   */
  stand({ run, boundary }, lab) {
    const [own, picture, all, card] = [run, boundary, lab, this.root].map(
      (node) => node.getBoundingClientRect()
    );
    const places = [own.right, own.left - card.width, picture.right + GAP];
    const beside = places.find((left) => left >= all.left && left + card.width <= all.right);
    this.root.style.left = `${(beside ?? all.right - card.width - 1) - all.left}px`;
    this.root.style.top = `${(beside === void 0 ? own.bottom : own.top) - all.top}px`;
  }
};

// init_utils/lab/src/charts/histogram.js
var BINS = 20;
var HistogramChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-histogram", redraw);
  }
  /**
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   */
  draw(palette, evaluation) {
    const context = this.surface.begin(palette, { fontSize: 12 });
    if (!context) return;
    const { width, height } = this.surface;
    const [left, right, top, bottom] = [6, width - 6, 6, height - 18];
    const shares = histogram(evaluation.outputs, BINS);
    const most = Math.max(...shares) || 1;
    const step = (right - left) / BINS;
    shares.forEach((share, bin) => {
      const colour = palette.field[Math.round(bin / (BINS - 1) * 255)];
      const tall = share ? Math.max(1.5, share / most * (bottom - top)) : 0;
      context.fillStyle = `rgb(${colour.map(Math.round).join(",")})`;
      context.fillRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
      context.strokeStyle = palette.muted;
      context.lineWidth = 0.7;
      if (tall) context.strokeRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
    });
    context.strokeStyle = palette.muted;
    strokeLine(context, [left, bottom + 0.5], [right, bottom + 0.5]);
    context.fillStyle = palette.muted;
    const ticks = [
      ["left", 0, left],
      ["center", 0.5, (left + right) / 2],
      ["right", 1, right]
    ];
    for (const [align, value, x] of ticks) {
      context.textAlign = align;
      context.fillText(String(value), x, bottom + 10);
    }
  }
};

// init_utils/lab/src/charts/similarity.js
var GAP2 = 12;
var NO_DIRECTION = 255;
var SimilarityChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-similarity", redraw);
  }
  /**
   * @param {Palette} palette
   * @param {Frame} frame
   */
  draw(palette, frame) {
    const context = this.surface.begin(palette, { fontSize: 12 });
    if (!context) return;
    const { width, height } = this.surface;
    const { hiddenSizes, layersDims } = frame.layout;
    const { layers, ranks } = frame;
    context.fillStyle = palette.muted;
    context.textAlign = "left";
    if (!hiddenSizes.length) {
      context.fillText(`no hidden layer; W1 rank ${ranks[0]}`, 4, height / 2);
      return;
    }
    const side = Math.max(12, Math.min(height - 20, (width - GAP2 * hiddenSizes.length) / hiddenSizes.length));
    hiddenSizes.forEach((size, layer) => {
      const x = layer * (side + GAP2) + 1;
      const cells = likenessBytes(similarity(layers[layer]));
      const grid = { cells, side: size, pixels: palette.pixels.likeness, smooth: false, empty: NO_DIRECTION };
      paintGrid(context, grid, { x, y: 1, width: side, height: side });
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      context.strokeRect(x - 0.5, 0.5, side + 1, side + 1);
      if (cells.every((value) => value === NO_DIRECTION)) hatch(context, palette, { x, y: 1, side });
      const full = Math.min(size, layersDims[layer]);
      context.fillStyle = palette.ink;
      const text = side > 62 ? `W${layer + 1} rank ${ranks[layer]} of ${full}` : `${ranks[layer]}/${full}`;
      context.fillText(text, x, side + 12);
    });
  }
};
function likenessBytes(cosines) {
  return Uint8Array.from(
    cosines,
    (value) => Number.isNaN(value) ? NO_DIRECTION : Math.round((value + 1) * 127)
  );
}
function hatch(context, palette, { x, y, side }) {
  context.save();
  context.beginPath();
  context.rect(x, y, side, side);
  context.clip();
  context.strokeStyle = palette.grid;
  for (let start = -side; start < side; start += 7)
    strokeLine(context, [x + start, y + side], [x + start + side, y]);
  context.restore();
}

// init_utils/lab/src/views/neurons.js
var MOST_SHOWN = 16;
var ROWS = { next: "ArrowRight", back: "ArrowLeft", deeper: "ArrowDown", shallower: "ArrowUp" };
var COLUMNS = { next: "ArrowDown", back: "ArrowUp", deeper: "ArrowRight", shallower: "ArrowLeft" };
function placeAfter({ layer, neuron }, key, counts, { inColumns = false } = {}) {
  const last = counts[layer] - 1;
  const arrows = inColumns ? COLUMNS : ROWS;
  if (key === arrows.next) return { layer, neuron: Math.min(last, neuron + 1) };
  if (key === arrows.back) return { layer, neuron: Math.max(0, neuron - 1) };
  if (key === "Home") return { layer, neuron: 0 };
  if (key === "End") return { layer, neuron: last };
  const next = key === arrows.deeper ? layer + 1 : key === arrows.shallower ? layer - 1 : -1;
  if (next < 0 || next >= counts.length) return null;
  return { layer: next, neuron: Math.min(neuron, counts[next] - 1) };
}
function mark(node, name, isOn) {
  if (node.classList.contains(name) !== isOn) node.classList.toggle(name, isOn);
}
var NeuronsView = class {
  /**
   * @param {string} name of the run
   * @param {Choose} choose what is told of the neuron that is looked at
   * @param {() => void} redraw
   */
  constructor(name, choose, redraw) {
    this.name = name;
    this.choose = choose;
    this.showsAll = false;
    this.cells = [];
    this.captions = [];
    this.edges = new Surface(`${name}: edges of the net`, "il-edges", redraw);
    this.measured = { key: "", spots: [] };
    this.grid = element("div", {
      class: "il-neurons",
      role: "grid",
      "aria-label": `${name}: hidden neurons`
    });
    this.more = button("", () => {
      this.showsAll = true;
      this.cells = [];
      redraw();
    });
    const key = "Edges: |w|; dashed: w < 0";
    this.root = element(
      "div",
      { class: "il-net" },
      this.edges.canvas,
      this.grid,
      element("p", { class: "il-note il-edge-key" }, key),
      this.more
    );
    this.grid.addEventListener("keydown", (event) => this.onKey(event));
  }
  /** @param {readonly number[]} sizes of the hidden layers */
  build(sizes) {
    const shown = sizes.map((size) => this.showsAll ? size : Math.min(size, MOST_SHOWN));
    this.captions = sizes.map(() => element("span", { class: "il-caption", "aria-hidden": "true" }));
    this.cells = shown.map(
      (count, layer) => Array.from({ length: count }, (_, neuron) => this.cell({ layer, neuron }))
    );
    this.grid.replaceChildren(
      ...this.cells.flatMap((cells, layer) => [
        this.captions[layer],
        element("div", { class: "il-layer", role: "row" }, ...cells)
      ])
    );
    const largest = Math.max(0, ...sizes);
    this.more.hidden = this.showsAll || largest <= MOST_SHOWN;
    this.more.textContent = `Show all ${largest}`;
    this.root.classList.toggle("il-rows", this.showsAll);
    this.root.classList.toggle("il-long", sizes.length > 3);
    this.measured.key = "";
    this.cells[0]?.[0].setAttribute("tabindex", "0");
  }
  /** @param {Place} place */
  cell(place) {
    const node = element(
      "div",
      {
        class: "il-neuron",
        role: "gridcell",
        tabindex: "-1",
        "data-lm-suppress-shortcuts": "true",
        onpointerenter: () => this.choose(place),
        onpointerleave: () => this.choose(null),
        onfocus: () => this.choose(place),
        onblur: () => this.choose(null),
        onclick: () => {
          this.move(place);
          this.choose(place, { pin: true });
        }
      },
      element("canvas", { "aria-hidden": "true" })
    );
    node.dataset.place = `${place.layer},${place.neuron}`;
    return node;
  }
  /** @param {KeyboardEvent} event */
  onKey(event) {
    const node = event.target instanceof HTMLElement ? event.target : null;
    const [layer, neuron] = (node?.dataset.place ?? "").split(",").map(Number);
    if (Number.isNaN(layer)) return;
    if (event.key === "Enter" || event.key === " ") this.choose({ layer, neuron }, { pin: true });
    const next = placeAfter(
      { layer, neuron },
      event.key,
      this.cells.map((cells) => cells.length),
      { inColumns: this.edges.canvas.checkVisibility() }
    );
    if (next) this.move(next);
    if (next || event.key === "Enter" || event.key === " ") event.preventDefault();
  }
  /** @param {Place} place which gets the focus, and is where Tab comes back to */
  move({ layer, neuron }) {
    for (const node2 of this.cells.flat()) node2.setAttribute("tabindex", "-1");
    const node = this.cells[layer][neuron];
    node.setAttribute("tabindex", "0");
    node.focus();
  }
  /**
   * The pictures.
   *
   * @param {Palette} palette
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null, output: number}} options `output` is where the last
   *   edges end: pixels below the upper edge of the net
   */
  draw(palette, evaluation, { shared, ringed, output }) {
    const { hiddenSizes } = evaluation.frame.layout;
    if (this.cells.length !== hiddenSizes.length) this.build(hiddenSizes);
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        const canvas = (
          /** @type {HTMLCanvasElement} */
          node.firstChild
        );
        const activations = evaluation.overPlane[layer][neuron];
        const largest = shared?.activation ?? evaluation.largest(layer, neuron);
        paintNeuron(canvas, palette, { activations, largest });
      });
    });
    const context = this.edges.begin(palette);
    if (!context) return;
    const { layers } = evaluation.frame;
    drawEdges(context, palette, {
      layers,
      spots: this.spots(output),
      shared: shared?.weight ?? null,
      ringed
    });
  }
  /**
   * Which neurons are silent, which is looked at, and how strong those of a layer are.
   *
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null}} options
   */
  tell(evaluation, { shared, ringed }) {
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        mark(node, "il-silent", evaluation.isSilent(layer, neuron));
        mark(node, "il-ringed", ringed?.layer === layer && ringed.neuron === neuron);
      });
      const sizes = cells.map((_, neuron) => evaluation.largest(layer, neuron));
      const [low, high] = [Math.min(...sizes), Math.max(...sizes)].map(figure);
      const range = low === high ? low : `${low}–${high}`;
      const strength = shared === null ? `max ${range}` : `ink ${figure(shared.activation)}`;
      write(this.captions[layer], `Layer ${layer + 1}, ${strength}`);
    });
  }
  /**
   * Where the edges begin and end: at the inputs, at each neuron shown, at the boundary, which is the output's
   * picture.
   *
   * @param {number} output
   * @returns {Spot[][]}
   */
  spots(output) {
    const { width, height } = this.edges;
    const key = `${width}x${height}:${output}`;
    if (key === this.measured.key) return this.measured.spots;
    const frame = this.edges.canvas.getBoundingClientRect();
    const hidden = this.cells.map(
      (cells) => cells.map((node) => {
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return { left: left - frame.left, right: right - frame.left, y: (top + bottom) / 2 - frame.top };
      })
    );
    const first = hidden[0];
    const inputs = [0.3, 0.7].map((share) => ({
      left: 0,
      right: 18,
      y: first[0].y + share * (first[first.length - 1].y - first[0].y)
    }));
    const spots = [inputs, ...hidden, [{ left: width, right: width, y: output }]];
    this.measured = { key, spots };
    return spots;
  }
  close() {
    this.edges.close();
  }
  /**
   * Names for screen readers; not while training.
   *
   * @param {Evaluation} evaluation
   */
  describe(evaluation) {
    this.edges.describe(netWords(this.name, evaluation.frame));
    this.cells.forEach((cells, layer) => {
      cells.forEach((node, neuron) => {
        const size = evaluation.frame.layout.hiddenSizes[layer];
        node.setAttribute(
          "aria-label",
          neuronWords({ layer, neuron, size }, evaluation.facts(layer, neuron))
        );
      });
    });
  }
};

// init_utils/lab/src/views/run-column.js
var LAYER_DASHES = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [12, 4], [1, 4], [4, 2]];
var FIGURES = (
  /** @type {const} */
  [
    ["Cost", "cost", figure],
    ["Train", "train_accuracy", accuracy],
    ["Test", "test_accuracy", accuracy]
  ]
);
function normSeries({ iterations, norms }, { colour }) {
  return norms.map((y, layer) => ({
    colour,
    dash: LAYER_DASHES[layer],
    label: `dW${layer + 1}`,
    x: iterations,
    y
  }));
}
var RunColumn = class {
  /**
   * @param {string} name
   * @param {Look} look
   * @param {() => void} redraw
   * @param {Choose} choose told of the neuron that is looked at
   */
  constructor(name, look, redraw, choose) {
    this.name = name;
    this.mark = markPicture(look);
    this.boundary = new BoundaryChart(`${name}: decision boundary`, redraw);
    this.histogram = new HistogramChart(`${name}: outputs`, redraw);
    this.similarity = new SimilarityChart(`${name}: similarity of neurons`, redraw);
    this.gradients = new LineChart(`${name}: gradient norms`, { zeroLane: true }, redraw);
    this.neurons = new NeuronsView(name, choose, redraw);
    this.figures = FIGURES.map(() => element("dd", {}, "–"));
    this.words = element("p", { class: "il-words" });
    this.seedNote = element("small", { class: "il-seed-note" });
    this.changes = element("p", { class: "il-note" });
    this.confident = element("p", { class: "il-note" });
    const list = FIGURES.map(
      ([term], index) => element("div", {}, element("dt", {}, term), this.figures[index])
    );
    this.root = element(
      "section",
      { class: "il-run", "aria-label": name },
      element("h3", {}, this.mark, element("span", { class: "il-name" }, name), this.seedNote),
      this.boundary.surface.canvas,
      element("div", { class: "il-told" }, element("dl", { class: "il-figures" }, ...list), this.words),
      this.neurons.root
    );
    this.panels = {
      Gradients: panel(name, "", this.gradients.surface.canvas, this.changes),
      Outputs: panel(name, "", this.histogram.surface.canvas, this.confident),
      Similarity: panel(name, likenessKey(), this.similarity.surface.canvas)
    };
  }
  /** @param {Look} look in another theme */
  showLook(look) {
    this.mark.style.color = look.colour;
  }
  /** @param {TableRow} row */
  showRow(row) {
    write(this.words, capitalised(row.diagnosis));
    write(this.seedNote, seedNoteOf(row));
    this.seedNote.title = row.note;
  }
  /**
   * The pictures.
   *
   * @param {Palette} palette
   * @param {RunMoment} moment
   */
  draw(palette, { evaluation, norms, x, y, cursor, scene, tab, shared, ringed }) {
    this.boundary.draw(palette, evaluation, scene);
    this.neurons.draw(palette, evaluation, { shared, ringed, output: this.boundary.surface.height / 2 });
    if (tab === "Gradients") this.gradients.draw(palette, { series: norms, x, y, cursor });
    if (tab === "Outputs") this.histogram.draw(palette, evaluation);
    if (tab === "Similarity") this.similarity.draw(palette, evaluation.frame);
  }
  /**
   * The words and numbers.
   *
   * @param {Evaluation} evaluation
   * @param {{shared: SharedScale | null, ringed: Place | null}} options
   */
  tell(evaluation, { shared, ringed }) {
    const { frame } = evaluation;
    this.neurons.tell(evaluation, { shared, ringed });
    write(this.changes, changesInWords(frame));
    write(this.confident, `Confident and wrong: ${percent(frame.figure("confident_wrong"))} of the points.`);
    FIGURES.forEach(([, name, inWords], index) => {
      write(this.figures[index], inWords(frame.figure(name)));
    });
  }
  /**
   * Alt text of the pictures.
   *
   * @param {Evaluation} evaluation
   */
  describe(evaluation) {
    const words = pictureWords(this.name, evaluation.frame);
    this.boundary.surface.describe(words.boundary);
    this.histogram.surface.describe(words.histogram);
    this.similarity.surface.describe(words.similarity);
    this.gradients.surface.describe(words.gradients);
    this.neurons.describe(evaluation);
  }
  close() {
    for (const chart of [this.boundary, this.histogram, this.similarity, this.gradients])
      chart.surface.close();
    this.neurons.close();
  }
};
function brokenColumn(name, look, message) {
  return element(
    "section",
    { class: "il-run", "aria-label": name },
    element("h3", {}, markPicture(look), element("span", { class: "il-name" }, name)),
    element(
      "p",
      { class: "il-broken" },
      element("strong", {}, "This function cannot be trained yet. "),
      message
    )
  );
}
function likenessKey() {
  const title = "cosine between the weights of two neurons";
  return element("span", { class: "il-key", title }, "−1", element("i", {}), "1");
}

// init_utils/lab/src/views/runs.js
var CLOSING_MS = 120;
function isSame(one, other) {
  return one.layer === other.layer && one.neuron === other.neuron;
}
function evaluated(frame, scene, before) {
  return before?.frame === frame && before.scene === scene ? before : new Evaluation(frame, scene, before);
}
var RunsView = class {
  /** @param {() => void} redraw */
  constructor(redraw) {
    this.redraw = redraw;
    this.chooser = element("div", { class: "il-chooser", role: "group", "aria-label": "Run shown" });
    this.columnsRoot = element("div", { class: "il-columns" });
    this.root = element("div", { class: "il-runs" }, this.chooser, this.columnsRoot);
    this.panels = {
      Gradients: element("div", { class: "il-columns" }),
      Outputs: element("div", { class: "il-columns" }),
      Similarity: element("div", { class: "il-columns" })
    };
    this.card = new CardView();
    this.columns = [];
    this.evaluations = [];
    this.chosen = null;
    this.isShared = false;
    this.closing = 0;
    this.card.root.addEventListener("pointerenter", () => clearTimeout(this.closing));
    this.card.root.addEventListener("pointerleave", () => this.look(0, null));
  }
  /**
   * Build the columns of other runs.
   *
   * @param {string[]} names
   * @param {Look[]} looks
   * @param {TableRow[]} rows
   */
  build(names, looks, rows) {
    this.close();
    this.chosen = null;
    this.card.root.hidden = true;
    const broken = names.map((_, run) => rows[run]?.message ?? "");
    this.columns = names.map(
      (name, run) => broken[run] ? null : new RunColumn(name, looks[run], this.redraw, (place, options) => this.look(run, place, options))
    );
    this.columnsRoot.replaceChildren(
      ...this.columns.map((column, run) => column?.root ?? brokenColumn(names[run], looks[run], broken[run]))
    );
    for (const [name, root] of Object.entries(this.panels)) {
      const key = (
        /** @type {keyof RunColumn["panels"]} */
        name
      );
      root.replaceChildren(...this.columns.map((column) => column?.panels[key] ?? element("div")));
    }
    for (const root of [this.columnsRoot, ...Object.values(this.panels)])
      root.style.setProperty("--il-count", String(names.length));
    this.root.dataset.count = String(names.length);
    this.chooser.replaceChildren(
      ...names.map(
        (name, run) => element(
          "button",
          { type: "button", class: "il-choose", onclick: () => this.show(run) },
          markPicture(looks[run]),
          name
        )
      )
    );
    this.show(0);
    suppressShortcuts(this.root);
  }
  /** @param {number} run the one that a narrow page shows */
  show(run) {
    [...this.chooser.children].forEach((node, index) => {
      node.setAttribute("aria-pressed", String(index === run));
    });
    for (const root of [this.columnsRoot, ...Object.values(this.panels)])
      [...root.children].forEach((node, index) => {
        node.classList.toggle("il-shown", index === run);
      });
    this.redraw();
  }
  /**
   * Look at a neuron, in all runs; a pinned one stays until it is pinned again.
   *
   * @param {number} run
   * @param {Place | null} place null: look away
   * @param {{pin?: boolean}} options
   */
  look(run, place, { pin = false } = {}) {
    clearTimeout(this.closing);
    if (!place) {
      if (!this.chosen?.isPinned) this.closing = window.setTimeout(() => this.dismiss(), CLOSING_MS);
      return;
    }
    const before = this.chosen;
    if (before?.isPinned && !pin) return;
    if (before?.isPinned && before.run === run && isSame(before.place, place)) return this.dismiss();
    this.chosen = { run, place, isPinned: pin };
    this.redraw();
  }
  /** Close the card. */
  dismiss() {
    this.chosen = null;
    this.card.root.hidden = true;
    this.redraw();
  }
  /** @param {Look[]} looks in another theme */
  showLooks(looks) {
    this.columns.forEach((column, run) => {
      column?.showLook(looks[run]);
    });
  }
  /** @param {TableRow[]} rows */
  showRows(rows) {
    rows.forEach((row, run) => {
      this.columns[run]?.showRow(row);
    });
  }
  /**
   * All pictures first, then all words: a canvas that sets its font has the browser compute the styles that words
   * have changed.
   *
   * @param {Palette} palette
   * @param {{row: Row, curves: Curve[], looks: Look[], cursor: number | null}} moment
   * @param {{iterations: number, scene: Scene, tab: string}} training
   */
  draw(palette, { row, curves, looks, cursor }, { iterations, scene, tab }) {
    const norms = tab === "Gradients" ? curves.map((curve, run) => normSeries(curve, looks[run])) : [];
    const y = logRange(
      norms.flat().map((series) => series.y),
      { floor: 1e-16 }
    );
    const before = this.evaluations;
    this.evaluations = row.map((frame, run) => frame && evaluated(frame, scene, before[run]));
    const shared = this.isShared ? this.sharedScale() : null;
    const ringed = this.chosen?.place ?? null;
    this.evaluations.forEach((evaluation, run) => {
      if (!evaluation) return;
      const x = (
        /** @type {const} */
        [0, iterations]
      );
      const moment = { evaluation, norms: norms[run] ?? [], x, y, cursor, scene, tab, shared };
      this.columns[run]?.draw(palette, { ...moment, ringed });
    });
    this.evaluations.forEach((evaluation, run) => {
      if (evaluation) this.columns[run]?.tell(evaluation, { shared, ringed });
    });
    this.drawCard(palette, scene);
  }
  /** What full ink and the widest edge mean when all runs have one scale. */
  sharedScale() {
    const drawn = this.evaluations.flatMap((one) => one ?? []);
    return {
      activation: Math.max(0, ...drawn.map((one) => one.largestOfAll)),
      weight: Math.max(0, ...drawn.flatMap((one) => one.frame.layers.map(largestWeight)))
    };
  }
  /**
   * @param {Palette} palette
   * @param {Scene} scene
   */
  drawCard(palette, scene) {
    if (!this.chosen) return;
    const { run, place } = this.chosen;
    const [column, evaluation] = [this.columns[run], this.evaluations[run]];
    const lab = this.root.parentElement;
    if (!column || !evaluation || !lab) return;
    this.card.draw(palette, { name: column.name, place, evaluation, scene });
    this.card.stand({ run: column.root, boundary: column.boundary.surface.canvas }, lab);
  }
  /** Names of all pictures. */
  describe() {
    this.evaluations.forEach((evaluation, run) => {
      if (evaluation) this.columns[run]?.describe(evaluation);
    });
  }
  close() {
    for (const column of this.columns) column?.close();
  }
};

// init_utils/lab/src/charts/scale.js
var LOW = Math.log2(MULTIPLES[0]);
var HIGH = Math.log2(MULTIPLES[MULTIPLES.length - 1]);
var LANE = 64;
var NAMED = (
  /** @type {const} */
  [
    [1, "He"],
    [Math.SQRT1_2, "Xavier"]
  ]
);
function shareOf(multiple) {
  return (Math.log2(multiple) - LOW) / (HIGH - LOW);
}
var known = (values) => values.filter((value) => value !== null);
var ScaleChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-scales", redraw);
  }
  /**
   * @param {Palette} palette
   * @param {StripRow[]} rows along the axis, then those that stand beside it
   * @param {{multiples: readonly number[], looks: Record<"He" | "Xavier" | "random" | "small", Look>}} how
   *   `multiples` of all rows
   */
  draw(palette, rows, { multiples, looks }) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const isNarrow = width < 560;
    const half = isNarrow ? width : width / 2;
    const tall = isNarrow ? height / 2 : height;
    const costs = logRange(rows.map((row) => known(row.costs)));
    const plots = [
      {
        title: "final cost",
        ticks: logTicks(costs[0], costs[1], 5),
        write: (value) => tickLabel(value),
        share: (value) => logShare(Math.max(value, costs[0]), costs),
        values: (row) => known(row.costs)
      },
      {
        title: "test accuracy",
        ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1],
        write: (value) => percent(value),
        share: (value) => Math.max(-0.04, (value - 0.5) / 0.5),
        values: (row) => known(row.accuracies)
      }
    ];
    plots.forEach((plot, index) => {
      const x = isNarrow ? 0 : index * half;
      const y = isNarrow ? index * tall : 0;
      const box = { left: x + 48 + LANE, right: x + half - 14, top: y + 18, bottom: y + tall - 38 };
      this.axes(context, palette, plot, box);
      const xAt = (multiple) => multiple < MULTIPLES[0] ? box.left - LANE / 2 : box.left + shareOf(multiple) * (box.right - box.left);
      const yAt = (value) => box.bottom - plot.share(value) * (box.bottom - box.top);
      context.globalAlpha = 0.7;
      rows.forEach((row, place) => {
        for (const value of plot.values(row))
          drawMark(context, lookOfRow(place, looks), {
            x: xAt(multiples[place]),
            y: yAt(value),
            radius: 3
          });
      });
      context.globalAlpha = 1;
      this.medians(context, palette, rows, { xAt, yAt, values: plot.values, multiples, looks });
    });
  }
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {{title: string, ticks: number[], write: (value: number) => string, share: (value: number) => number}} plot
   * @param {Box} box
   */
  axes(context, palette, { title, ticks, write: write2, share }, { left, right, top, bottom }) {
    context.lineWidth = 1;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    for (const tick of ticks) {
      const y = Math.round(bottom - share(tick) * (bottom - top)) + 0.5;
      context.strokeStyle = palette.grid;
      strokeLine(context, [left - LANE, y], [right, y]);
      context.fillText(write2(tick), left - LANE - 6, y);
    }
    context.strokeStyle = palette.muted;
    context.setLineDash([2, 3]);
    strokeLine(context, [left - 6.5, top], [left - 6.5, bottom]);
    context.setLineDash([]);
    strokeLine(context, [left - LANE, bottom + 0.5], [right, bottom + 0.5]);
    context.textAlign = "center";
    context.fillText("smaller", left - LANE / 2, bottom + 12);
    for (const multiple of [1 / 8, 1 / 2, 1, 2, 8, 32]) {
      const x = left + shareOf(multiple) * (right - left);
      context.fillText(multiple < 1 ? `1/${1 / multiple}` : String(multiple), x, bottom + 12);
      strokeLine(context, [x, bottom], [x, bottom + 4]);
    }
    context.fillText("multiple of He", (left + right) / 2, bottom + 28);
    context.textAlign = "left";
    context.fillStyle = palette.ink;
    context.fillText(title, left - LANE, top - 10);
  }
  /**
   * The line of the medians, with He and Xavier on it and the other two beside it.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   * @param {StripRow[]} rows
   * @param {{xAt: (multiple: number) => number, yAt: (value: number) => number,
   *   values: (row: StripRow) => number[], multiples: readonly number[],
   *   looks: Record<"He" | "Xavier" | "random" | "small", Look>}} how
   */
  medians(context, palette, rows, { xAt, yAt, values, multiples, looks }) {
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    context.beginPath();
    MULTIPLES.forEach((multiple, place) => {
      const found = values(rows[place]);
      if (found.length) context.lineTo(xAt(multiple), yAt(median(found)));
    });
    context.stroke();
    context.fillStyle = palette.ink;
    context.textAlign = "center";
    for (const [multiple, name] of NAMED) {
      const found = values(rows[MULTIPLES.findIndex((one) => Math.abs(one - multiple) < 1e-9)]);
      if (!found.length) continue;
      const [x, y] = [xAt(multiple), yAt(median(found))];
      drawMark(context, looks[name], { x, y, radius: 5 });
      context.textAlign = name === "He" ? "left" : "right";
      context.fillText(name, x + (name === "He" ? 4 : -4), y - 14);
    }
    BESIDE.forEach(({ name, scheme }, index) => {
      const place = MULTIPLES.length + index;
      const found = values(rows[place]);
      if (!found.length) return;
      const [x, y] = [xAt(multiples[place]), yAt(median(found))];
      drawMark(context, looks[
        /** @type {"random" | "small"} */
        scheme
      ], { x, y, radius: 5 });
      context.textAlign = "center";
      context.fillStyle = palette.ink;
      context.fillText(name, x, y - 14);
    });
  }
};
function lookOfRow(place, looks) {
  const beside = BESIDE[place - MULTIPLES.length];
  return beside ? looks[
    /** @type {"random" | "small"} */
    beside.scheme
  ] : looks.He;
}
function scalesInWords(rows) {
  return rows.filter((row) => known(row.costs).length).map(
    (row) => `${row.name}: median cost ${figure(median(known(row.costs)))}, median test accuracy ${percent(median(known(row.accuracies)))}`
  );
}

// init_utils/lab/src/views/scale.js
var ScaleView = class {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.button = button("Compare scales", () => connection.act(this.isRunning ? "stop" : "compare-scales"));
    this.progress = element("p", { class: "il-note" });
    this.chart = new ScaleChart("Cost and accuracy against scale", redraw);
    this.list = element("ul", { class: "il-hidden" });
    this.box = element("div", { class: "il-strip-box" }, this.chart.surface.canvas, this.list);
    this.root = element(
      "section",
      { class: "il-panel" },
      element(
        "h4",
        {},
        "Cost and accuracy against scale ",
        element("small", {}, "every W of He, times the same")
      ),
      element("div", { class: "il-seed-bar" }, this.button, this.progress),
      this.box
    );
    const closer = connection.onChange("status", () => this.showStatus());
    this.close = () => {
      closer();
      this.chart.surface.close();
    };
    this.showStatus();
  }
  get isRunning() {
    return this.connection.get("status") === "scales";
  }
  showStatus() {
    this.button.textContent = this.isRunning ? "Stop" : "Compare scales";
  }
  /**
   * @param {Palette} palette
   * @param {{dark: boolean}} theme
   */
  draw(palette, theme) {
    const scales = this.connection.get("scales");
    const rows = scales.rows ?? [];
    this.box.hidden = !rows.length;
    this.progress.textContent = sweepProgress(
      scales,
      "Trains He's start at 12 scales from 5 seeds, and ×10 and ×0.01 beside it."
    );
    if (!rows.length) return;
    const middle = heMiddle(this.connection.get("setup").layers_dims);
    const multiples = [...MULTIPLES, ...BESIDE.map(({ scale }) => scale / middle)];
    const look = (scheme) => lookOf({ scheme, repeat: 0 }, theme);
    const looks = { He: look("He"), Xavier: look("Xavier"), random: look("random"), small: look("small") };
    this.chart.draw(palette, rows, { multiples, looks });
    const words = scalesInWords(rows);
    this.chart.surface.describe(`Cost and accuracy against scale. ${words.join(". ")}.`);
    this.list.replaceChildren(...words.map((text) => element("li", {}, text)));
  }
};
function heMiddle(dims) {
  const logarithms = dims.slice(0, -1).map((before) => Math.log(2 / before) / 2);
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length);
}

// init_utils/lab/src/charts/seeds.js
var LANE2 = 34;
var known2 = (values) => values.filter((value) => value !== null);
var SeedsChart = class {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-strip", redraw);
  }
  /**
   * @param {Palette} palette
   * @param {StripRow[]} rows
   * @param {Look[]} looks of each row
   */
  draw(palette, rows, looks) {
    this.surface.canvas.style.height = `${rows.length * LANE2 + 40}px`;
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width } = this.surface;
    const bottom = rows.length * LANE2 + 4;
    const names = Math.min(250, width * 0.27);
    const axes = this.axes(rows, names);
    context.textAlign = "center";
    for (const { ticks, at, write: write2, title } of axes) {
      for (const value of ticks) {
        context.strokeStyle = palette.grid;
        strokeLine(context, [Math.round(at(value)) + 0.5, 2], [Math.round(at(value)) + 0.5, bottom]);
        context.fillStyle = palette.muted;
        context.fillText(write2(value), at(value), bottom + 10);
      }
      context.fillText(title, (at(ticks[0]) + at(ticks[ticks.length - 1])) / 2, bottom + 26);
    }
    drawPairs(context, palette, rows, axes);
    rows.forEach((row, index) => {
      const y = index * LANE2 + LANE2 / 2 + 2;
      drawMark(context, looks[index], { x: 8, y, radius: 4.5 });
      context.fillStyle = palette.ink;
      context.textAlign = "left";
      context.fillText(shortened(context, row.name, names - 24), 19, row.note ? y - 6 : y);
      if (row.note) {
        context.fillStyle = palette.muted;
        context.fillText(shortened(context, row.note, names - 24), 19, y + 7);
      }
      for (const { at, of } of axes) drawDots(context, palette, looks[index], { values: of(row), at, y });
    });
  }
  /**
   * @param {StripRow[]} rows
   * @param {number} names width of the names
   * @returns {Axis[]}
   */
  axes(rows, names) {
    const { width } = this.surface;
    const middle = names + (width - names) * 0.55;
    const range = logRange(rows.map((row) => known2(row.costs)));
    return [
      {
        ticks: logTicks(range[0], range[1], Math.max(2, Math.floor((middle - names) / 60))),
        at: (value) => names + 10 + logShare(Math.max(value, range[0]), range) * (middle - names - 40),
        write: (value) => tickLabel(value),
        title: "final cost",
        of: (row) => row.costs
      },
      {
        ticks: [0, 0.25, 0.5, 0.75, 1],
        at: (value) => middle + 14 + value * (width - middle - 30),
        write: (value) => percent(value),
        title: "test accuracy",
        of: (row) => row.accuracies
      }
    ];
  }
};
var shift = (seed) => seed * 7 % 11 - 5;
function drawPairs(context, palette, rows, axes) {
  context.strokeStyle = palette.muted;
  context.lineWidth = 0.8;
  context.globalAlpha = 0.6;
  const lanes = rows.map((row, lane) => ({ row, y: lane * LANE2 + LANE2 / 2 + 2 }));
  const paired = lanes.filter(({ row }) => row.costs.length > 1);
  for (const { at, of } of axes)
    for (let seed = 0; seed < Math.max(0, ...paired.map(({ row }) => row.costs.length)); seed += 1) {
      context.beginPath();
      for (const { row, y } of paired) {
        const value = of(row)[seed] ?? null;
        if (value !== null) context.lineTo(at(value), y + shift(seed));
      }
      context.stroke();
    }
  context.globalAlpha = 1;
}
function drawDots(context, palette, look, { values, at, y }) {
  context.globalAlpha = 0.75;
  values.forEach((value, seed) => {
    if (value !== null) drawMark(context, look, { x: at(value), y: y + shift(seed), radius: 3 });
  });
  context.globalAlpha = 1;
  if (known2(values).length < 2) return;
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  const middle = at(median(known2(values)));
  strokeLine(context, [middle, y - 12], [middle, y + 12]);
}

// init_utils/lab/src/views/compare.js
var CompareView = class {
  /**
   * @param {Connection} connection
   * @param {(name: string) => Look | undefined} lookOfRun
   */
  constructor(connection, lookOfRun) {
    this.connection = connection;
    this.lookOfRun = lookOfRun;
    this.boxes = element("div", { class: "il-choices" });
    this.note = element("p", { class: "il-note" });
    this.root = element("fieldset", {}, element("legend", {}, "Compare"), this.boxes, this.note);
    const closers = [
      connection.onChange("compare", () => this.show()),
      connection.onChange("setup", () => this.show())
    ];
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }
  show() {
    const chosen = this.connection.get("compare");
    const focused = this.boxes.querySelector("input:focus")?.getAttribute("value") ?? null;
    this.boxes.replaceChildren(
      ...this.connection.get("candidates").map((candidate) => this.choice(candidate, chosen))
    );
    this.note.textContent = chosen.length >= MOST_RUNS ? `${MOST_RUNS} at a time: clear one to choose another.` : "";
    suppressShortcuts(this.boxes);
    for (const box of this.boxes.querySelectorAll("input")) if (box.value === focused) box.focus();
  }
  /**
   * @param {{name: string, built_in: boolean}} candidate
   * @param {string[]} chosen
   */
  choice({ name, built_in }, chosen) {
    const isChosen = chosen.includes(name);
    const box = element("input", { type: "checkbox", value: name });
    box.checked = isChosen;
    box.disabled = isChosen ? chosen.length === 1 : chosen.length >= MOST_RUNS;
    box.addEventListener("change", () => {
      const names = this.connection.get("candidates").map((one) => one.name);
      const isWanted = (other) => other === name ? box.checked : chosen.includes(other);
      this.connection.change("compare", names.filter(isWanted));
    });
    const look = isChosen ? this.lookOfRun(name) : void 0;
    const mark2 = look ? markPicture(look) : element("span", { class: "il-mark" });
    const words = built_in ? name : `${name} (yours)`;
    return element("label", { class: "il-choice" }, box, mark2, element("span", {}, words));
  }
};

// init_utils/lab/src/views/settings.js
var PACES = [
  ["0", "no time"],
  ["2", "2 seconds"],
  ["5", "5 seconds"],
  ["15", "15 seconds"],
  ["60", "1 minute"]
];
var GROUP = `il-${Math.random().toString(36).slice(2, 10)}`;
var SettingsView = class {
  /**
   * @param {Connection} connection
   * @param {(name: string) => Look | undefined} lookOfRun
   */
  constructor(connection, lookOfRun) {
    this.compare = new CompareView(connection, lookOfRun);
    this.groups = {
      Data: [
        choiceField(connection, "dataset", "Dataset"),
        numberField(connection, "noise", "Noise", 0.01),
        wholeField(connection, "points", "Points", 20),
        wholeField(connection, "data_seed", "Data seed", 1)
      ],
      Network: [layersField(connection), choiceField(connection, "hidden", "Activation")],
      Training: [
        numberField(connection, "learning_rate", "Learning rate", "any"),
        wholeField(connection, "iterations", "Iterations", "any"),
        paceField(connection)
      ],
      "Starting weights": [gainField(connection), seedField(connection)]
    };
    this.summaries = new Map(
      ["Compare", ...Object.keys(this.groups)].map((title) => [title, element("summary", {}, title)])
    );
    const fieldsets = Object.entries(this.groups).map(
      ([title, fields]) => element("fieldset", {}, element("legend", {}, title), ...fields.map((field) => field.root))
    );
    fieldsets[fieldsets.length - 1].append(button("New seed", () => connection.act("new-seed")));
    const titles = [...this.summaries.keys()];
    const parts = [this.compare.root, ...fieldsets].map(
      (fieldset, index) => element(
        "details",
        { class: "il-group", name: GROUP },
        this.summaries.get(titles[index]) ?? "",
        element("div", { class: "il-popover" }, fieldset)
      )
    );
    this.root = element(
      "form",
      { class: "il-form", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
      ...parts
    );
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      const open = this.root.querySelector("details[open]");
      open?.removeAttribute("open");
      open?.querySelector("summary")?.focus();
    });
    const names = (
      /** @type {const} */
      [
        ...["dataset", "noise", "points", "hidden_layers", "hidden", "learning_rate", "iterations"],
        ...["gain", "seed", "compare"]
      ]
    );
    this.closers = names.map(
      (name) => connection.onChange(
        /** @type {keyof Settings} */
        name,
        () => this.showWords(connection)
      )
    );
    this.showWords(connection);
  }
  /**
   * What is set, on the words that open it.
   *
   * @param {Connection} connection
   */
  showWords(connection) {
    for (const [title, words] of Object.entries(settingsInWords((name) => connection.get(name)))) {
      const summary = this.summaries.get(title);
      if (!summary) continue;
      summary.textContent = words;
      summary.setAttribute("aria-label", `${title}: ${words}`);
    }
  }
  /** Draw the marks of the runs again: the theme has changed. */
  show() {
    this.compare.show();
  }
  close() {
    this.compare.close();
    for (const closer of this.closers) closer();
    for (const field of Object.values(this.groups).flat()) field.close();
  }
};
function choiceField(connection, name, label) {
  const input = select(LIMITS[name].values.map((value) => [value, value]));
  return new Field(connection, { name, label, input, read: (text) => text });
}
function numberField(connection, name, label, step) {
  const limit = LIMITS[name];
  const input = numberInput(limit, step);
  return new Field(connection, {
    name,
    label,
    input,
    read: (text) => parseNumber(text, limit),
    hint: limit.words
  });
}
function wholeField(connection, name, label, step) {
  const limit = LIMITS[name];
  const input = numberInput(limit, step);
  const hint = `a whole number, ${limit.words}`;
  return new Field(connection, { name, label, input, read: (text) => parseWhole(text, limit), hint });
}
function gainField(connection) {
  const limit = LIMITS.gain;
  return new Field(connection, {
    name: "gain",
    label: "Gain",
    input: element("input", { type: "text", spellcheck: "false", autocomplete: "off" }),
    read: (text) => parsePerRun(
      text,
      limit,
      connection.get("candidates").map(({ name }) => name)
    ),
    write: writePerRun,
    hint: `${limit.words}, or by the names of runs: ${connection.get("compare")[0]} 0.5`
  });
}
function layersField(connection) {
  const limit = LIMITS.hidden_layers;
  return new Field(connection, {
    name: "hidden_layers",
    label: "Hidden layers",
    input: element("input", { type: "text", spellcheck: "false", autocomplete: "off" }),
    read: (text) => parseSizes(text, limit),
    write: (sizes) => sizes.join(", "),
    hint: `${limit.words}, as 10, 5`
  });
}
function paceField(connection) {
  const pace = connection.get("pace");
  const isKnown = PACES.some(([seconds]) => Number(seconds) === pace);
  const choices = isKnown ? PACES : [
    ...PACES,
    /** @type {const} */
    [String(pace), `${pace} seconds`]
  ];
  return new Field(connection, { name: "pace", label: "Shown in", input: select(choices), read: Number });
}
function seedField(connection) {
  const limit = LIMITS.seed;
  return new Field(connection, {
    name: "seed",
    label: "Seed",
    input: element("input", { type: "number", min: limit.low, step: 1, placeholder: "as written" }),
    read: (text) => parseOptionalWhole(text, limit),
    write: (seed) => seed === null ? "" : String(seed),
    hint: "a whole number, or nothing"
  });
}

// init_utils/lab/src/views/seeds.js
var SeedsView = class {
  /**
   * @param {Connection} connection
   * @param {() => void} redraw
   */
  constructor(connection, redraw) {
    this.connection = connection;
    this.field = wholeField(connection, "strip_seeds", "Seeds", 1);
    this.button = button("Compare seeds", () => connection.act(this.isRunning ? "stop" : "compare-seeds"));
    this.progress = element("p", { class: "il-note" });
    this.chart = new SeedsChart("Results over seeds", redraw);
    this.pairs = element("p", { class: "il-pairs" });
    this.list = element("ul", { class: "il-hidden" });
    this.box = element("div", { class: "il-strip-box" }, this.chart.surface.canvas, this.pairs, this.list);
    this.root = element(
      "section",
      { class: "il-panel" },
      element("h4", {}, "Seeds ", element("small", {}, "one seed shows no winner")),
      element("div", { class: "il-seed-bar" }, this.field.root, this.button, this.progress),
      this.box
    );
    const closer = connection.onChange("status", () => this.showStatus());
    this.close = () => {
      closer();
      this.field.close();
      this.chart.surface.close();
    };
    this.showStatus();
  }
  get isRunning() {
    return this.connection.get("status") === "seeds";
  }
  showStatus() {
    this.button.textContent = this.isRunning ? "Stop" : "Compare seeds";
  }
  /**
   * @param {Palette} palette
   * @param {Look[]} looks
   */
  draw(palette, looks) {
    const strip = this.connection.get("strip");
    const rows = strip.rows ?? [];
    this.box.hidden = !rows.length;
    this.progress.textContent = sweepProgress(
      strip,
      "Trains every run from seeds 1, 2, 3, … and shows how far the results spread."
    );
    if (!rows.length) return;
    this.chart.draw(palette, rows, looks);
    this.pairs.textContent = pairsInWords(rows);
    const words = rows.map(seedsInWords);
    this.chart.surface.describe(`Results over seeds. ${words.join(". ")}.`);
    this.list.replaceChildren(...words.map((text) => element("li", {}, text)));
  }
};

// init_utils/lab/src/views/still.js
function hideStill(name) {
  const output = `.jp-OutputArea-child:has(.${name})`;
  return element("style", {}, `.${name}, ${output} { display: none !important; }`);
}

// init_utils/lab/src/views/tabs.js
var TabsView = class {
  /**
   * @param {string} label
   * @param {Record<string, HTMLElement>} panels by the words on their tabs
   * @param {() => void} onopen
   */
  constructor(label, panels, onopen) {
    this.panels = panels;
    this.onopen = onopen;
    const names = Object.keys(panels);
    this.tabs = names.map(
      (name) => element(
        "button",
        { type: "button", class: "il-tab", role: "tab", onclick: () => this.open(name) },
        name
      )
    );
    this.bar = element("div", { class: "il-tabs", role: "tablist", "aria-label": label }, ...this.tabs);
    for (const [name, panel2] of Object.entries(panels)) {
      panel2.setAttribute("role", "tabpanel");
      panel2.setAttribute("aria-label", name);
    }
    this.root = element(
      "div",
      { class: "il-lower" },
      element("div", { class: "il-tab-row" }, this.bar),
      ...Object.values(panels)
    );
    this.bar.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!step) return;
      const next = (names.indexOf(this.active) + step + names.length) % names.length;
      this.open(names[next]);
      this.tabs[next].focus();
    });
    this.active = names[0];
    this.show();
  }
  /** @param {string} name */
  open(name) {
    this.active = name;
    this.show();
    this.onopen();
  }
  show() {
    for (const tab of this.tabs) {
      const isOpen = tab.textContent === this.active;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.setAttribute("tabindex", isOpen ? "0" : "-1");
    }
    for (const [name, panel2] of Object.entries(this.panels)) panel2.hidden = name !== this.active;
  }
};

// init_utils/lab/src/status.js
var STATUS_WORDS = {
  ready: "Ready to train",
  running: "Training",
  paused: "Paused",
  stopped: "Stopped",
  finished: "Finished",
  seeds: "Training many seeds",
  scales: "Training many scales"
};
function allows(status, action) {
  return action in TRANSITIONS[status];
}
function trainWord(status) {
  if (status === "paused") return "Go on";
  return status === "stopped" || status === "finished" ? "Train again" : "Train";
}

// init_utils/lab/src/views/transport.js
var BUTTONS = [
  ["train", "Train", "Train all runs side by side; goes on after a pause"],
  ["pause", "Pause", "Hold here"],
  ["step", "Step", "One step of gradient descent"],
  ["stop", "Stop", "End this training"],
  ["reset", "Reset", "Back to exactly the same starting weights"]
];
var TransportView = class {
  /**
   * @param {Connection} connection
   * @param {(moment: number) => void} onscrub
   */
  constructor(connection, onscrub) {
    this.connection = connection;
    this.buttons = new Map(
      BUTTONS.map(([action, text, title]) => [
        action,
        button(text, () => this.press(action), { class: `il-button il-${action}`, title })
      ])
    );
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      class: "il-slider",
      "aria-label": "Recorded moments",
      oninput: () => onscrub(Number(this.slider.value))
    });
    this.clock = element("span", { class: "il-clock" });
    this.status = element("p", { class: "il-status", role: "status", "aria-live": "polite" });
    this.message = element("p", { class: "il-message", role: "alert" });
    this.waiting = element("p", { class: "il-message il-waiting", "aria-live": "polite" });
    this.isGone = false;
    this.question = element(
      "div",
      { class: "il-question", role: "group", "aria-label": "Start again?", hidden: true },
      element("span", {}, "The training is over. A step starts again from iteration 0."),
      button("Start again", () => {
        this.ask(false);
        connection.act("reset");
        connection.act("step");
      }),
      button("Keep it", () => this.ask(false))
    );
    const scrub = element("div", { class: "il-scrub" }, this.slider, this.clock);
    const toolbar = { class: "il-transport", role: "toolbar", "aria-label": "Training" };
    this.root = element(
      "div",
      { class: "il-top" },
      element("div", toolbar, ...this.buttons.values(), scrub),
      this.question,
      this.status,
      this.message,
      this.waiting
    );
    const closers = (
      /** @type {const} */
      ["status", "message", "table"].map(
        (name) => connection.onChange(name, () => this.show())
      )
    );
    closers.push(
      connection.onWaiting((words, isGone) => {
        this.isGone = isGone;
        this.waiting.textContent = words;
        this.show();
      })
    );
    this.close = () => {
      for (const closer of closers) closer();
    };
    this.show();
  }
  /** @param {Action} action */
  press(action) {
    if (action === "step" && this.connection.get("status") === "finished") this.ask(true);
    else this.connection.act(action);
  }
  /** @param {boolean} isOpen whether it is asked if a step may throw the finished training away */
  ask(isOpen) {
    this.question.hidden = !isOpen;
    if (isOpen) this.question.querySelector("button")?.focus();
    else this.buttons.get("step")?.focus();
  }
  show() {
    const status = this.connection.get("status");
    for (const [action, node] of this.buttons) node.disabled = this.isGone || !allows(status, action);
    if (status !== "finished") this.question.hidden = true;
    const train = this.buttons.get("train");
    if (train) train.textContent = trainWord(status);
    let words = STATUS_WORDS[status];
    if (status === "finished") words += `: ${resultsInWords(this.connection.get("table"))}`;
    if (this.status.textContent !== words) this.status.textContent = words;
    this.message.textContent = this.connection.get("message");
  }
  /**
   * @param {{shown: number, last: number}} moment
   * @param {{iteration: number, iterations: number}} progress
   */
  showMoment({ shown, last }, { iteration, iterations }) {
    this.slider.max = String(last);
    this.slider.value = String(shown);
    this.slider.setAttribute("aria-valuetext", `iteration ${whole(iteration)}`);
    this.clock.textContent = `${whole(iteration)} of ${whole(iterations)}`;
  }
};

// init_utils/lab/src/views/lab.js
var CALM_MS = 500;
var KEYS = ["keydown", "keyup", "keypress"];
var THEME_ATTRIBUTES = ["class", "data-jp-theme-light", "data-jp-theme-name"];
var LabView = class {
  /**
   * @param {Connection} connection
   * @param {FrameStore} store
   * @param {HTMLElement} parent
   */
  constructor(connection, store, parent) {
    this.connection = connection;
    this.store = store;
    this.shown = 0;
    this.isFollowing = true;
    this.isScheduled = false;
    this.isClosed = false;
    this.drawnAt = 0;
    this.palette = null;
    this.looks = [];
    this.scene = sceneOf(new Float32Array(), { bounds: [0, 1, 0, 1], hidden: "relu" }, 0);
    this.root = element("div", { class: "initlab", role: "group", "aria-label": "Initialization lab" });
    const redraw = () => this.schedule();
    this.transport = new TransportView(connection, (moment) => this.scrub(moment));
    this.settings = new SettingsView(connection, (name) => this.looks[store.setup.runs.indexOf(name)]);
    this.runs = new RunsView(redraw);
    this.cost = new CostView(connection, redraw);
    this.scales = new ScaleView(connection, redraw);
    this.depth = new DepthView(connection, redraw);
    this.results = new ResultsView();
    this.seeds = new SeedsView(connection, redraw);
    this.footer = new FooterView(connection, () => this.picture());
    const { Gradients, Outputs, Similarity } = this.runs.panels;
    const panels = {
      Gradients,
      Outputs,
      Scale: this.scales.root,
      Seeds: this.seeds.root,
      Depth: this.depth.root,
      Similarity,
      Table: this.results.root,
      Python: this.footer.root
    };
    this.tabs = new TabsView("More", panels, redraw);
    this.questions = new QuestionsView(connection, (tab) => this.tabs.open(tab));
    this.tabs.bar.after(this.questions.bar);
    this.tabs.root.prepend(this.questions.words);
    this.scale = button("", () => this.switchScale(), {
      class: "il-button il-scale",
      "aria-pressed": "false"
    });
    this.settings.root.append(this.scale, presentButton(this.root));
    this.main = element(
      "div",
      { class: "il-main" },
      this.runs.root,
      this.runs.card.root,
      this.cost.root,
      this.tabs.root
    );
    this.root.append(
      hideStill(connection.get("still")),
      this.transport.root,
      element("div", { class: "il-whole" }, this.settings.root, this.main)
    );
    this.showScale();
    parent.append(this.root);
    this.closers = this.listen();
    this.showTheme();
    this.refresh("setup");
    connection.act("history");
  }
  // ---------------------------------------------------------------- listening
  listen() {
    const { connection, store } = this;
    for (const kind of KEYS) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.runs.dismiss();
    });
    const observer = new MutationObserver(() => this.showTheme());
    for (const node of [document.body, document.documentElement]) {
      observer.observe(node, { attributes: true, attributeFilter: THEME_ATTRIBUTES });
    }
    suppressShortcuts(this.root);
    return [
      store.onChange((what) => this.refresh(what)),
      connection.onChange("status", () => this.showStatus()),
      connection.onChange("status", () => this.followTraining()),
      connection.onChange("table", () => this.showTable()),
      connection.onChange("strip", () => this.schedule()),
      connection.onChange("scales", () => this.schedule()),
      connection.onChange("depth_curves", () => this.schedule()),
      () => observer.disconnect()
    ];
  }
  /** Each neuron's largest value as full ink, or the largest of all. */
  switchScale() {
    this.runs.isShared = !this.runs.isShared;
    this.showScale();
    this.schedule();
  }
  showScale() {
    this.scale.textContent = this.runs.isShared ? "Scale: one for all" : "Scale: each its own";
    this.scale.setAttribute("aria-pressed", String(this.runs.isShared));
  }
  /** @param {number} moment */
  scrub(moment) {
    this.shown = moment;
    this.isFollowing = moment === this.store.last;
    this.schedule();
  }
  /** Train and Go on show what happens, wherever the slider was. */
  followTraining() {
    if (this.connection.get("status") !== "running") return;
    this.isFollowing = true;
    this.refresh("frames");
  }
  /** @param {"setup" | "frames"} what */
  refresh(what) {
    if (what === "setup") this.showSetup();
    if (this.isFollowing || this.shown > this.store.last) this.shown = this.store.last;
    this.schedule();
  }
  // ------------------------------------------------------------------ showing
  /** Light or dark, by the background in force; there is none before the lab is part of the page. */
  showTheme() {
    const dark = isDark(getComputedStyle(this.root).backgroundColor);
    this.root.dataset.theme = dark ? "dark" : "light";
    this.palette = readPalette(this.root, { dark });
    this.updateLooks();
    this.runs.showLooks(this.looks);
    this.settings.show();
    this.showTable();
    this.schedule();
  }
  showSetup() {
    const { setup } = this.store;
    this.updateLooks();
    this.runs.build(setup.runs, this.looks, this.connection.get("table"));
    this.cost.predictions.build(setup.runs, this.looks);
    const points = asFloats(this.connection.get("train_points"));
    this.scene = sceneOf(points, setup, this.scene.stamp + 1);
    this.isFollowing = true;
    this.showStatus();
    this.showTable();
  }
  updateLooks() {
    const dark = this.root.dataset.theme === "dark";
    this.looks = this.store.setup.identities.map((identity) => lookOf(identity, { dark }));
  }
  showStatus() {
    this.root.dataset.status = this.connection.get("status");
  }
  showTable() {
    const rows = this.connection.get("table");
    if (rows.length !== this.looks.length) return;
    this.results.show(rows, this.looks);
    this.runs.showRows(rows);
  }
  // ------------------------------------------------------------------ drawing
  schedule() {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const isRunning = this.connection.get("status") === "running";
    const waits = isCalm && isRunning ? Math.max(0, this.drawnAt + CALM_MS - performance.now()) : 0;
    const draw = () => {
      this.isScheduled = false;
      this.drawnAt = performance.now();
      if (!this.isClosed) this.draw();
    };
    if (waits) setTimeout(draw, waits);
    else requestAnimationFrame(draw);
  }
  draw() {
    const { rows, setup } = this.store;
    if (!rows.length) return;
    if (!this.palette) this.showTheme();
    if (!this.palette) return;
    const began = performance.now();
    const { palette, looks, scene, shown } = this;
    const { runs: names, iterations } = setup;
    const row = rows[Math.min(shown, this.store.last)];
    const iteration = row.find(Boolean)?.iteration ?? 0;
    const cursor = shown === this.store.last ? null : iteration;
    const { curves } = this.store;
    this.cost.draw(palette, { names, looks, curves }, { iterations, cursor });
    const tab = this.tabs.active;
    this.runs.draw(palette, { row, curves, looks, cursor }, { iterations, scene, tab });
    this.transport.showMoment({ shown, last: this.store.last }, { iteration, iterations });
    const theme = { dark: this.root.dataset.theme === "dark" };
    if (tab === "Depth") {
      this.depth.drawProfiles(palette, theme);
      this.depth.draw(palette, asFloats(this.connection.get("depth_curves")), { names, looks });
    }
    this.seeds.draw(palette, looks);
    if (tab === "Scale") this.scales.draw(palette, theme);
    if (this.connection.get("status") !== "running") this.describe(row);
    const detail = { iteration, frames: rows.length, ms: performance.now() - began };
    this.root.dispatchEvent(new CustomEvent("initlab:frame", { bubbles: true, detail }));
  }
  /**
   * Alt text of every picture; not while training, when it would be read aloud without end.
   *
   * @param {Row} row
   */
  describe(row) {
    const { runs: names } = this.store.setup;
    this.runs.describe();
    this.cost.describe(names, row);
    this.depth.describe(names);
  }
  /** @returns {Promise<Blob | null>} the results as PNG */
  async picture() {
    return this.palette && sheetOf(this.main, this.palette, this.connection.get("code"));
  }
  close() {
    this.isClosed = true;
    for (const closer of this.closers) closer();
    for (const view of [
      this.transport,
      this.settings,
      this.runs,
      this.cost,
      this.depth,
      this.scales,
      this.questions,
      this.seeds,
      this.footer
    ]) {
      view.close();
    }
  }
};
function sceneOf(points, { bounds, hidden }, stamp) {
  const count = points.length / 3;
  const x = Float32Array.from({ length: count }, (_, point) => points[3 * point]);
  const y = Float32Array.from({ length: count }, (_, point) => points[3 * point + 1]);
  return { points, bounds, stamp, hidden, plane: planeOf(bounds), training: { count, x, y } };
}
function presentButton(root) {
  const present = button("Present", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.();
  });
  present.classList.add("il-present");
  return present;
}

// init_utils/lab/src/widget.js
var labs = /* @__PURE__ */ new WeakMap();
function labOf(model) {
  let lab = labs.get(model);
  if (!lab) {
    const connection = new KernelConnection(model);
    lab = { connection, store: new FrameStore(connection) };
    labs.set(model, lab);
  }
  return lab;
}
var widget_default = {
  /** @param {{model: WidgetModel}} context */
  initialize({ model }) {
    labOf(model);
  },
  /** @param {{model: WidgetModel, el: HTMLElement}} context */
  render({ model, el }) {
    const { connection, store } = labOf(model);
    const view = new LabView(connection, store, el);
    return () => view.close();
  }
};
export {
  widget_default as default
};
