// Where a grid of bytes crosses one half, by marching squares over the centres of its cells.

const HALF = 127.5;
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * @param {Uint8Array} cells side * side bytes, rows from the top
 * @param {number} side
 * @returns {number[]} x1, y1, x2, y2 of each segment, in the unit square
 */
export function contour(cells, side) {
  /** @type {number[]} */
  const segments = [];
  for (let row = 0; row < side - 1; row += 1) {
    for (let column = 0; column < side - 1; column += 1) {
      const at = row * side + column;
      const isAbove = cells[at] > HALF;
      if (
        cells[at + 1] > HALF === isAbove &&
        cells[at + side + 1] > HALF === isAbove &&
        cells[at + side] > HALF === isAbove
      )
        continue;
      const corners = [cells[at], cells[at + 1], cells[at + side + 1], cells[at + side]];
      const above = corners.map((value) => value > HALF);
      /** @type {number[]} */
      const crossings = [];
      for (let edge = 0; edge < 4; edge += 1) {
        const next = (edge + 1) % 4;
        if (above[edge] === above[next]) continue;
        const share = (HALF - corners[edge]) / (corners[next] - corners[edge]);
        const [from, to] = [CORNERS[edge], CORNERS[next]];
        crossings.push((column + 0.5 + from[0] + share * (to[0] - from[0])) / side);
        crossings.push((row + 0.5 + from[1] + share * (to[1] - from[1])) / side);
      }
      segments.push(...crossings);
    }
  }
  return segments;
}
