// The same fixture as tests/test_lab_random.py, which writes it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { makeData } from "../../init_utils/lab/src/engine/datasets.js";
import { RandomState } from "../../init_utils/lab/src/engine/random.js";
import { builtInStart, Starts, scaled } from "../../init_utils/lab/src/engine/starts.js";
import { LIMITS } from "../../init_utils/lab/src/shared.js";

const fixture = JSON.parse(readFileSync(new URL("random.json", import.meta.url), "utf-8"));

/**
 * How many floats apart two numbers are.
 *
 * @param {number} found
 * @param {number} wanted
 */
function ulps(found, wanted) {
  const ulp = 2 ** Math.max(-1022, Math.floor(Math.log2(Math.abs(wanted) || Number.MIN_VALUE)) - 52);
  return Math.abs(found - wanted) / ulp;
}

for (const known of fixture.draws) {
  const seed = known.seed;
  test(`seed ${JSON.stringify(seed).slice(0, 20)}: integers are NumPy's bit for bit, normals to one ulp`, () => {
    const integers = new RandomState(seed);
    for (const wanted of known.integers) assert.equal(integers.uint32(), wanted);
    const uniforms = new RandomState(seed);
    for (const wanted of known.uniforms) assert.equal(uniforms.uniform(), wanted);
    assert.deepEqual(new RandomState(seed).permutation(300), known.permutation);
    const apart = [...new RandomState(seed).normals(1001)].map((found, at) => ulps(found, known.normals[at]));
    // Two where the C library's own logarithm is not the nearest float: about 1 in 2,000.
    assert.ok(Math.max(...apart) <= 2);
    assert.ok(apart.filter((one) => one > 1).length <= 4);
  });
}

for (const known of fixture.datasets) {
  test(`${known.settings.points} points of ${known.settings.dataset} are Python's`, () => {
    const data = makeData(known.settings);
    for (const part of /** @type {const} */ (["train", "test"])) {
      assert.deepEqual([...data[part].Y], known[part].Y);
      data[part].X.forEach((found, at) => {
        assert.ok(Math.abs(found - known[part].X[at]) < 1e-14);
      });
    }
  });
}

test("every data set has as many points of each class, inside the picture", () => {
  for (const dataset of LIMITS.dataset.values) {
    const { train, test: apart } = makeData({ dataset, noise: 0, points: 81, data_seed: 5 });
    assert.equal(train.count, 81);
    assert.equal(apart.count, 27);
    const blue = train.Y.reduce((sum, label) => sum + label, 0);
    assert.ok(Math.abs(blue - 40.5) < 1, `${dataset}: ${blue}`);
    assert.ok(train.X.every((value) => Math.abs(value) < 1.6));
    assert.notDeepEqual(train.X.slice(0, 5), apart.X.slice(0, 5));
  }
});

test("the built-in He is what NumPy draws from the lab's own seeds", () => {
  for (const { seed, parameters } of fixture.he) {
    builtInStart("He", [2, 10, 5, 1], seed).forEach((found, at) => {
      assert.ok(ulps(found, parameters[at]) <= 3);
    });
  }
});

test("a constant start is the same for every seed, and its biases are 0", () => {
  assert.deepEqual([...builtInStart("constant 0.5", [2, 1, 1], 7)], [0.5, 0.5, 0, 0.5, 0]);
});

test("a scale multiplies every W and no b", () => {
  const changed = scaled(Float64Array.of(1, 2, 3, 4, 5), [2, 1, 1], (layer) => 10 ** (layer + 1));
  assert.deepEqual([...changed], [10, 20, 3, 400, 5]);
});

const mine = {
  name: "mine",
  argument: "initialize_parameters_mine",
  message: "",
  note: "",
  starts: { own: Float64Array.of(1, 2, 3), 1: Float64Array.of(4, 5, 6), 2: Float64Array.of(7, 8, 9) },
};

test("a student's starts are those that were stored; what is not stored is refused with the reason", () => {
  const starts = new Starts([mine], [2, 1]);
  assert.deepEqual(starts.draw("mine", [2, 1], null), { parameters: mine.starts.own, message: "" });
  assert.deepEqual(starts.draw("mine", [2, 1], 2).parameters, mine.starts[2]);
  assert.equal(
    starts.draw("mine", [2, 1], 3).message,
    "This page holds the weights of this function for the seeds 1 to 2 only: for seed 3 open the lab in Python.",
  );
  assert.equal(
    starts.draw("mine", [2, 4, 1], null).message,
    "This page holds the weights of this function for 2-1 only: for 2-4-1 open the lab in Python.",
  );
});

test("the built-in He stands beside no student's functions", () => {
  const names = (/** @type {Starts} */ starts) => starts.candidates.map(({ name }) => name);
  assert.deepEqual(names(new Starts([], [])), ["He", "Xavier", "constant 0.5", "small 0.01"]);
  assert.deepEqual(names(new Starts([mine], [2, 1])), ["mine", "Xavier", "constant 0.5", "small 0.01"]);
});
