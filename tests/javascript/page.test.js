import assert from "node:assert/strict";
import test from "node:test";
import { readProfiles } from "../../init_utils/lab/src/charts/profiles.js";
import { deepCurves, profilesOf } from "../../init_utils/lab/src/engine/depth.js";
import { identify } from "../../init_utils/lab/src/engine/identities.js";
import { LabEngine } from "../../init_utils/lab/src/engine/lab.js";
import { defaultSettings, SettingsError } from "../../init_utils/lab/src/engine/settings.js";
import { Trainer, Trainers } from "../../init_utils/lab/src/engine/trainer.js";
import { readState, writeState } from "../../init_utils/lab/src/page/address.js";
import { serve } from "../../init_utils/lab/src/page/worker-trainer.js";
import { DEEP } from "../../init_utils/lab/src/shared.js";

const NAMES = ["He", "Xavier", "constant 0.5", "small 0.01"];
const SHORT = { iterations: 40, pace: 0, points: 40 };

/**
 * An engine whose clock goes on by a millisecond at every look, and what it tells.
 *
 * @param {Partial<import("../../init_utils/lab/src/connection.js").Settings>} settings
 * @param {import("../../init_utils/lab/src/engine/starts.js").StoredFunction[]} functions
 * @param {Trainers} [trainers]
 */
function opened(settings = {}, functions = [], trainers = undefined) {
  let time = 0;
  const now = () => {
    time += 1;
    return time;
  };
  /** @type {any} */
  const state = {};
  /** @type {any[]} */
  const messages = [];
  const made = { functions, dims: [2, 10, 5, 1], settings: { ...SHORT, ...settings } };
  const engine = new LabEngine(
    made,
    (told) => ("message" in told ? messages.push(told.message) : Object.assign(state, told.changes)),
    { now, random: () => 0.35, ...(trainers && { trainers }) },
  );
  Object.assign(state, engine.state());
  return { engine, state, messages };
}

/** @param {LabEngine} engine */
async function workToTheEnd(engine) {
  for (let slice = 0; slice < 100_000; slice += 1) if ((await engine.work(8)) === null) return;
  assert.fail("no end of work");
}

test("a worker that fails says so where the page hears it", async () => {
  /** @type {any} */
  const worker = globalThis;
  /** @type {string[]} */
  const failures = [];
  const names = {
    postMessage: () => {},
    reportError: (/** @type {Error} */ error) => failures.push(error.message),
  };
  Object.assign(worker, names);
  serve();
  await worker.onmessage({ data: ["train", [{ of: "lab", start: null, legs: [] }]] });
  for (const name of [...Object.keys(names), "onmessage"]) delete worker[name];
  assert.deepEqual(failures, ["a trainer is given a start before it goes on"]);
});

test("a training goes from ready over running to finished, and every run has its row", async () => {
  const { engine, state } = opened();
  assert.equal(state.status, "ready");
  await engine.act("train");
  assert.equal(state.status, "running");
  await workToTheEnd(engine);
  assert.equal(state.status, "finished");
  assert.deepEqual(
    state.table.map((/** @type {any} */ row) => [row.name, row.iteration]),
    NAMES.map((name) => [name, 40]),
  );
});

test("a pause keeps the moment, and Go on ends where a training without it ends", async () => {
  const [whole, cut] = [opened(), opened()];
  await whole.engine.act("train");
  await workToTheEnd(whole.engine);
  await cut.engine.act("train");
  await cut.engine.work(4);
  await cut.engine.act("pause");
  assert.equal(cut.state.status, "paused");
  await cut.engine.act("train");
  await workToTheEnd(cut.engine);
  const costs = (/** @type {any} */ one) => one.state.table.map((/** @type {any} */ row) => row.cost);
  assert.deepEqual(costs(cut), costs(whole));
});

/** Four that answer after a while: the one asked first comes last. */
function slowTrainers() {
  let made = 0;
  const trainers = new Trainers(() => {
    made += 1;
    const trainer = new Trainer(() => 0);
    const patience = 5 - made;
    const train = trainer.train.bind(trainer);
    trainer.train = async (task) => {
      for (let turn = 0; turn < 4 * patience; turn += 1) await null;
      return train(task);
    };
    return trainer;
  });
  trainers.together = 4;
  return trainers;
}

test("the figures are the same whichever trainer answers first", async () => {
  const [alone, beside] = [opened({ strip_seeds: 5 }), opened({ strip_seeds: 5 }, [], slowTrainers())];
  for (const { engine } of [alone, beside]) {
    await engine.act("train");
    await engine.work(4);
    await engine.act("compare-seeds");
    await workToTheEnd(engine);
    await engine.act("train"); // on from where it was
    await workToTheEnd(engine);
    await engine.act("csv");
  }
  const [costs, others] = [alone, beside].map(({ messages }) => costsIn(messages[0].text));
  assert.deepEqual(others, costs);
  assert.deepEqual(beside.state.strip.rows, alone.state.strip.rows);
  assert.deepEqual([alone.state.status, beside.state.status], ["finished", "finished"]);
});

/** @param {string} text of a CSV file: run, iteration and cost of what any pace of training keeps */
function costsIn(text) {
  const known = new Set(["0", "1", "2", "20", "40"]);
  const rows = text.split("\n").map((line) => line.split(","));
  return rows.filter(([, iteration]) => known.has(iteration)).map((row) => row.slice(0, 3));
}

test("a step after the end takes none and says so; nothing is lost", async () => {
  const { engine, state } = opened();
  await engine.act("train");
  await workToTheEnd(engine);
  await engine.act("step");
  assert.equal(state.message, "The training is over. Reset starts again from iteration 0.");
  assert.equal(state.status, "finished");
});

test("another setting starts again; a refused one leaves all as it was and says why", async () => {
  const { engine, state } = opened();
  const before = state.setup.generation;
  await engine.change("noise", 5);
  assert.equal(state.message, "noise is 5; expected a number from 0 to 1");
  assert.equal(state.setup.generation, before);
  await engine.change("noise", 0.2);
  assert.equal(state.setup.generation, before + 1);
  assert.equal(state.code, "lab(noise=0.2, points=40, iterations=40, pace=0)");
});

test("a run whose curve of depth is not drawn is named, with the reason", async () => {
  const weights = new Float64Array(91).fill(0.1);
  const mine = { name: "mine", argument: "mine", message: "", note: "", starts: { own: weights } };
  const { engine, state } = opened({ compare: ["mine", "Xavier"] }, [mine]);
  await engine.act("history");
  assert.equal(
    state.depth_note,
    "No curve for mine: this page holds the weights of a function for one network only. " +
      "The lab in Python draws its curve.",
  );
  await engine.change("compare", ["Xavier"]);
  assert.equal(state.depth_note, "");
});

test("seeds are compared run by run, and can be stopped", async () => {
  const { engine, state } = opened({ compare: ["He", "constant 0.5"], strip_seeds: 3 });
  await engine.act("compare-seeds");
  await workToTheEnd(engine);
  assert.deepEqual(
    state.strip.rows.map((/** @type {any} */ row) => [row.name, row.note, row.costs.length]),
    [
      ["He", "", 3],
      ["constant 0.5", "draws nothing: the same for every seed", 1],
    ],
  );
  await engine.act("compare-scales");
  await engine.work(1);
  await engine.act("stop");
  assert.equal(state.scales.stopped, true);
  assert.equal(state.scales.total, 70);
});

test("a question sets up the published experiment and its runs", async () => {
  const { engine, state } = opened({ noise: 0.3 });
  await engine.act("question-3");
  assert.deepEqual([state.noise, state.compare, state.question], [0.05, ["He", "constant 0.5"], 3]);
});

test("a student's function that is unfinished has its message, and the others train", async () => {
  const broken = { name: "he", argument: "he", message: "not written yet", note: "", starts: {} };
  const { engine, state } = opened({ compare: ["he", "Xavier"] }, [broken]);
  assert.deepEqual(
    state.table.map((/** @type {any} */ row) => row.message),
    ["not written yet", ""],
  );
  await engine.act("train");
  await workToTheEnd(engine);
  assert.equal(state.table[1].iteration, 40);
});

test("a new seed is one that the student's weights are stored for", async () => {
  const dims = 20 + 10 + 50 + 5 + 5 + 1;
  const start = new Float64Array(dims).fill(0.1);
  const mine = {
    name: "mine",
    argument: "mine",
    message: "",
    note: "",
    starts: { own: start, 1: start, 2: start, 3: start },
  };
  const { engine, state } = opened({ compare: ["mine"] }, [mine]);
  await engine.act("new-seed");
  assert.equal(state.seed, 2);
});

test("the curves come as CSV, with a line for every moment of every run", async () => {
  const { engine, messages } = opened({ compare: ["He"] });
  await engine.act("csv");
  const [head, ...lines] = messages[0].text.trim().split("\n");
  assert.match(head, /^run,iteration,cost,.*gradient_norm_1,.*rank_3$/);
  assert.equal(lines.length, 1);
});

test("runs are drawn as the scheme that their name says, others as a reserve", () => {
  assert.deepEqual(identify(["zeros", "initialize_parameters_he", "mine", "constant 0.5", "random x0.3"]), [
    { scheme: "zeros", repeat: 0 },
    { scheme: "He", repeat: 0 },
    { scheme: "reserve 1", repeat: 0 },
    { scheme: "constant", repeat: 0 },
    { scheme: "random", repeat: 0 },
  ]);
});

test("He keeps the size of a signal in a deep ReLU network, Xavier loses a root of 2 a layer", () => {
  const { profiles } = readProfiles(new Float32Array(profilesOf({ depth: 8, hidden: "relu" }).buffer));
  const [he, xavier, orthogonal] = profiles;
  assert.ok(Math.abs(he.activations.theory[7] - 1) < 0.01, String(he.activations.theory[7]));
  assert.ok(Math.abs(xavier.activations.theory[7] - 1 / 16) < 0.01);
  for (const { activations } of [he, xavier, orthogonal])
    assert.ok(Math.abs(Math.log(activations.measured[7] / activations.theory[7])) < 0.7);
});

test("the depth test has a curve for every built-in start, none for a student's", () => {
  const curves = new Float32Array(
    deepCurves({ ...defaultSettings(), compare: ["He", "mine"] }, ["He"]).buffer,
  );
  assert.equal(curves.length, 4 * DEEP.layers);
  assert.ok(Number.isFinite(curves[0]) && Number.isNaN(curves[2 * DEEP.layers]));
});

test("a state is read as it was written", () => {
  const usual = { ...defaultSettings(), compare: NAMES };
  const settings = {
    ...usual,
    dataset: "moons",
    noise: 0.25,
    hidden_layers: [8, 4, 2],
    gain: { He: 0.5, "constant 0.5": 2 },
    seed: 7,
    compare: ["He", "small 0.01"],
  };
  const text = writeState((name) => settings[name], usual);
  assert.equal(
    text,
    "dataset=moons&noise=0.25&hidden_layers=8-4-2&gain=He%3A0.5%2Cconstant+0.5%3A2&seed=7&compare=He%2Csmall+0.01",
  );
  assert.deepEqual({ ...usual, ...readState(`#${text}`, NAMES) }, settings);
  assert.equal(
    writeState((name) => usual[name], usual),
    "",
  );
});

for (const [text, sentence] of [
  ["noise=NaN", 'noise is "NaN"; expected a number from 0 to 1'],
  ["noise=0x1", 'noise is "0x1"; expected a number from 0 to 1'],
  ["iterations=1e9", "iterations is 1000000000; expected a whole number from 1 to 1,000,000"],
  ["iterations=1.5", "iterations is 1.5; expected a whole number from 1 to 1,000,000"],
  ["learning_rate=1e999", "learning_rate is Infinity; expected a number from 0.000001 to 100"],
  ["hidden_layers=9-9-9-9-9-9-9", "hidden_layers is [9,9,9,9,9,9,9]; expected up to 6 layer sizes, as 10, 5"],
  ["hidden_layers=10-0", "hidden_layers is 0; expected a whole number from 1 to 64"],
  ["hidden_layers=10-", 'hidden_layers is ""; expected a whole number from 1 to 64'],
  ["dataset=<img src=x>", 'dataset is "<img src=x>"; expected one of circles, moons, xor, spirals, blobs'],
  ["compare=He,He", 'compare is ["He","He"]; expected 1 to 4 different names'],
  ["compare=nobody", 'compare names "nobody"; the lab has He, Xavier, constant 0.5, small 0.01'],
  ["gain=He:-1", 'gain["He"] is -1; expected a number from 0 to 1000'],
  ["gain=nobody:1", 'gain names "nobody"; the lab has He, Xavier, constant 0.5, small 0.01'],
  ["__proto__=1", 'the lab has no setting "__proto__"; it has dataset, noise, '],
  [`dataset=${"x".repeat(3000)}`, "the state has 3,008 characters; a lab writes fewer than 2,000"],
]) {
  test(`${text.slice(0, 30)} is refused with a sentence`, () => {
    assert.throws(
      () => readState(text, NAMES),
      (error) => error instanceof SettingsError && error.message.startsWith(sentence),
    );
  });
}
