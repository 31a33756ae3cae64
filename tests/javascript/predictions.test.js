import assert from "node:assert/strict";
import test from "node:test";
import { scalesInWords, shareOf } from "../../init_utils/lab/src/charts/scale.js";
import { predictedCurve, SHAPES } from "../../init_utils/lab/src/views/predictions.js";
import { heMiddle } from "../../init_utils/lab/src/views/scale.js";

test("there are five shapes, each from the run's own start", () => {
  assert.equal(Object.keys(SHAPES).length, 5);
  for (const shape of Object.keys(SHAPES)) {
    const { x, y } = predictedCurve(shape, { start: 0.88, iterations: 15_000 });
    assert.equal(x[0], 0);
    assert.equal(x[x.length - 1], 15_000);
    assert.ok(Math.abs(y[0] - 0.88) < 1e-12);
  }
});

test("shapes end where their words say", () => {
  const end = (/** @type {string} */ shape) =>
    predictedCurve(shape, { start: 0.7, iterations: 100 }).y.slice(-1)[0];
  assert.equal(end("stays"), 0.7);
  assert.ok(Math.abs(end("quick") - 0.05) < 1e-3);
  assert.ok(Math.abs(end("slow") - 0.05) < 1e-12);
  assert.ok(end("stuck") > 0.15 && end("stuck") < 0.25);
  assert.ok(end("rises") > 0.7);
});

test("He stands at 1 and the axis reaches from an eighth to 32", () => {
  assert.equal(shareOf(1 / 8), 0);
  assert.equal(shareOf(32), 1);
  assert.equal(shareOf(1), 3 / 8);
  assert.ok(shareOf(0.015) < 0);
});

test("ten stands at 15.2 times He, a hundredth at 0.0152, for the published network", () => {
  const middle = heMiddle([2, 10, 5, 1]);
  assert.equal((10 / middle).toFixed(1), "15.2");
  assert.equal((0.01 / middle).toFixed(4), "0.0152");
});

test("the medians are told", () => {
  const row = { name: "He × 1", note: "", costs: [0.1, null, 0.3], accuracies: [0.9, null, 1] };
  assert.deepEqual(scalesInWords([row]), ["He × 1: median cost 0.200, median test accuracy 95 %"]);
});
