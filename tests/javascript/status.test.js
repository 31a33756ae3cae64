import assert from "node:assert/strict";
import test from "node:test";
import { ACTIONS, TRANSITIONS } from "../../init_utils/lab/src/shared.js";
import { allows, STATUS_WORDS, trainWord } from "../../init_utils/lab/src/status.js";

/** @typedef {import("../../init_utils/lab/src/status.js").Status} Status */

const BUTTONS = /** @type {const} */ (["train", "pause", "step", "stop", "reset"]);

/** @param {Status} status */
const enabled = (status) => BUTTONS.filter((action) => allows(status, action));

test("each status enables the buttons that change something", () => {
  assert.deepEqual(enabled("ready"), ["train", "step", "reset"]);
  assert.deepEqual(enabled("running"), ["pause", "stop", "reset"]);
  assert.deepEqual(enabled("paused"), ["train", "step", "stop", "reset"]);
  assert.deepEqual(enabled("stopped"), ["train", "step", "reset"]);
  assert.deepEqual(enabled("finished"), ["train", "step", "reset"]);
});

test("every status has words", () => {
  assert.deepEqual(Object.keys(STATUS_WORDS).sort(), Object.keys(TRANSITIONS).sort());
});

test("the table names known actions only", () => {
  for (const row of Object.values(TRANSITIONS)) {
    for (const action of Object.keys(row))
      assert.ok(
        ACTIONS.some((known) => known === action),
        action,
      );
  }
});

test("the word on the button that trains follows the status", () => {
  assert.equal(trainWord("ready"), "Train");
  assert.equal(trainWord("paused"), "Go on");
  assert.equal(trainWord("finished"), "Train again");
});
