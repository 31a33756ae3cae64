// What charts compute before they draw.

import assert from "node:assert/strict";
import test from "node:test";
import { curvePieces, markedPlaces, nearest, plotFrame } from "../../init_utils/lab/src/charts/line-chart.js";
import { contour } from "../../init_utils/lab/src/compute/contour.js";
import { spreadLabels } from "../../init_utils/lab/src/compute/labels.js";
import { isDark, lookOf, ramp } from "../../init_utils/lab/src/draw/palette.js";
import { REPEAT_DASHES } from "../../init_utils/lab/src/shared.js";

test("a lane for zeros and a title make the plot smaller", () => {
  const plain = { labels: 0, titled: false, zeroLane: false, hasZeros: false };
  assert.deepEqual(plotFrame({ width: 300, height: 132 }, plain), {
    left: 46,
    right: 286,
    top: 8,
    bottom: 112,
    floor: 112,
  });
  const full = { labels: 60, titled: true, zeroLane: true, hasZeros: true };
  assert.deepEqual(plotFrame({ width: 300, height: 132 }, full), {
    left: 62,
    right: 240,
    top: 8,
    bottom: 98,
    floor: 78,
  });
});

test("labels keep apart, in their order, inside the chart", () => {
  assert.deepEqual(spreadLabels([10, 12, 50], { top: 8, bottom: 100, apart: 13 }), [10, 23, 50]);
  assert.deepEqual(spreadLabels([95, 99, 99], { top: 8, bottom: 100, apart: 13 }), [74, 87, 100]);
  assert.deepEqual(spreadLabels([], { top: 8, bottom: 100, apart: 13 }), []);
});

test("the readout takes the nearest x", () => {
  assert.equal(nearest([0, 10, 100], 40), 1);
  assert.equal(nearest([0, 10, 100], 90), 2);
});

test("a curve is marked at its tip while it grows, and on its way", () => {
  const across = Array.from({ length: 11 }, (_, index) => index * 10);
  assert.deepEqual(
    markedPlaces(across.slice(0, 2), { left: 0, right: 100, top: 0, bottom: 1, floor: 1 }, 0),
    [1],
  );
  assert.deepEqual(
    markedPlaces(across, { left: 0, right: 100, top: 0, bottom: 1, floor: 1 }, 0),
    [2, 4, 7, 9],
  );
});

test("a grid that is one half on the left and nothing on the right has one straight boundary", () => {
  const cells = new Uint8Array([0, 255, 0, 255]);
  const segments = contour(cells, 2);
  assert.equal(segments.length, 4);
  assert.deepEqual(segments, [0.5, 0.25, 0.5, 0.75]);
});

test("a grid of one class has no boundary, a saddle has two pieces", () => {
  assert.deepEqual(contour(new Uint8Array([9, 9, 9, 9]), 2), []);
  assert.equal(contour(new Uint8Array([0, 255, 255, 0]), 2).length, 8);
});

test("a boundary has the pieces that a look at every cell finds", () => {
  let state = 11;
  const side = 17;
  const cells = Uint8Array.from({ length: side * side }, () => {
    state = (state * 16807) % 2147483647;
    return state % 256;
  });
  const mixed = [];
  for (let row = 0; row < side - 1; row += 1)
    for (let column = 0; column < side - 1; column += 1) {
      const at = row * side + column;
      const above = [at, at + 1, at + side + 1, at + side].map((place) => cells[place] > 127.5);
      const changes = above.filter((value, edge) => value !== above[(edge + 1) % 4]).length;
      mixed.push(...Array(changes / 2).fill([column, row]));
    }
  const segments = contour(cells, side);
  assert.equal(segments.length, 4 * mixed.length);
  mixed.forEach(([column, row], piece) => {
    const [x1, y1, x2, y2] = segments.slice(4 * piece, 4 * piece + 4).map((value) => value * side - 0.5);
    for (const [x, y] of [
      [x1, y1],
      [x2, y2],
    ]) {
      assert.ok(x >= column - 1e-9 && x <= column + 1 + 1e-9 && y >= row - 1e-9 && y <= row + 1 + 1e-9);
    }
  });
});

test("a ramp runs through its three stops", () => {
  const colours = ramp(["#000000", "#808080", "#ffffff"]);
  assert.deepEqual(
    [colours[0], colours[255]],
    [
      [0, 0, 0],
      [255, 255, 255],
    ],
  );
  assert.equal(colours.length, 256);
});

test("the theme is that of the background", () => {
  assert.ok(isDark("rgb(17, 17, 17)"));
  assert.ok(!isDark("rgb(255, 255, 255)"));
});

test("a repeated scheme keeps colour and mark and changes its dash", () => {
  const first = lookOf({ scheme: "random", repeat: 0 }, { dark: false });
  const second = lookOf({ scheme: "random", repeat: 1 }, { dark: false });
  assert.deepEqual([second.colour, second.mark], [first.colour, first.mark]);
  assert.deepEqual(second.dash, REPEAT_DASHES[0]);
  assert.notEqual(lookOf({ scheme: "random", repeat: 0 }, { dark: true }).colour, first.colour);
});

test("a curve breaks at gaps; the lane of zeros holds segments with an end at 0 only", () => {
  const values = [1, 0, 0, 2, 3, Number.NaN, 4, 5];
  assert.deepEqual(curvePieces(values, { isZeros: false }), [
    [0, 1, 2, 3, 4],
    [6, 7],
  ]);
  assert.deepEqual(curvePieces(values, { isZeros: true }), [[0, 1, 2, 3]]);
  assert.deepEqual(curvePieces([1e-9, 1e-8], { isZeros: true }), []); // below an axis is not 0
});
