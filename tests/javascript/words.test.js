import assert from "node:assert/strict";
import test from "node:test";
import { FrameLayout } from "../../init_utils/lab/src/frames/layout.js";
import {
  changesInWords,
  diagnosisOf,
  resultsInWords,
  seedsInWords,
  seedsProgress,
} from "../../init_utils/lab/src/words.js";

/** @type {import("../../init_utils/lab/src/connection.js").TableRow} */
const ROW = {
  name: "he",
  message: "",
  note: "",
  diagnosis: "learned",
  start_cost: 0.88,
  cost: 0.0648,
  train_accuracy: 0.99,
  test_accuracy: 0.96,
  seconds: 1,
  iteration: 15_000,
};

test("a note stands behind the diagnosis", () => {
  assert.equal(diagnosisOf(ROW), "Learned");
  assert.equal(diagnosisOf({ ...ROW, note: "ignores the seed" }), "Learned (ignores the seed)");
});

test("results name every run that has a network", () => {
  const broken = { ...ROW, name: "mine", message: "W1 has shape (2, 10)" };
  assert.equal(resultsInWords([ROW, broken]), "he cost 0.0648, test 96.0 %");
});

test("results over seeds leave out what overflowed", () => {
  const row = { name: "he", note: "", costs: [0.1, null, 0.3], accuracies: [0.9, null, 0.8] };
  assert.equal(
    seedsInWords(row),
    "he: median cost 0.200, from 0.100 to 0.300; median test accuracy 85.0 %, from 80.0 % to 90.0 %",
  );
  assert.equal(seedsInWords({ ...row, costs: [], accuracies: [] }), "he: no result yet");
});

test("progress over seeds counts trainings", () => {
  assert.match(seedsProgress({}), /^Trains every run/);
  const strip = {
    rows: [{ name: "he", note: "", costs: [], accuracies: [] }],
    done: 3,
    total: 9,
    stopped: true,
  };
  assert.equal(seedsProgress(strip), "3 of 9 trainings, stopped. Bar: median.");
});

test("the change of each W is told once there is a moment to count from", () => {
  const layout = new FrameLayout([2, 3, 1]);
  const figures = new Float64Array(layout.floatsPerRun).fill(Number.NaN);
  figures[0] = 50;
  const cells = new Uint8Array(layout.bytesPerRun);
  const words = () => {
    const frame = layout.frame(figures, cells, 0);
    return frame && changesInWords(frame);
  };
  assert.equal(words(), "Change of each W: shown from iteration 100 on.");
  const [start] = layout.places.get("changes") ?? [0];
  figures.set([0.04, 1.16], start);
  assert.equal(words(), "Changed since iteration 100: W1 4 %, W2 116 %.");
});
