import assert from "node:assert/strict";
import test from "node:test";
import { FrameLayout } from "../../init_utils/lab/src/frames/layout.js";
import {
  changesInWords,
  diagnosisOf,
  lineWords,
  neuronWords,
  pairsInWords,
  resultsInWords,
  seedNoteOf,
  seedsInWords,
  settingsInWords,
  sweepProgress,
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
  assert.deepEqual(
    ["", "ignores the seed", "draws nothing: the same for every seed"].map((note) =>
      seedNoteOf({ ...ROW, note }),
    ),
    ["", "ignores the seed", "same for every seed"],
  );
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

test("progress counts trainings and says how long the rest takes", () => {
  assert.equal(sweepProgress({}, "Trains every run."), "Trains every run.");
  const rows = [{ name: "he", note: "", costs: [], accuracies: [] }];
  const sweep = { rows, done: 3, total: 9, remaining_s: 11.6 };
  assert.equal(sweepProgress(sweep, ""), "3 of 9 trainings, about 12 s left.");
  assert.equal(sweepProgress({ ...sweep, stopped: true }, ""), "3 of 9 trainings, stopped.");
  assert.equal(sweepProgress({ ...sweep, done: 9, remaining_s: 0 }, ""), "9 of 9 trainings.");
  assert.equal(sweepProgress({ ...sweep, done: 0, remaining_s: null }, ""), "0 of 9 trainings.");
});

test("runs are compared seed by seed", () => {
  const row = (/** @type {string} */ name, /** @type {(number | null)[]} */ costs) => ({
    ...{ name, note: "", costs, accuracies: [] },
  });
  const random = row("random", [0.4, 0.3, 0.2, null]);
  const he = row("he", [0.1, 0.2, 0.3, 0.1]);
  assert.equal(pairsInWords([random, he]), "From the same seed he ends ahead of random in 3 of 4.");
  const zeros = { ...row("zeros", [0.7]), note: "draws nothing" };
  assert.equal(pairsInWords([zeros, he]), "");
  const Xavier = row("Xavier", [0.2, 0.1, 0.1, 0.2]);
  assert.equal(
    pairsInWords([random, he, Xavier]),
    "From the same seed Xavier ends ahead of random in 4 of 4, of he in 2 of 4.",
  );
});

test("the change of each W is told once there is a moment to count from", () => {
  const layout = new FrameLayout([2, 3, 1]);
  const figures = new Float64Array(layout.floatsPerRun).fill(Number.NaN);
  figures[0] = 50;
  const parameters = new Float32Array(layout.parametersPerRun);
  const words = () => {
    const frame = layout.frame(figures, parameters, 0);
    return frame && changesInWords(frame);
  };
  assert.equal(words(), "Change of each W: shown from iteration 100 on.");
  const [start] = layout.places.get("changes") ?? [0];
  figures.set([0.04, 1.16], start);
  assert.equal(words(), "Changed since iteration 100: W1 4 %, W2 116 %.");
});

test("a neuron's name says where it stands and what it does", () => {
  const place = { layer: 1, neuron: 2, size: 5 };
  assert.equal(
    neuronWords(place, { share: 0.41, largest: 2.1, isSilent: false }),
    "Layer 2, neuron 3 of 5: active on 41 % of the points, largest value 2.10",
  );
  assert.equal(
    neuronWords(place, { share: 0, largest: 0, isSilent: true }),
    "Layer 2, neuron 3 of 5: silent on all points",
  );
});

test("the line of a neuron of layer 1 has true signs", () => {
  assert.equal(lineWords([-1.33, 5.22], -2.46), "Its line: −1.33 x1 + 5.22 x2 − 2.46 = 0");
  assert.equal(lineWords([0.5, -0.25], 0), "Its line: 0.500 x1 − 0.250 x2 + 0 = 0");
});

test("the settings are told in a line", () => {
  const settings = {
    compare: ["zeros", "he"],
    dataset: "circles",
    points: 2000,
    hidden_layers: [10, 5],
    hidden: "relu",
    learning_rate: 0.01,
    iterations: 15_000,
    gain: 1,
    seed: null,
  };
  const get = (/** @type {string} */ name) => /** @type {any} */ (settings)[name];
  assert.deepEqual(Object.values(settingsInWords(get)), [
    "2 runs",
    "circles, 2,000 points",
    "2-10-5-1 relu",
    "rate 0.01, 15,000 steps",
    "gain 1, own seed",
  ]);
});
