// What is said while a kernel does not answer.

import assert from "node:assert/strict";
import test from "node:test";
import { Requests, stateOf, waitingWords } from "../../init_utils/lab/src/kernel.js";

const KERNEL = { status: "idle", connectionStatus: "connected", isDisposed: false };

test("a kernel is gone only when it is known to have ended", () => {
  assert.equal(stateOf(KERNEL), "idle");
  assert.equal(stateOf(null), "idle");
  assert.equal(stateOf({ ...KERNEL, status: "busy" }), "busy");
  assert.equal(stateOf({ ...KERNEL, connectionStatus: "connecting" }), "offline");
  for (const status of ["dead", "restarting", "autorestarting", "terminating"]) {
    assert.equal(stateOf({ ...KERNEL, status }), "gone");
  }
  assert.equal(stateOf({ ...KERNEL, isDisposed: true }), "gone");
});

test("a request is waited for in silence for a second; then the reason is said", () => {
  assert.equal(waitingWords({ state: "busy", waitedMs: 999 }), "");
  assert.equal(
    waitingWords({ state: "busy", waitedMs: 1000 }),
    "Waiting for the kernel: another cell is running.",
  );
  assert.equal(
    waitingWords({ state: "offline", waitedMs: 1000 }),
    "Waiting for the kernel: the connection is lost.",
  );
  assert.equal(waitingWords({ state: "idle", waitedMs: 5000 }), "Waiting for the kernel.");
});

test("that the lab is forgotten is said at once, and only when the kernel is gone", () => {
  const words = "The kernel no longer knows this lab: run its cell again.";
  assert.equal(waitingWords({ state: "gone", waitedMs: 0 }), words);
  for (const state of /** @type {const} */ (["idle", "busy", "offline"])) {
    assert.notEqual(waitingWords({ state, waitedMs: 60_000 }), words);
  }
});

test("the oldest request counts until it is answered", () => {
  let now = 100;
  const requests = new Requests(() => now);
  assert.equal(requests.waitedMs, 0);
  const first = requests.begin();
  now = 600;
  const second = requests.begin();
  now = 1300;
  assert.equal(requests.waitedMs, 1200);
  requests.end(first);
  assert.equal(requests.waitedMs, 700);
  requests.end(second);
  assert.equal(requests.waitedMs, 0);
});
