import assert from "node:assert/strict";
import test from "node:test";
import {
  parseNumber,
  parseOptionalWhole,
  parsePerRun,
  parseSizes,
  parseWhole,
  writePerRun,
} from "../../init_utils/lab/src/compute/parsing.js";
import { LIMITS } from "../../init_utils/lab/src/shared.js";

const sizes = (/** @type {string} */ text) => parseSizes(text, LIMITS.hidden_layers);

test("layer sizes are read with commas, spaces, dashes or crosses", () => {
  for (const text of ["10, 5", "10 5", "10-5", "10x5", " 10;5 "]) assert.deepEqual(sizes(text), [10, 5]);
});

test("no sizes are a network without hidden layers", () => {
  assert.deepEqual(sizes(""), []);
});

test("sizes outside the limit of Python's table are refused", () => {
  for (const text of ["0", "65", "2.5", "ten", "1 1 1 1 1 1 1"]) assert.equal(sizes(text), undefined);
  assert.deepEqual(sizes("64 1 1 1 1 1"), [64, 1, 1, 1, 1, 1]);
});

test("a number is read within its limit, both ends included", () => {
  const { noise } = LIMITS;
  assert.deepEqual(
    ["0", "1", "0.25"].map((text) => parseNumber(text, noise)),
    [0, 1, 0.25],
  );
  for (const text of ["", " ", "1.01", "-0.1", "NaN", "Infinity", "a"]) {
    assert.equal(parseNumber(text, noise), undefined);
  }
});

test("a whole number has no fraction", () => {
  assert.equal(parseWhole("300", LIMITS.points), 300);
  for (const text of ["300.5", "19", "2001", ""]) assert.equal(parseWhole(text, LIMITS.points), undefined);
});

test("an empty seed is no seed", () => {
  assert.equal(parseOptionalWhole("", LIMITS.seed), null);
  assert.equal(parseOptionalWhole("7", LIMITS.seed), 7);
  assert.equal(parseOptionalWhole("-7", LIMITS.seed), undefined);
});

test("a gain is one number, or one for each run that is named", () => {
  const names = ["random", "he", "constant 0.5"];
  const gain = (/** @type {string} */ text) => parsePerRun(text, LIMITS.gain, names);
  assert.equal(gain("0.3"), 0.3);
  assert.deepEqual(gain("random 0.3"), { random: 0.3 });
  assert.deepEqual(gain("random x0.3, constant 0.5 2"), { random: 0.3, "constant 0.5": 2 });
  for (const wrong of ["", "-1", "random", "nobody 1", "random 2000", "random 0.3,"]) {
    assert.equal(gain(wrong), undefined, wrong);
  }
  assert.equal(writePerRun({ random: 0.3, he: 2 }), "random 0.3, he 2");
  assert.deepEqual(gain(writePerRun({ random: 0.3, he: 2 })), { random: 0.3, he: 2 });
});
