// The same fixture as tests/test_lab_layout.py, which writes it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { FrameLayout } from "../../init_utils/lab/src/frames/layout.js";
import { FRAME } from "../../init_utils/lab/src/shared.js";

const fixture = JSON.parse(readFileSync(new URL("frames.json", import.meta.url), "utf-8"));
const layout = new FrameLayout(fixture.layers_dims);

/** @param {string} text base64 */
function bytes(text) {
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** @param {import("../../init_utils/lab/src/frames/layout.js").Frame | null} frame */
function inNames(frame) {
  if (!frame) return null;
  return {
    ...Object.fromEntries(FRAME.figures.map((name) => [name, frame.figure(name)])),
    ...Object.fromEntries(
      [...FRAME.layerFigures, ...FRAME.hiddenFigures].map((name) => [name, [...frame.ofLayers(name)]]),
    ),
    parameters: [...frame.parameters],
  };
}

test("a frame has the size that Python gives it", () => {
  assert.equal(layout.parametersPerRun, fixture.parameters_per_run);
  assert.equal(layout.floatsPerRun, fixture.floats_per_run);
});

test("every part of Python's frames is found by its name; a run without a network is null", () => {
  const figures = new Float64Array(bytes(fixture.figures).buffer);
  const parameters = new Float32Array(bytes(fixture.parameters).buffer);
  fixture.frames.forEach((/** @type {unknown} */ expected, /** @type {number} */ place) => {
    assert.deepEqual(inNames(layout.frame(figures, parameters, place)), expected);
  });
});

test("a network without hidden layers has one layer of weights", () => {
  const plain = new FrameLayout([2, 1]);
  const frame = plain.frame(
    new Float64Array(plain.floatsPerRun),
    new Float32Array(plain.parametersPerRun),
    0,
  );
  assert.deepEqual(
    frame?.layers.map(({ size, inputs }) => [size, inputs]),
    [[1, 2]],
  );
  assert.equal(frame?.ranks.length, 1);
});
