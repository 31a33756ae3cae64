// The same fixture as tests/test_lab_engine.py, which writes it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { diagnose } from "../../init_utils/lab/src/engine/diagnosis.js";
import { frameSchedule, TrainedRun } from "../../init_utils/lab/src/engine/moments.js";
import { normOf, parameterCount } from "../../init_utils/lab/src/engine.js";
import { FrameLayout } from "../../init_utils/lab/src/frames/layout.js";
import { DIAGNOSIS, FRAME } from "../../init_utils/lab/src/shared.js";

const TOLERANCE = 1e-9;
const STEADY = ["zeros", "he"];
const SECONDS = FRAME.figures.indexOf("seconds");
const fixture = JSON.parse(readFileSync(new URL("engine.json", import.meta.url), "utf-8"));

/** @param {string} text base64 of float64 */
function doubles(text) {
  return new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}

/** @param {{X: string, Y: string}} packed */
function examples(packed) {
  const [X, Y] = [doubles(packed.X), doubles(packed.Y)];
  return { count: Y.length, X, Y };
}

/**
 * @param {any} known of the fixture
 * @param {any} run
 * @param {number[]} moments
 */
function trained(known, run, moments) {
  const data = { train: examples(known.train), test: examples(known.test) };
  const one = new TrainedRun(data, doubles(run.start), known.settings);
  for (const moment of moments) {
    one.descent.advance(moment - one.descent.iteration);
    one.keep();
  }
  return one;
}

/**
 * @param {number} found
 * @param {number} wanted
 * @param {string} where
 */
function assertClose(found, wanted, where) {
  if (Object.is(found, wanted) || found === wanted) return;
  const distance = Math.abs(found - wanted);
  assert.ok(distance <= TOLERANCE * Math.max(1, Math.abs(wanted)), `${where}: ${found}, wanted ${wanted}`);
}

/**
 * @param {TrainedRun} one
 * @param {any} known
 */
function sentence(one, known) {
  const layout = new FrameLayout(known.settings.dims);
  const frames = one.moments.map(({ figures, parameters }) => layout.frame(figures, parameters, 0));
  const now = frames[frames.length - 1];
  const earlier =
    frames.findLast((frame) => frame && now && frame.iteration <= now.iteration - DIAGNOSIS.lookingBack) ??
    frames[0];
  assert.ok(now && earlier);
  return diagnose({ now, earlier, hidden: known.settings.hidden });
}

for (const run of fixture.published.runs) {
  test(`${run.name}: the costs of the published run are Python's`, () => {
    const known = fixture.published;
    const one = trained(known, run, known.moments);
    const costs = doubles(run.costs);
    if (STEADY.includes(run.name))
      one.moments.forEach(({ figures }, at) => {
        assert.ok(Math.abs(figures[1] - costs[at]) <= TOLERANCE, `${known.moments[at]}: ${figures[1]}`);
      });
    const first = trained(known, run, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const firstCosts = doubles(run.first_costs);
    first.moments.forEach(({ figures }, at) => {
      assert.ok(Math.abs(figures[1] - firstCosts[at]) <= TOLERANCE, `${at}: ${figures[1]}`);
    });
    assert.deepEqual(one.last.figures.slice(2, 4), doubles(run.accuracies));
    assert.equal(sentence(one, known), run.diagnosis);
  });
}

for (const [name, known] of Object.entries(fixture)) {
  for (const run of known.runs.filter((/** @type {any} */ one) => one.figures)) {
    test(`${name}, ${run.name}: every figure of every moment is Python's`, () => {
      const one = trained(known, run, known.moments);
      const wanted = doubles(run.figures);
      const width = one.last.figures.length;
      assert.equal(wanted.length, width * known.moments.length);
      one.moments.forEach(({ figures }, at) => {
        figures.forEach((value, place) => {
          if (place === SECONDS) return;
          assertClose(value, wanted[at * width + place], `iteration ${known.moments[at]}, figure ${place}`);
        });
      });
      assert.equal(sentence(one, known), run.diagnosis);
    });
  }
  test(`${name}: the moments that are kept are Python's`, () => {
    assert.deepEqual(frameSchedule(known.settings.iterations), known.moments);
  });
}

for (const run of fixture.overflowing.runs) {
  test(`overflowing, ${run.name}: the words are Python's`, () => {
    assert.equal(
      sentence(trained(fixture.overflowing, run, fixture.overflowing.moments), fixture.overflowing),
      run.diagnosis,
    );
  });
}

test("steps can be cut anywhere: the parameters are the same to the last bit", () => {
  const known = fixture["one layer"];
  const [whole, cut] = [
    trained(known, known.runs[0], [0, 50]),
    trained(known, known.runs[0], [0, 1, 7, 33, 50]),
  ];
  assert.deepEqual(cut.descent.parameters, whole.descent.parameters);
});

test("a norm is 0 only if every entry is", () => {
  assert.equal(normOf([0, 0]), 0);
  assert.ok(Math.abs(normOf([3e-200, 4e-200]) / 5e-200 - 1) < 1e-15);
  assert.ok(Math.abs(normOf([3e200, 4e200]) / 5e200 - 1) < 1e-15);
});

test("a network has a weight for each two neurons, and a bias for each", () => {
  assert.equal(parameterCount([2, 10, 5, 1]), 91);
});
