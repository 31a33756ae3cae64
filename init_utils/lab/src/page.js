// The lab without Python, in a page of its own: the program of that page, and of its workers.

import { defaultSettings, SettingsError } from "./engine/settings.js";
import { Starts } from "./engine/starts.js";
import { FrameStore } from "./frames/store.js";
import { readState } from "./page/address.js";
import { PageConnection } from "./page/connection.js";
import { StateBar } from "./page/state-bar.js";
import { serve } from "./page/worker-trainer.js";
import { LabView } from "./views/lab.js";

/** @typedef {import("./engine/lab.js").Made} Made */

/** @param {string} id of a script that holds text */
function textOf(id) {
  return document.getElementById(id)?.textContent ?? "";
}

/** @param {string} base64 of float64 */
function doubles(base64) {
  return new Float64Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}

/** @returns {Made} what the page was made with */
function readMade() {
  const { functions, ...rest } = JSON.parse(textOf("il-made"));
  return {
    ...rest,
    functions: functions.map((/** @type {any} */ one) => ({
      ...one,
      starts: Object.fromEntries(
        Object.entries(one.starts).map(([seed, text]) => [seed, doubles(/** @type {string} */ (text))]),
      ),
    })),
  };
}

/** @returns {() => Worker} starts one more; may throw, where workers are forbidden */
function workers() {
  const address = URL.createObjectURL(new Blob([textOf("il-program")], { type: "text/javascript" }));
  return () => new Worker(address);
}

function open() {
  const made = readMade();
  const starts = new Starts(made.functions, made.dims);
  const names = starts.candidates.map(({ name }) => name);
  const own = made.functions.map(({ name }) => name);
  const usual = { ...defaultSettings(), compare: (own.length ? own : names).slice(0, 4), ...made.settings };
  const hasAddress = window.parent === window;
  /** @type {SettingsError | null} */
  let refused = null;
  let asked = {};
  try {
    if (hasAddress) asked = readState(location.hash, names);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    refused = error;
  }
  const connection = new PageConnection({ ...made, settings: { ...usual, ...asked } }, workers());
  const parent = document.getElementById("il-lab");
  if (!parent) throw new Error("the page has no place for the lab");
  new LabView(connection, new FrameStore(connection), parent);
  const bar = new StateBar(connection, { usual, hasAddress });
  parent.after(bar.root);
  if (refused) bar.refuse(refused);
  if (hasAddress) {
    addEventListener("hashchange", () => bar.open(location.hash));
  }
}

if (typeof document === "undefined") serve();
else open();
