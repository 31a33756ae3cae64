// The edges of a drawn net, and the line of a neuron of the first layer.

import assert from "node:assert/strict";
import test from "node:test";
import { edgesOf, largestWeight } from "../../init_utils/lab/src/charts/net.js";
import { lineAcross } from "../../init_utils/lab/src/compute/line.js";

const layerOf = (/** @type {number[]} */ W) => ({
  size: W.length / 2,
  inputs: 2,
  W: Float32Array.from(W),
  b: new Float32Array(W.length / 2),
});

test("an edge is as wide as its weight is large, and knows its ends and its sign", () => {
  const layer = layerOf([2, -1, 0, 0.5]);
  assert.equal(largestWeight(layer), 2);
  assert.deepEqual(edgesOf(layer, 2), [
    { from: 0, to: 0, width: 4, isNegative: false },
    { from: 1, to: 0, width: 2, isNegative: true },
    { from: 1, to: 1, width: 1, isNegative: false },
  ]);
});

test("against a larger weight of another run the edges are finer", () => {
  assert.deepEqual(
    edgesOf(layerOf([2, -1]), 20).map(({ width }) => width),
    [0.4, 0.2],
  );
});

test("there are no edges at zero weights, nor where weights are not finite", () => {
  assert.deepEqual(edgesOf(layerOf([0, 0]), 0), []);
  assert.deepEqual(edgesOf(layerOf([Number.NaN, Number.POSITIVE_INFINITY]), Number.POSITIVE_INFINITY), []);
});

test("the line of a neuron crosses the picture where w x + b = 0", () => {
  // x1 - 1 = 0 in a picture from -2 to 2: three quarters of the way to the right, from below to above
  const line = lineAcross([1, 0], -1, [-2, 2, -2, 2]);
  assert.ok(line);
  const [[x, y], [otherX, otherY]] = line;
  assert.deepEqual([x, otherX], [0.75, 0.75]);
  assert.ok(Math.min(y, otherY) < 0 && Math.max(y, otherY) > 1);
});

test("the ends of a slanted line lie outside the picture and on the line", () => {
  const [w1, w2, b] = [3, -4, 0.5];
  const line = lineAcross([w1, w2], b, [-1, 1, -1, 1]);
  assert.ok(line);
  for (const [across, down] of line) {
    assert.ok(Math.abs(w1 * (2 * across - 1) + w2 * (1 - 2 * down) + b) < 1e-9);
    assert.ok(across < 0 || across > 1 || down < 0 || down > 1);
  }
});

test("a neuron without weights has no line", () => {
  assert.equal(lineAcross([0, 0], 1, [-1, 1, -1, 1]), null);
  assert.equal(lineAcross([Number.NaN, 1], 1, [-1, 1, -1, 1]), null);
});
