import assert from "node:assert/strict";
import test from "node:test";
import { profileInWords, ratioOf, readProfiles } from "../../init_utils/lab/src/charts/profiles.js";
import { DIAL } from "../../init_utils/lab/src/shared.js";

test("profiles are read in the order in which they are written", () => {
  const depth = 4;
  const perScheme = depth * (2 * (DIAL.bins + 1) + 4);
  const floats = Float32Array.from({ length: DIAL.schemes.length * perScheme }, (_, place) => place);
  const { depth: found, profiles } = readProfiles(floats);
  assert.equal(found, depth);
  assert.equal(profiles.length, 3);
  const [first, second] = profiles;
  assert.equal(first.activations.shares[0], 0);
  assert.equal(first.gradients.shares[0], depth * (DIAL.bins + 1));
  const sizes = 2 * depth * (DIAL.bins + 1);
  assert.deepEqual([...first.activations.measured], [sizes, sizes + 1, sizes + 2, sizes + 3]);
  assert.equal(first.gradients.measured[0], sizes + depth);
  assert.equal(first.activations.theory[0], sizes + 2 * depth);
  assert.equal(first.gradients.theory[3], perScheme - 1);
  assert.equal(second.activations.shares[0], perScheme);
});

test("the ratio of a layer is the mean over all", () => {
  assert.ok(Math.abs(ratioOf(Float32Array.of(1, 0.5, 0.25)) - 0.5) < 1e-7);
  assert.ok(Number.isNaN(ratioOf(Float32Array.of(1))));
});

test("measured and predicted ratios are told side by side", () => {
  const side = (/** @type {number} */ ratio) => {
    const sizes = Float32Array.of(1, ratio, ratio ** 2);
    return { shares: new Float32Array(), measured: sizes, theory: Float32Array.of(1, 1, 1) };
  };
  assert.equal(
    profileInWords("Xavier", { activations: side(0.5), gradients: side(2) }),
    "Xavier: activations × 0.500 a layer (theory 1.00), gradients × 0.500 a layer back (theory 1.00)",
  );
});
