import assert from "node:assert/strict";
import test from "node:test";
import { FrameLayout } from "../../init_utils/lab/src/frames/layout.js";
import { FrameStore } from "../../init_utils/lab/src/frames/store.js";

/** @typedef {import("../../init_utils/lab/src/connection.js").LabState} LabState */

const layout = new FrameLayout([2, 1]);

/** An engine that sends what it is told to. */
class Engine {
  constructor() {
    /** @type {string[]} */
    this.asked = [];
    /** @type {Map<string, () => void>} */
    this.listeners = new Map();
    /** @type {Record<string, unknown>} */
    this.state = { setup: this.setup(0) };
    this.put(0, 0, [0]);
  }

  /** @param {number} generation */
  setup(generation) {
    return { generation, layers_dims: [2, 1], runs: ["he"] };
  }

  /**
   * @param {number} generation
   * @param {number} first
   * @param {number[]} iterations
   */
  put(generation, first, iterations) {
    const figures = new Float64Array(iterations.length * layout.floatsPerRun);
    iterations.forEach((iteration, place) => {
      figures[place * layout.floatsPerRun] = iteration;
    });
    this.state.frame_figures = new DataView(figures.buffer);
    this.state.frame_parameters = new DataView(
      new ArrayBuffer(iterations.length * layout.parametersPerRun * 4),
    );
    this.state.frame_span = { generation, first, count: iterations.length };
    this.listeners.get("frame_span")?.();
  }

  /** @param {number} generation */
  begin(generation) {
    this.state.setup = this.setup(generation);
    this.listeners.get("setup")?.();
  }

  /** @param {string} name */
  get(name) {
    return /** @type {any} */ (this.state[name]);
  }

  change() {}

  /** @param {string} request */
  act(request) {
    this.asked.push(request);
  }

  /**
   * @param {string} name
   * @param {() => void} listener
   */
  onChange(name, listener) {
    this.listeners.set(name, listener);
    return () => {};
  }

  onMessage() {
    return () => {};
  }

  onWaiting() {
    return () => {};
  }
}

/** @param {FrameStore} store */
const iterations = (store) => [...store.curves[0].iterations];

test("frames are kept in their order", () => {
  const engine = new Engine();
  const store = new FrameStore(engine);
  engine.put(0, 1, [1, 2]);
  engine.put(0, 3, [5]);
  assert.deepEqual(iterations(store), [0, 1, 2, 5]);
  assert.equal(store.last, 3);
});

test("another training starts empty, and late frames of the one before are dropped", () => {
  const engine = new Engine();
  const store = new FrameStore(engine);
  engine.begin(1);
  engine.put(0, 1, [7]);
  assert.deepEqual(iterations(store), []);
  engine.put(1, 0, [0]);
  assert.deepEqual(iterations(store), [0]);
});

test("a gap makes the store ask for every frame again", () => {
  const engine = new Engine();
  const store = new FrameStore(engine);
  engine.put(0, 5, [34]);
  assert.deepEqual(engine.asked, ["history"]);
  assert.deepEqual(iterations(store), [0]);
});

test("listeners hear of frames until they close", () => {
  const engine = new Engine();
  const store = new FrameStore(engine);
  /** @type {string[]} */
  const heard = [];
  const close = store.onChange((what) => heard.push(what));
  engine.put(0, 1, [1]);
  close();
  engine.put(0, 2, [2]);
  assert.deepEqual(heard, ["frames"]);
});
