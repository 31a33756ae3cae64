// Where the arrow keys lead among the pictures of neurons.

import assert from "node:assert/strict";
import test from "node:test";
import { placeAfter } from "../../init_utils/lab/src/views/neurons.js";

const COUNTS = [10, 5];

test("arrows move within a layer and stop at its ends", () => {
  assert.deepEqual(placeAfter({ layer: 0, neuron: 3 }, "ArrowRight", COUNTS), { layer: 0, neuron: 4 });
  assert.deepEqual(placeAfter({ layer: 0, neuron: 9 }, "ArrowRight", COUNTS), { layer: 0, neuron: 9 });
  assert.deepEqual(placeAfter({ layer: 1, neuron: 0 }, "ArrowLeft", COUNTS), { layer: 1, neuron: 0 });
  assert.deepEqual(placeAfter({ layer: 1, neuron: 2 }, "Home", COUNTS), { layer: 1, neuron: 0 });
  assert.deepEqual(placeAfter({ layer: 0, neuron: 2 }, "End", COUNTS), { layer: 0, neuron: 9 });
});

test("arrows up and down change the layer, and stay inside it", () => {
  assert.deepEqual(placeAfter({ layer: 0, neuron: 8 }, "ArrowDown", COUNTS), { layer: 1, neuron: 4 });
  assert.deepEqual(placeAfter({ layer: 1, neuron: 4 }, "ArrowUp", COUNTS), { layer: 0, neuron: 4 });
  assert.equal(placeAfter({ layer: 0, neuron: 0 }, "ArrowUp", COUNTS), null);
  assert.equal(placeAfter({ layer: 1, neuron: 0 }, "ArrowDown", COUNTS), null);
  assert.equal(placeAfter({ layer: 1, neuron: 0 }, "a", COUNTS), null);
});

test("in a net, where layers are columns, up and down stay in a layer and left and right change it", () => {
  const inColumns = { inColumns: true };
  assert.deepEqual(placeAfter({ layer: 0, neuron: 3 }, "ArrowDown", COUNTS, inColumns), {
    layer: 0,
    neuron: 4,
  });
  assert.deepEqual(placeAfter({ layer: 0, neuron: 8 }, "ArrowRight", COUNTS, inColumns), {
    layer: 1,
    neuron: 4,
  });
  assert.deepEqual(placeAfter({ layer: 1, neuron: 2 }, "ArrowLeft", COUNTS, inColumns), {
    layer: 0,
    neuron: 2,
  });
  assert.equal(placeAfter({ layer: 1, neuron: 0 }, "ArrowRight", COUNTS, inColumns), null);
});
