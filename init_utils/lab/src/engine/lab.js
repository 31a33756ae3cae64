// The lab without Python: what the buttons do and what the views are told. The counterpart of Python's
// `init_utils/lab/widget.py` and `publishing.py`. `work` has the trainers train for a slice of time; requests are
// taken between two slices.

import { DEFAULTS, QUESTIONS, TRANSITIONS } from "../shared.js";
import { identify } from "./identities.js";
import { Session } from "./session.js";
import { checkSetting, codeLine, defaultSettings, SettingsError } from "./settings.js";
import { Starts } from "./starts.js";
import { Sweep, scaleSweep, seedSweep } from "./sweep.js";
import { Trainer, Trainers } from "./trainer.js";

/** @typedef {import("../connection.js").LabState} LabState */
/** @typedef {import("../connection.js").Message} Message */
/** @typedef {import("../connection.js").Request} Request */
/** @typedef {import("../connection.js").Settings} Settings */
/** @typedef {import("../status.js").Action} Action */
/** @typedef {import("../status.js").Status} Status */
/** @typedef {import("./starts.js").StoredFunction} StoredFunction */

/**
 * @typedef {object} Made what a page is made with
 * @property {StoredFunction[]} functions
 * @property {number[]} dims layer sizes that their weights are stored for
 * @property {Partial<Settings>} settings
 */

/** @typedef {{changes: Partial<LabState>} | {message: Message}} Told */

const FRAME_MS = 1000 / 30;
const TABLE_MS = 200;
const SWEEP_MS = 200;
const MOST_RANDOM_SEED = 10_000;
/** What a question leaves as it is. */
const KEPT = ["pace", "strip_seeds", "hidden", "compare", "predictions", "dial"];
const NOTHING_TO_TRAIN = "No run has weights for these settings: choose other ones.";
const ONE_NETWORK =
  "this page holds the weights of a function for one network only. The lab in Python draws its curve.";
const TRAINING_IS_OVER = "The training is over. Reset starts again from iteration 0.";

export class LabEngine {
  /**
   * @param {Made} made
   * @param {(told: Told) => void} tell
   * @param {{now?: () => number, random?: () => number, trainers?: Trainers}} outside
   */
  constructor(
    made,
    tell,
    {
      now = () => performance.now(),
      random = Math.random,
      trainers = new Trainers(() => new Trainer(now)),
    } = {},
  ) {
    this.tell = tell;
    this.now = now;
    this.random = random;
    this.trainers = trainers;
    this.starts = new Starts(made.functions, made.dims);
    this.names = this.starts.candidates.map(({ name }) => name);
    const own = made.functions.map(({ name }) => name);
    this.usual = (own.length ? own : this.names).slice(0, 4);
    /** @type {Settings} */
    this.settings = { ...defaultSettings(), compare: this.usual, ...made.settings };
    this.session = this.#newSession();
    /** @type {Status} */
    this.status = "ready";
    this.generation = 0;
    this.published = 0;
    this.publishedAt = 0;
    this.tableAt = 0;
    /** @type {Sweep | null} */
    this.sweep = null;
    this.training = { began: 0, first: 0 };
  }

  #newSession() {
    return new Session(this.starts, this.settings, this.now, this.trainers);
  }

  /** Everything that the views may ask for. @returns {LabState} */
  state() {
    return {
      ...this.settings,
      status: this.status,
      message: "",
      candidates: this.starts.candidates,
      still: "il-no-still",
      profiles: EMPTY,
      depth_curves: EMPTY,
      question: null,
      ...this.#scenery(),
      table: this.session.table(),
      ...this.#frames(),
    };
  }

  /**
   * A setting as the views changed it.
   *
   * @param {string} name
   * @param {unknown} value
   */
  async change(name, value) {
    await this.changeAll({ [name]: value });
  }

  /**
   * Several settings, or none of them.
   *
   * @param {Record<string, unknown>} changes
   */
  async changeAll(changes) {
    try {
      for (const [name, value] of Object.entries(changes)) checkSetting(name, value, this.names);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.#show({ ...this.settings, message: error.message });
      return;
    }
    /** @type {Settings} */
    const settings = { ...this.settings, ...changes };
    if (changes.compare) settings.compare = this.names.filter((name) => settings.compare.includes(name));
    this.settings = settings;
    const isNew = Object.keys(changes).some(
      (name) => !["pace", "strip_seeds", "predictions", "dial"].includes(name),
    );
    if (isNew) this.#begin(this.#newSession());
    else this.session.settings = settings;
    this.#show({ ...settings, code: this.code, ...(isNew ? { message: "" } : {}) });
    if (changes.dial) await this.#showProfiles();
    if (isNew) await this.#showCurves();
  }

  /** The line of Python that opens a lab in this state. */
  get code() {
    const own = this.starts.candidates.flatMap(({ argument }) => argument || []);
    return codeLine(own, this.settings, this.usual);
  }

  /** @param {Request} request */
  async act(request) {
    const question = /^question-([123])$/.exec(request);
    if (question) await this.#ask(/** @type {"1" | "2" | "3"} */ (question[1]));
    else await this.#doers[request]?.();
  }

  /** @type {Record<string, () => void | Promise<void>>} */
  #doers = {
    train: () => this.#train(),
    pause: () => this.#end("pause"),
    stop: () => this.#end("stop"),
    step: () => this.#step(),
    reset: () => this.#begin(),
    "compare-seeds": () => this.#compare("compare-seeds", seedSweep),
    "compare-scales": () => this.#compare("compare-scales", scaleSweep),
    "new-seed": () => this.changeAll({ seed: this.#newSeed() }),
    profiles: () => this.#showProfiles(),
    history: () => this.#sendAll(),
    csv: () => this.tell({ message: { kind: "csv", text: this.session.csv() } }),
  };

  /**
   * Train for a slice of time, if there is something to train.
   *
   * @param {number} milliseconds
   * @returns {Promise<number | null>} milliseconds until the next slice; null when nothing is left to do
   */
  async work(milliseconds) {
    if (this.status === "running") return this.#workOnRuns(milliseconds);
    if (this.sweep) return this.#workOnSweep(this.sweep, milliseconds);
    return null;
  }

  /** @param {number} milliseconds */
  async #workOnRuns(milliseconds) {
    const { session } = this;
    const { pace, iterations } = this.settings;
    const passed = (this.now() - this.training.began + FRAME_MS) / 1000;
    const due = pace > 0 ? this.training.first + Math.floor((passed / pace) * iterations) + 1 : iterations;
    await session.train(due, milliseconds);
    if (session.isFinished) {
      await session.settle();
      this.#act("finish");
      this.#publish();
      return null;
    }
    if (this.now() - this.publishedAt >= FRAME_MS) this.#publish(this.now() - this.tableAt >= TABLE_MS);
    return session.iteration >= due ? FRAME_MS : 0;
  }

  /**
   * @param {Sweep} sweep
   * @param {number} milliseconds
   */
  async #workOnSweep(sweep, milliseconds) {
    await sweep.train(milliseconds);
    const trait = this.status === "seeds" ? "strip" : "scales";
    if (sweep.isFinished) {
      this.#show({ [trait]: sweep.shown() });
      this.sweep = null;
      this.#act("finish");
      return null;
    }
    if (this.now() - this.publishedAt >= SWEEP_MS) {
      this.publishedAt = this.now();
      this.#show({ [trait]: sweep.shown() });
    }
    return 0;
  }

  // ------------------------------------------------------------------ buttons

  #train() {
    if (this.#cannotTrain()) return;
    if (this.session.isFinished || this.status === "stopped") this.#begin();
    this.training = { began: this.now(), first: this.session.iteration };
    this.#show({ message: "" });
    this.#act("train");
  }

  /** @param {"pause" | "stop"} action */
  async #end(action) {
    const { sweep, session } = this;
    if (sweep)
      this.#show({ [this.status === "seeds" ? "strip" : "scales"]: { ...sweep.shown(), stopped: true } });
    this.sweep = null;
    await session.settle();
    this.#act(session.isFinished ? "finish" : action);
    this.#publish();
  }

  async #step() {
    if (this.status === "running" || this.sweep) await this.#end("pause");
    if (this.#cannotTrain()) return;
    if (this.session.isFinished) {
      this.#show({ message: TRAINING_IS_OVER });
      return;
    }
    this.#show({ message: "" });
    await this.session.step();
    this.#act("step");
    this.#publish();
  }

  /**
   * @param {"compare-seeds" | "compare-scales"} action
   * @param {(session: Session) => Sweep} begin
   */
  async #compare(action, begin) {
    if (this.status === "running" || this.sweep) await this.#end("pause");
    if (this.#cannotTrain()) return;
    this.sweep = begin(this.session);
    this.#act(action);
    this.#show({ [this.status === "seeds" ? "strip" : "scales"]: this.sweep.shown() });
  }

  /** @param {"1" | "2" | "3"} number */
  async #ask(number) {
    /** @type {readonly string[]} */
    const runs = QUESTIONS[number].runs;
    const compare = this.names.filter((name) => runs.includes(name.toLowerCase()));
    const usual = Object.fromEntries(Object.entries(DEFAULTS).filter(([name]) => !KEPT.includes(name)));
    await this.changeAll({ ...usual, ...(compare.length ? { compare } : {}) });
    this.#show({ question: Number(number) });
  }

  /** One that every run has weights for. */
  #newSeed() {
    const own = this.settings.compare.flatMap((name) => this.starts.functions.get(name) ?? []);
    const stored = Object.keys(own[0]?.starts ?? {}).filter((seed) => seed !== "own");
    if (stored.length) return Number(stored[Math.floor(this.random() * stored.length)]);
    return Math.floor(this.random() * MOST_RANDOM_SEED);
  }

  #cannotTrain() {
    const isEmpty = !this.session.runs.length;
    if (isEmpty) this.#show({ message: NOTHING_TO_TRAIN });
    return isEmpty;
  }

  // ------------------------------------------------------------------ telling

  /** @param {Action} action */
  #act(action) {
    /** @type {Record<string, string>} */
    const targets = TRANSITIONS[this.status];
    const target = targets[action] ?? this.status;
    this.status = /** @type {Status} */ (target === "as-trained" ? this.#asTrained() : target);
    this.#show({ status: this.status });
  }

  /** @returns {Status} */
  #asTrained() {
    if (!this.session.iteration) return "ready";
    return this.session.isFinished ? "finished" : "paused";
  }

  /** @param {Session} [session] another one; else the same from its start */
  #begin(session) {
    this.sweep = null;
    if (session) this.session = session;
    else this.session.begin();
    this.generation += 1;
    this.published = 0;
    this.#act("reset");
    this.#show(this.#scenery());
    this.#publish();
  }

  async #sendAll() {
    this.published = 0;
    this.#publish();
    await this.#showCurves();
  }

  #publish(withTable = true) {
    const { now } = this;
    this.publishedAt = now();
    if (withTable) this.tableAt = now();
    this.#show({ ...this.#frames(), ...(withTable ? { table: this.session.table() } : {}) });
  }

  /** @param {Partial<LabState>} changes */
  #show(changes) {
    this.tell({ changes });
  }

  #scenery() {
    const { session, settings, generation } = this;
    const setup = {
      generation,
      layers_dims: session.dims,
      runs: settings.compare,
      identities: identify(settings.compare),
      bounds: session.bounds,
      hidden: session.how.hidden,
      iterations: settings.iterations,
    };
    return {
      setup,
      code: this.code,
      train_points: pointsOf(session.data.train),
      test_points: pointsOf(session.data.test),
      strip: {},
      scales: {},
    };
  }

  /** Those that were not given yet. */
  #frames() {
    const first = this.published;
    const { count, figures, parameters } = this.session.framesFrom(first);
    this.published += count;
    return {
      frame_figures: figures,
      frame_parameters: parameters,
      frame_span: { generation: this.generation, first, count },
    };
  }

  async #showProfiles() {
    this.#show({ profiles: await this.trainers.at(0).profiles(this.settings.dial) });
  }

  async #showCurves() {
    const builtIn = this.starts.candidates.filter((one) => one.built_in).map(({ name }) => name);
    const missing = this.settings.compare.filter((name) => !builtIn.includes(name));
    this.#show({
      depth_note: missing.length ? `No curve for ${missing.join(", ")}: ${ONE_NETWORK}` : "",
      depth_curves: await this.trainers.at(0).curves(this.settings, builtIn),
    });
  }
}

const EMPTY = new DataView(new ArrayBuffer(0));

/** @param {import("../engine.js").Examples} examples */
function pointsOf({ count, X, Y }) {
  const packed = new Float32Array(3 * count);
  for (let point = 0; point < count; point += 1)
    packed.set([X[point], X[count + point], Y[point]], 3 * point);
  return new DataView(packed.buffer);
}
