import assert from "node:assert/strict";
import test from "node:test";
import {
  linearTicks,
  logRange,
  logShare,
  logTicks,
  snapped,
} from "../../init_utils/lab/src/compute/ticks.js";

test("a short logarithmic axis has ticks at 1, 2, 5, 10", () => {
  assert.deepEqual(logTicks(0.1, 1, 9), [0.1, 0.2, 0.5, 1]);
});

test("a long logarithmic axis has decades only, and never more than wanted", () => {
  assert.deepEqual(logTicks(1, 1000, 9), [1, 10, 100, 1000]);
  assert.ok(logTicks(1e-12, 1e12, 5).length <= 5);
});

test("the last decade is kept when ticks are left out", () => {
  assert.equal(logTicks(1e-6, 1e6, 4).at(-1), 1e6);
});

test("ticks of iterations are round and start at 0", () => {
  assert.deepEqual(linearTicks(15_000, 4), [0, 5_000, 10_000, 15_000]);
  assert.deepEqual(linearTicks(1, 4), [0, 0.5, 1]);
});

test("values snap outwards to 1, 2, 5, 10", () => {
  assert.equal(snapped(0.3, "down"), 0.2);
  assert.equal(snapped(0.3, "up"), 0.5);
  assert.equal(snapped(7, "up"), 10);
  assert.equal(snapped(20, "down"), 20);
  assert.equal(snapped(20, "up"), 20);
});

test("the range holds every positive finite value", () => {
  assert.deepEqual(
    logRange([
      [0.3, 40],
      [0, Number.NaN, Number.POSITIVE_INFINITY, 700],
    ]),
    [0.2, 1000],
  );
});

test("a range spans at least a factor of 5, and there is one without values", () => {
  const [low, high] = logRange([[0.4]]);
  assert.ok(low < 0.4 && high > 0.4 && high / low >= 5);
  assert.deepEqual(logRange([]), [0.1, 1]);
});

test("values beyond floor and ceiling do not stretch the range", () => {
  const [low, high] = logRange([[1e-30, 1e30]], { floor: 1e-6, ceiling: 1e6 });
  assert.ok(Math.abs(low / 1e-6 - 1) < 1e-9);
  assert.equal(high, 1e6);
});

test("the share of a logarithmic axis is 0 at its low end and 1 at its high end", () => {
  assert.equal(logShare(1, [1, 100]), 0);
  assert.ok(Math.abs(logShare(10, [1, 100]) - 0.5) < 1e-12);
  assert.equal(logShare(100, [1, 100]), 1);
});
