// What is drawn of a network, from its parameters.

import assert from "node:assert/strict";
import test from "node:test";
import { inkNeuron } from "../../init_utils/lab/src/charts/neuron.js";
import {
  activationsOf,
  bytesOf,
  histogram,
  largestOf,
  layersOf,
  neuronFacts,
  planeOf,
  SIDE,
  similarity,
  unreachedPoints,
} from "../../init_utils/lab/src/compute/network.js";
import { pixelsOf, ramp } from "../../init_utils/lab/src/draw/palette.js";
import { Evaluation } from "../../init_utils/lab/src/frames/evaluation.js";
import { Frame, FrameLayout } from "../../init_utils/lab/src/frames/layout.js";

const PLANE = planeOf([-1, 1, -1, 1]);

/**
 * @param {number[]} parameters
 * @param {number[]} dims
 */
const network = (parameters, dims) => layersOf(Float32Array.from(parameters), dims);

/** @param {number[]} values */
const singles = (values) => Float32Array.from(values);

test("parameters lie layer by layer, W before b", () => {
  const [first, second] = network([1, 2, 3, 4, 5, 6, 7, 8, 9], [2, 2, 1]);
  assert.deepEqual(
    [[...first.W], [...first.b]],
    [
      [1, 2, 3, 4],
      [5, 6],
    ],
  );
  assert.deepEqual([[...second.W], [...second.b]], [[7, 8], [9]]);
});

test("a worked example: 2 inputs, 2 ReLU neurons, 1 output", () => {
  // z1 = (1*1 - 1*2 + 0, 1*1 + 1*2 + 1) = (-1, 4); a1 = (0, 4); z2 = 3*0 + 0.5*4 - 2 = 0; output 1/2
  const points = { count: 1, x: singles([1]), y: singles([2]) };
  const layers = network([1, -1, 1, 1, 0, 1, 3, 0.5, -2], [2, 2, 1]);
  assert.deepEqual(
    activationsOf(layers, "relu", points).map((layer) => layer.map((a) => a[0])),
    [[0, 4], [0.5]],
  );
});

test("a network that looks at x only splits the picture in halves", () => {
  const [[outputs]] = activationsOf(network([100, 0, 0], [2, 1]), "relu", PLANE);
  const grid = bytesOf(outputs);
  for (let row = 0; row < SIDE; row += 1) {
    assert.ok(grid.subarray(row * SIDE, row * SIDE + SIDE / 2 - 2).every((cell) => cell === 0));
    assert.ok(grid.subarray(row * SIDE + SIDE / 2 + 2, (row + 1) * SIDE).every((cell) => cell === 255));
  }
});

test("rows of the picture begin at the top", () => {
  const [[outputs]] = activationsOf(network([0, 100, 0], [2, 1]), "relu", PLANE);
  const grid = bytesOf(outputs);
  assert.deepEqual([grid[0], grid[SIDE * (SIDE - 1)]], [255, 0]);
});

test("zeros give blank neurons and one half everywhere", () => {
  const [[neuron], [outputs]] = activationsOf(network([0, 0, 0, 0, 0], [2, 1, 1]), "relu", PLANE);
  assert.ok(neuron.every((value) => value === 0));
  assert.deepEqual([...new Set(bytesOf(outputs))], [128]);
  assert.deepEqual(neuronFacts(neuron, "relu"), { share: 0, largest: 0, isSilent: true });
});

test("a constant gives ten identical neurons", () => {
  const dims = [2, 10, 1];
  const [neurons] = activationsOf(network(Array(41).fill(0.5), dims), "relu", PLANE);
  for (const neuron of neurons) assert.deepEqual(neuron, neurons[0]);
});

test("from one seed and without biases, the scale of the weights changes the strength and not the picture", () => {
  let state = 1;
  const draw = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const [W1, W2] = [Array.from({ length: 20 }, draw), Array.from({ length: 50 }, draw)];
  const scaled = (/** @type {number} */ first, /** @type {number} */ second) =>
    activationsOf(
      network(
        [
          ...W1.map((w) => w * first),
          ...Array(10).fill(0),
          ...W2.map((w) => w * second),
          ...Array(5).fill(0),
        ],
        [2, 10, 5],
      ).concat(network([1, 1, 1, 1, 1, 0], [5, 1])),
      "relu",
      PLANE,
    );
  const he = scaled(Math.sqrt(2 / 2), Math.sqrt(2 / 10));
  const random = scaled(10, 10);
  for (const [layer, factor] of /** @type {const} */ ([
    [0, 10],
    [1, 100 / Math.sqrt(2 / 10)], // about 224
  ])) {
    he[layer].forEach((neuron, index) => {
      const other = random[layer][index];
      const largest = Math.max(...neuron);
      assert.ok(Math.abs(Math.max(...other) / (largest || 1) - (largest ? factor : 0)) < factor * 1e-4);
      neuron.forEach((value, point) => {
        assert.ok(Math.abs(other[point] / factor - value) <= 1e-4 * largest);
      });
    });
  }
});

test("a neuron's facts are its share of the points, its largest value and its silence", () => {
  assert.deepEqual(neuronFacts(singles([0, 2, 0, 1]), "relu"), { share: 0.5, largest: 2, isSilent: false });
  assert.equal(neuronFacts(singles([0, 0]), "relu").isSilent, true);
  assert.equal(neuronFacts(singles([-1, 1]), "tanh").isSilent, true);
  assert.equal(neuronFacts(singles([-1, 0.5]), "tanh").isSilent, false);
});

test("points that reach no neuron of a layer are found", () => {
  const layers = [
    [singles([1, 1, 0]), singles([0, 1, 0])],
    [singles([0, 1, 1]), singles([0, 0, 1])],
  ];
  assert.deepEqual(unreachedPoints(layers, "relu"), [0, 2]);
  assert.deepEqual(unreachedPoints([], "relu"), []);
});

test("a histogram holds shares, 1 in its last column", () => {
  assert.deepEqual(histogram(singles([0, 1, 1, 0.5]), 4), [0.25, 0, 0.25, 0.5]);
});

test("equal neurons are alike, right angles are 0, opposites -1, a neuron of zeros has no direction", () => {
  const [layer] = network([1, 0, 0, 2, -3, 0, 0, 0, 0, 0, 0, 0], [2, 4]);
  const cosines = similarity(layer);
  assert.deepEqual([cosines[0], cosines[1], cosines[2]], [1, 0, -1]);
  assert.ok(Number.isNaN(cosines[3]));
  const [equal] = network(Array(8).fill(0.5), [2, 2]);
  assert.ok(similarity(equal).every((value) => Math.abs(value - 1) < 1e-12));
});

/** Numbers from -1 to 1. @param {number} seed */
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/**
 * What `activationsOf` must give, a number at a time.
 *
 * @param {import("../../init_utils/lab/src/compute/network.js").Layer[]} layers
 * @param {"relu" | "tanh"} hidden
 * @param {{count: number, x: Float32Array, y: Float32Array}} points
 */
function byTheBook(layers, hidden, points) {
  let below = [points.x, points.y];
  return layers.map(({ W, b, size, inputs }, index) => {
    below = Array.from({ length: size }, (_, neuron) =>
      Float32Array.from({ length: points.count }, (_, point) => {
        let z = b[neuron];
        for (let input = 0; input < inputs; input += 1)
          z = Math.fround(z + W[neuron * inputs + input] * below[input][point]);
        if (index === layers.length - 1) return 1 / (1 + Math.exp(-z));
        return hidden === "relu" ? Math.max(0, z) : Math.tanh(z);
      }),
    );
    return below;
  });
}

for (const hidden of /** @type {const} */ (["relu", "tanh"])) {
  test(`the activations are those of the formula to the last bit, in new arrays and in used ones: ${hidden}`, () => {
    const draw = numbersFrom(7);
    const dims = [2, 7, 4, 3, 1];
    const count = 7 * 3 + 4 * 8 + 3 * 5 + 4;
    const parameters = () => network(Array.from({ length: count }, draw), dims);
    const used = activationsOf(parameters(), hidden, PLANE);
    const layers = parameters();
    const wanted = byTheBook(layers, hidden, PLANE);
    assert.deepEqual(activationsOf(layers, hidden, PLANE), wanted);
    assert.deepEqual(activationsOf(layers, hidden, PLANE, used), wanted);
    assert.deepEqual(used, wanted);
  });
}

test("a neuron's picture has the colour of each activation's share of the largest", () => {
  const draw = numbersFrom(3);
  const colours = ramp(["#ffffff", "#9298a0", "#15181c"]);
  const wanted = (/** @type {number} */ a, /** @type {number} */ largest) => {
    const factor = largest > 0 ? 255 / largest : 0;
    return colours[Math.min(255, Math.round(Math.abs(a) * factor)) || 0];
  };
  const odd = [0, 1, -1, 1e-30, Number.NaN, Number.POSITIVE_INFINITY, 0.5, 0.5 / 255, 1.5 / 255];
  const activations = singles([...odd, ...Array.from({ length: 500 }, draw)]);
  for (const largest of [1, 0.25, 0, 1e-38, Number.POSITIVE_INFINITY, Number.NaN]) {
    const image = new Uint8ClampedArray(4 * activations.length);
    inkNeuron(new Uint32Array(image.buffer), pixelsOf(colours), { activations, largest });
    const expected = new Uint8ClampedArray([...activations].flatMap((a) => [...wanted(a, largest), 255]));
    assert.deepEqual(image, expected, `largest ${largest}`);
  }
});

test("the largest value is that of the absolute values; of no numbers it is none", () => {
  assert.equal(largestOf(singles([0.5, -2, 1])), 2);
  assert.equal(largestOf(singles([])), 0);
  assert.ok(Number.isNaN(largestOf(singles([1, Number.NaN, 2]))));
});

test("a moment is evaluated in the arrays of the one before, unless the points are others", () => {
  const layout = new FrameLayout([2, 2, 1]);
  const frame = (/** @type {number[]} */ parameters) =>
    new Frame(layout, new Float64Array(layout.floatsPerRun), singles(parameters));
  const scene = /** @type {const} */ ({
    plane: PLANE,
    training: { count: 1, x: singles([1]), y: singles([2]) },
    hidden: "relu",
  });
  const first = new Evaluation(frame([1, 0, 0, 1, 0, 0, 1, 1, 0]), scene);
  const second = new Evaluation(frame([1, -1, 1, 1, 0, 1, 3, 0.5, -2]), scene, first);
  assert.equal(second.overPlane[0][0], first.overPlane[0][0]);
  assert.deepEqual([second.isSilent(0, 0), second.isSilent(0, 1)], [true, false]);
  assert.deepEqual(
    second.onTraining.map((layer) => layer.map((a) => a[0])),
    [[0, 4], [0.5]],
  );
  assert.notEqual(new Evaluation(first.frame, { ...scene }, second).overPlane[0][0], second.overPlane[0][0]);
});
