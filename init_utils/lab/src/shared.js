// Written from Python's tables by `python -m init_utils.lab.shared`; do not edit.

export const MOST_RUNS = /** @type {const} */ (4);

export const LIMITS = /** @type {const} */ ({
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
    "low": 0.0,
    "high": 1.0,
    "words": "0 to 1"
  },
  "points": {
    "low": 20,
    "high": 2000,
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
    "low": 1e-06,
    "high": 100.0,
    "words": "0.000001 to 100"
  },
  "iterations": {
    "low": 1,
    "high": 1000000,
    "optional": false,
    "words": "1 to 1,000,000"
  },
  "gain": {
    "low": 0.0,
    "high": 1000.0,
    "words": "0 to 1,000"
  },
  "seed": {
    "low": 0,
    "high": 4294967295,
    "optional": true,
    "words": "None, or 0 to 4,294,967,295"
  },
  "pace": {
    "low": 0.0,
    "high": 120.0,
    "words": "0 to 120"
  },
  "strip_seeds": {
    "low": 2,
    "high": 30,
    "optional": false,
    "words": "2 to 30"
  }
});

export const DEFAULTS = /** @type {const} */ ({
  "dataset": "circles",
  "noise": 0.05,
  "points": 300,
  "data_seed": 1,
  "hidden_layers": [
    10,
    5
  ],
  "hidden": "relu",
  "learning_rate": 0.01,
  "iterations": 15000,
  "gain": 1.0,
  "seed": null,
  "pace": 2.0,
  "strip_seeds": 10
});

export const ACTIONS = /** @type {const} */ ([
  "train",
  "pause",
  "step",
  "stop",
  "reset",
  "compare-seeds",
  "compare-scales",
  "finish"
]);

export const TRANSITIONS = /** @type {const} */ ({
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
});

export const FRAME = /** @type {const} */ ({
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
});

export const MULTIPLES = /** @type {const} */ ([
  0.125,
  0.25,
  0.5,
  0.7071067811865476,
  1.0,
  1.4142135623730951,
  2.0,
  2.8284271247461903,
  4.0,
  8.0,
  16.0,
  32.0
]);

export const BESIDE = /** @type {const} */ ([
  {
    "name": "\u00d710",
    "scale": 10.0,
    "scheme": "random"
  },
  {
    "name": "\u00d70.01",
    "scale": 0.01,
    "scheme": "small"
  }
]);

export const QUESTIONS = /** @type {const} */ ({
  "1": {
    "words": "Where is \u201ctoo large\u201d? Lower the gain of the random start, train again, then compare scales.",
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
});

export const CHANGES_SINCE = /** @type {const} */ (100);

export const SATURATED_TANH = /** @type {const} */ (0.99);

export const ALIKE = /** @type {const} */ (1e-06);

export const CONFIDENT = /** @type {const} */ (0.99);

export const DIAGNOSIS = /** @type {const} */ ({
  "lookingBack": 1000,
  "moving": 0.01,
  "learned": 0.95,
  "learnedEach": 0.9,
  "gap": 0.1,
  "rounding": 1e-12,
  "unreached": 0.1,
  "unreachedWrong": 0.5,
  "confidentWrong": 0.1
});

export const MOST_EVEN = /** @type {const} */ (180);

export const EVEN_STEPS = /** @type {const} */ ([
  1,
  2,
  4,
  5,
  8,
  10,
  20,
  25,
  40,
  50,
  100,
  125,
  200,
  250,
  500,
  1000,
  2000,
  3000,
  4000,
  5000,
  6000
]);

export const DIAL = /** @type {const} */ ({
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
  "from": -6.0,
  "to": 3.0
});

export const DEEP = /** @type {const} */ ({
  "layers": 30,
  "width": 100
});

export const CLASSES = /** @type {const} */ ([
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
]);

export const MARKS = /** @type {const} */ ({
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
      -0.0,
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
      -0.0
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
      -0.0,
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
      0.0
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
      0.0,
      -1.0
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
      0.0,
      1.0
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
      -1.0,
      0.0
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
      1.0,
      0.0
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
      0.0,
      -1.0
    ],
    [
      1.0,
      0.0
    ],
    [
      0.0,
      1.0
    ],
    [
      -1.0,
      0.0
    ]
  ],
  "pentagon": [
    [
      0.0,
      -1.0
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
      0.0,
      -1.0
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
      0.0,
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
      -1.0,
      -0.34
    ],
    [
      1.0,
      -0.34
    ],
    [
      1.0,
      0.34
    ],
    [
      -1.0,
      0.34
    ]
  ],
  "plus": [
    [
      0.34,
      -1.0
    ],
    [
      -0.34,
      -1.0
    ],
    [
      -0.34,
      -0.34
    ],
    [
      -1.0,
      -0.34
    ],
    [
      -1.0,
      0.34
    ],
    [
      -0.34,
      0.34
    ],
    [
      -0.34,
      1.0
    ],
    [
      0.34,
      1.0
    ],
    [
      0.34,
      0.34
    ],
    [
      1.0,
      0.34
    ],
    [
      1.0,
      -0.34
    ],
    [
      0.34,
      -0.34
    ]
  ]
});

export const SCHEMES = /** @type {const} */ ([
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
]);

export const REPEAT_DASHES = /** @type {const} */ ([
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
]);
