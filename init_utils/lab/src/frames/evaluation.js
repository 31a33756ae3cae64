// A frame with what is drawn of it: outputs and activations over the plane and on the training points.

import { activationsOf, bytesOf, neuronFacts, unreachedPoints } from "../compute/network.js";

/** @typedef {import("../compute/network.js").Hidden} Hidden */
/** @typedef {import("../compute/network.js").Points} Points */
/** @typedef {import("./layout.js").Frame} Frame */

/** One moment of one run, computed once for all its pictures. */
export class Evaluation {
  /**
   * @param {Frame} frame
   * @param {{plane: Points, training: Points, hidden: Hidden}} scene
   */
  constructor(frame, { plane, training, hidden }) {
    this.frame = frame;
    this.hidden = hidden;
    const { layers } = frame;
    /** Over the plane, per layer and neuron. */
    this.overPlane = activationsOf(layers, hidden, plane);
    /** On the training points, per layer and neuron. */
    this.onTraining = activationsOf(layers, hidden, training);
    this.grid = bytesOf(this.overPlane[layers.length - 1][0]);
  }

  /** Outputs on the training points. */
  get outputs() {
    return this.onTraining[this.onTraining.length - 1][0];
  }

  /** Places of the training points that reach no neuron of some hidden layer. */
  get unreached() {
    return unreachedPoints(this.onTraining.slice(0, -1), this.hidden);
  }

  /**
   * @param {number} layer from 0
   * @param {number} neuron from 0
   */
  facts(layer, neuron) {
    return neuronFacts(this.onTraining[layer][neuron], this.hidden);
  }

  /**
   * The largest activation of a neuron over the plane.
   *
   * @param {number} layer
   * @param {number} neuron
   */
  largest(layer, neuron) {
    let largest = 0;
    for (const value of this.overPlane[layer][neuron]) largest = Math.max(largest, Math.abs(value));
    return largest;
  }

  /** The largest activation of all hidden neurons over the plane. */
  get largestOfAll() {
    return Math.max(
      0,
      ...this.overPlane
        .slice(0, -1)
        .flatMap((layer, index) => layer.map((_, neuron) => this.largest(index, neuron))),
    );
  }
}
