// What a lab is doing, by Python's table of transitions.

import { TRANSITIONS } from "./shared.js";

/** @typedef {keyof typeof TRANSITIONS} Status */
/** @typedef {(typeof import("./shared.js").ACTIONS)[number]} Action */

/** @type {Record<Status, string>} */
export const STATUS_WORDS = {
  ready: "Ready to train",
  running: "Training",
  paused: "Paused",
  stopped: "Stopped",
  finished: "Finished",
  seeds: "Training many seeds",
  scales: "Training many scales",
};

/**
 * Whether an action changes anything: its button is enabled.
 *
 * @param {Status} status
 * @param {Action} action
 */
export function allows(status, action) {
  return action in TRANSITIONS[status];
}

/**
 * The word on the button that trains.
 *
 * @param {Status} status
 */
export function trainWord(status) {
  if (status === "paused") return "Go on";
  return status === "stopped" || status === "finished" ? "Train again" : "Train";
}
