// The edges of a drawn net: as wide as their weights are large, dashed where they are negative.

/** @typedef {import("../compute/network.js").Layer} Layer */
/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {{left: number, right: number, y: number}} Spot where edges end and begin */
/** @typedef {{from: number, to: number, width: number, isNegative: boolean}} Edge */

const WIDEST = 4; // pixels
const FAINT = 0.55; // of the ink: fifty edges must not hide the neurons
const FINEST = 0.1; // thinner ones cannot be seen
const NEGATIVE_DASH = [3, 2.5];

/** @param {Layer} layer */
export function largestWeight({ W }) {
  let largest = 0;
  for (const weight of W) largest = Math.max(largest, Math.abs(weight));
  return largest;
}

/**
 * The edges into a layer that can be seen; none at zero weights, or where weights are not finite.
 *
 * @param {Layer} layer
 * @param {number} largest the weight that is drawn widest
 * @returns {Edge[]}
 */
export function edgesOf({ W, inputs }, largest) {
  return [...W].flatMap((weight, place) => {
    const width = (Math.abs(weight) / largest) * WIDEST;
    if (!(width >= FINEST) || !Number.isFinite(width)) return [];
    return [{ from: place % inputs, to: Math.floor(place / inputs), width, isNegative: weight < 0 }];
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {{layers: Layer[], spots: Spot[][], shared: number | null, ringed: {layer: number, neuron: number} | null}} net
 *   `spots` of the inputs, of the neurons shown of each layer, and of the output
 */
export function drawEdges(context, palette, { layers, spots, shared, ringed }) {
  layers.forEach((layer, index) => {
    for (const { from, to, width, isNegative } of edgesOf(layer, shared ?? largestWeight(layer))) {
      const [start, end] = [spots[index][from], spots[index + 1][to]];
      if (!start || !end) continue; // of a neuron that is not shown
      const isOfRinged = ringed?.layer === index && ringed.neuron === to;
      context.strokeStyle = isOfRinged ? palette.ink : palette.muted;
      context.globalAlpha = isOfRinged ? 1 : FAINT;
      context.lineWidth = width;
      context.setLineDash(isNegative ? NEGATIVE_DASH : []);
      const middle = (start.right + end.left) / 2;
      context.beginPath();
      context.moveTo(start.right, start.y);
      context.bezierCurveTo(middle, start.y, middle, end.y, end.left, end.y);
      context.stroke();
    }
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.fillStyle = palette.muted;
  context.textAlign = "right";
  spots[0].forEach(({ right, y }, input) => {
    context.fillText(`x${input + 1}`, right - 3, y);
  });
}
