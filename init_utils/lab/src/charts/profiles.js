// Sizes of activations and of gradients in each layer of a deep network, per scheme: ink where most units lie,
// the measured mean as a line, the theory's dotted.

import { figure, tickLabel } from "../compute/numbers.js";
import { Surface, shortened, strokeLine } from "../draw/surface.js";
import { DIAL } from "../shared.js";

/** @typedef {import("../draw/palette.js").Palette} Palette */
/** @typedef {import("../draw/palette.js").Look} Look */

/**
 * @typedef {object} Side activations, or gradients
 * @property {Float32Array} shares per layer: exact zeros, then each size
 * @property {Float32Array} measured
 * @property {Float32Array} theory
 */
/** @typedef {{activations: Side, gradients: Side}} Profile */

const HEIGHT = 150;
const ZEROS = 12; // height of the lane of exact zeros

/**
 * The profiles in a message of the kernel.
 *
 * @param {Float32Array} floats
 * @returns {{depth: number, profiles: Profile[]}}
 */
export function readProfiles(floats) {
  const perLayer = 2 * (DIAL.bins + 1) + 4;
  const depth = floats.length / perLayer / DIAL.schemes.length;
  let place = 0;
  const take = (/** @type {number} */ count) => {
    place += count;
    return floats.subarray(place - count, place);
  };
  const profiles = DIAL.schemes.map(() => {
    const shares = [0, 1].map(() => take(depth * (DIAL.bins + 1)));
    const [up, down, upTheory, downTheory] = [0, 1, 2, 3].map(() => take(depth));
    return {
      activations: { shares: shares[0], measured: up, theory: upTheory },
      gradients: { shares: shares[1], measured: down, theory: downTheory },
    };
  });
  return { depth, profiles };
}

/**
 * What a layer multiplies the size by, on the average.
 *
 * @param {Float32Array} sizes of the layers
 */
export function ratioOf(sizes) {
  const last = sizes.length - 1;
  return last < 1 || !sizes[0] ? Number.NaN : (sizes[last] / sizes[0]) ** (1 / last);
}

/**
 * @param {string} name
 * @param {Profile} profile
 */
export function profileInWords(name, { activations, gradients }) {
  const up = `activations × ${figure(ratioOf(activations.measured))} a layer (theory ${figure(ratioOf(activations.theory))})`;
  const down = `gradients × ${figure(1 / ratioOf(gradients.measured))} a layer back (theory ${figure(1 / ratioOf(gradients.theory))})`;
  return `${name}: ${up}, ${down}`;
}

export class ProfilesChart {
  /**
   * @param {string} label
   * @param {() => void} redraw
   */
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-profiles", redraw);
    this.surface.canvas.style.height = `${2 * HEIGHT + 20}px`;
  }

  /**
   * @param {Palette} palette
   * @param {{depth: number, profiles: Profile[]}} deep
   * @param {Look[]} looks
   */
  draw(palette, { depth, profiles }, looks) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const wide = (this.surface.width - 44) / profiles.length;
    profiles.forEach((profile, index) => {
      const sides = /** @type {const} */ (["activations", "gradients"]);
      sides.forEach((side, row) => {
        const box = {
          left: 44 + index * wide,
          right: 44 + (index + 1) * wide - 10,
          top: row * HEIGHT + 18,
          bottom: (row + 1) * HEIGHT - 6,
        };
        drawSide(context, palette, profile[side], {
          box,
          depth,
          colour: looks[index].colour,
          axis: index === 0,
        });
        context.fillStyle = palette.ink;
        context.textAlign = "left";
        const title = `${DIAL.schemes[index]}: ${side}`;
        context.fillText(shortened(context, title, box.right - box.left), box.left, box.top - 9);
      });
      context.fillStyle = palette.muted;
      context.textAlign = "center";
      context.fillText(`layer 1 to ${depth}`, 44 + (index + 0.5) * wide, 2 * HEIGHT + 8);
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Side} side
 * @param {{box: {left: number, right: number, top: number, bottom: number}, depth: number, colour: string,
 *   axis: boolean}} how
 */
function drawSide(context, palette, { shares, measured, theory }, { box, depth, colour, axis }) {
  const floor = box.bottom - ZEROS;
  const step = (box.right - box.left) / depth;
  const tall = (floor - box.top) / DIAL.bins;
  for (let layer = 0; layer < depth; layer += 1)
    for (let bin = 0; bin <= DIAL.bins; bin += 1) {
      const share = shares[layer * (DIAL.bins + 1) + bin];
      if (!share) continue;
      const strength = Math.min(255, Math.round(255 * Math.sqrt(share)));
      context.fillStyle = `rgb(${palette.strength[strength].map(Math.round).join(",")})`;
      const y = bin ? floor - bin * tall : floor + 1;
      context.fillRect(box.left + layer * step, y, step + 0.5, bin ? tall + 0.5 : ZEROS - 1);
    }
  const yAt = (/** @type {number} */ size) => {
    const share = (Math.log10(size) - DIAL.from) / (DIAL.to - DIAL.from);
    return floor - Math.min(1, Math.max(0, share)) * (floor - box.top);
  };
  context.lineWidth = 2;
  context.strokeStyle = colour;
  for (const [sizes, dash] of /** @type {const} */ ([
    [measured, []],
    [theory, [2, 4]],
  ])) {
    context.setLineDash([...dash]);
    context.beginPath();
    sizes.forEach((size, layer) => {
      if (size > 0) context.lineTo(box.left + (layer + 0.5) * step, yAt(size));
    });
    context.stroke();
    context.strokeStyle = palette.ink;
  }
  context.setLineDash([]);
  context.lineWidth = 1;
  context.strokeStyle = palette.muted;
  strokeLine(context, [box.left, floor + 0.5], [box.right, floor + 0.5]);
  if (!axis) return;
  context.fillStyle = palette.muted;
  context.textAlign = "right";
  for (const power of [-6, -3, 0, 3])
    context.fillText(tickLabel(10 ** power, { wide: true }), box.left - 5, yAt(10 ** power));
  context.fillText("0", box.left - 5, box.bottom - 4);
}
