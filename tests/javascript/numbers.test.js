import assert from "node:assert/strict";
import test from "node:test";
import {
  accuracy,
  capitalised,
  figure,
  median,
  percent,
  tickLabel,
  whole,
} from "../../init_utils/lab/src/compute/numbers.js";

test("ticks are plain in the middle and powers of ten outside", () => {
  assert.deepEqual(
    [0, 0.001, 20, 10_000].map((value) => tickLabel(value)),
    ["0", "0.001", "20", "10,000"],
  );
  assert.deepEqual(
    [1e-4, 2e-7, 1e6].map((value) => tickLabel(value)),
    ["10⁻⁴", "2·10⁻⁷", "10⁶"],
  );
});

test("on a wide axis only 1, 10 and 100 are plain", () => {
  const labels = [0.1, 1, 100, 1000].map((value) => tickLabel(value, { wide: true }));
  assert.deepEqual(labels, ["10⁻¹", "1", "100", "10³"]);
});

test("a figure has three digits", () => {
  assert.deepEqual([0, 0.38149, 12.345, 1774.3, 1e-5].map(figure), [
    "0",
    "0.381",
    "12.3",
    "1,774",
    "1.0·10^-5",
  ]);
});

test("what is not finite is named", () => {
  assert.deepEqual([null, Number.NaN, Number.POSITIVE_INFINITY].map(figure), Array(3).fill("not finite"));
  assert.equal(percent(null), "–");
});

test("shares are per cent, counts have separators", () => {
  assert.equal(percent(0.995), "99 %");
  assert.equal(percent(0.5), "50 %");
  assert.equal(percent(1.2), "120 %");
  assert.equal(whole(14_999.6), "15,000");
});

test("only 0 is 0 %, and only the whole is 100 %", () => {
  assert.deepEqual([0, 1e-9, 0.9999, 1].map(accuracy), ["0 %", "0.1 %", "99.9 %", "100 %"]);
  assert.equal(accuracy(0.99333), "99.3 %");
});

test("the median of an even number of values lies between the middle two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test("a sentence starts with a capital", () => {
  assert.equal(capitalised("learned"), "Learned");
  assert.equal(capitalised(""), "");
});
