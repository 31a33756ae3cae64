// The lab in Jupyter: the module that anywidget loads.

import { KernelConnection } from "./connection.js";
import { FrameStore } from "./frames/store.js";
import { LabView } from "./views/lab.js";

/** @typedef {import("./connection.js").WidgetModel} WidgetModel */

/** @type {WeakMap<WidgetModel, {connection: KernelConnection, store: FrameStore}>} one per model, for all its views */
const labs = new WeakMap();

/** @param {WidgetModel} model */
function labOf(model) {
  let lab = labs.get(model);
  if (!lab) {
    const connection = new KernelConnection(model);
    lab = { connection, store: new FrameStore(connection) };
    labs.set(model, lab);
  }
  return lab;
}

export default {
  /** @param {{model: WidgetModel}} context */
  initialize({ model }) {
    labOf(model);
  },
  /** @param {{model: WidgetModel, el: HTMLElement}} context */
  render({ model, el }) {
    const { connection, store } = labOf(model);
    const view = new LabView(connection, store, el);
    return () => view.close();
  },
};
