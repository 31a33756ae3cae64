// A frame with what is drawn of it: outputs and activations over the plane and on the training points.

import {
  activationsOf,
  bytesOf,
  largestOf,
  neuronFacts,
  passesOn,
  unreachedPoints,
} from "../compute/network.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../compute/network.js").Points} Points */
/** @typedef {import("./layout.js").Frame} Frame */

/**
 * @param {Evaluation} before
 * @param {Frame} frame
 * @param {object} scene
 */
function isOfOneNetwork(before, frame, scene) {
  return before.frame.layout === frame.layout && before.scene === scene;
}

/** One moment of one run, computed once for all its pictures. */
export class Evaluation {
  /**
   * @param {Frame} frame
   * @param {{plane: Points, training: Points, hidden: Hidden}} scene
   * @param {Evaluation | null} [before] of another moment; its arrays are written over if they fit, so that a
   *   training leaves no garbage
   */
  constructor(frame, scene, before) {
    this.frame = frame;
    this.scene = scene;
    const { layers } = frame;
    const { plane, training, hidden } = scene;
    const old = before && isOfOneNetwork(before, frame, scene) ? before : null;
    /** Over the plane, per layer and neuron. */
    this.overPlane = activationsOf(layers, hidden, plane, old?.overPlane);
    /** On the training points, per layer and neuron. */
    this.onTraining = activationsOf(layers, hidden, training, old?.onTraining);
    this.grid = bytesOf(this.overPlane[layers.length - 1][0]);
    this.largestOverPlane = this.overPlane.map((neurons) => neurons.map(largestOf));
  }

  /** Outputs on the training points. */
  get outputs() {
    return this.onTraining[this.onTraining.length - 1][0];
  }

  /** Places of the training points that reach no neuron of some hidden layer. */
  get unreached() {
    return unreachedPoints(this.onTraining.slice(0, -1), this.scene.hidden);
  }

  /**
   * @param {number} layer from 0
   * @param {number} neuron from 0
   */
  facts(layer, neuron) {
    return neuronFacts(this.onTraining[layer][neuron], this.scene.hidden);
  }

  /**
   * Whether a neuron passes no training point on.
   *
   * @param {number} layer
   * @param {number} neuron
   */
  isSilent(layer, neuron) {
    const { hidden } = this.scene;
    return this.onTraining[layer][neuron].every((a) => !passesOn(a, hidden));
  }

  /**
   * The largest activation of a neuron over the plane.
   *
   * @param {number} layer
   * @param {number} neuron
   */
  largest(layer, neuron) {
    return this.largestOverPlane[layer][neuron];
  }

  /** The largest activation of all hidden neurons over the plane. */
  get largestOfAll() {
    return Math.max(0, ...this.largestOverPlane.slice(0, -1).flat());
  }
}
