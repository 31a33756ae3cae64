// Part 3 of 5: the pictures of one moment: decision boundary, histogram of outputs, similarity of neurons, seeds.

const patch = document.createElement("canvas"); // small grids are painted here, then enlarged

/** Cells (bytes) as a picture of colours, side by side pixels. */
function paintGrid(context, cells, across, down, colours, x, y, width, height, smooth, empty) {
  patch.width = across;
  patch.height = down;
  const small = patch.getContext("2d", { willReadFrequently: true });
  const image = small.createImageData(across, down);
  for (let place = 0; place < across * down; place += 1) {
    const colour = cells[place] === empty ? null : colours[cells[place]];
    if (!colour) continue;
    image.data[4 * place] = colour[0];
    image.data[4 * place + 1] = colour[1];
    image.data[4 * place + 2] = colour[2];
    image.data[4 * place + 3] = 255;
  }
  small.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(patch, x, y, width, height);
}

/** Where the grid crosses one half, by marching squares over the centres of the cells. */
function traceBoundary(context, cells, side, width, height) {
  const half = 127.5;
  context.beginPath();
  for (let row = 0; row < side - 1; row += 1) {
    for (let column = 0; column < side - 1; column += 1) {
      const at = row * side + column;
      const corners = [cells[at], cells[at + 1], cells[at + side + 1], cells[at + side]];
      const above = corners.map((value) => value > half);
      if (above[0] === above[1] && above[1] === above[2] && above[2] === above[3]) continue;
      const points = [];
      const places = [[0, 0], [1, 0], [1, 1], [0, 1]];
      for (let edge = 0; edge < 4; edge += 1) {
        const next = (edge + 1) % 4;
        if (above[edge] === above[next]) continue;
        const share = (half - corners[edge]) / (corners[next] - corners[edge]);
        points.push([
          ((column + 0.5 + places[edge][0] + share * (places[next][0] - places[edge][0])) / side) * width,
          ((row + 0.5 + places[edge][1] + share * (places[next][1] - places[edge][1])) / side) * height,
        ]);
      }
      for (let pair = 0; pair + 1 < points.length; pair += 2) {
        context.moveTo(...points[pair]);
        context.lineTo(...points[pair + 1]);
      }
    }
  }
  context.stroke();
}

/** Class 0 as discs, class 1 as crosses, each with a halo so that it stands out on any colour. */
function drawPoints(context, palette, points, bounds, width, height) {
  const [left, right, bottom, top] = bounds;
  const size = points.length > 2400 ? 1.5 : points.length > 1200 ? 2 : 2.6;
  for (const kind of [0, 1]) {
    context.beginPath();
    for (let place = 0; place < points.length; place += 3) {
      if (points[place + 2] !== kind) continue;
      const x = ((points[place] - left) / (right - left)) * width;
      const y = ((top - points[place + 1]) / (top - bottom)) * height;
      if (kind === 0) {
        context.moveTo(x + size, y);
        context.arc(x, y, size, 0, 2 * Math.PI);
      } else {
        context.moveTo(x - size, y - size);
        context.lineTo(x + size, y + size);
        context.moveTo(x - size, y + size);
        context.lineTo(x + size, y - size);
      }
    }
    context.lineCap = "round";
    context.strokeStyle = palette.halo;
    context.lineWidth = kind === 0 ? 1.6 : 3.4;
    context.stroke();
    if (kind === 0) {
      context.fillStyle = palette.marks[0];
      context.fill();
    } else {
      context.strokeStyle = palette.marks[1];
      context.lineWidth = 1.7;
      context.stroke();
    }
  }
}

class BoundaryPanel {
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-boundary", redraw);
    this.layer = document.createElement("canvas");
    this.layerKey = "";
  }

  draw(palette, frame, setup, points, stamp) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const side = setup.grid;
    paintGrid(context, frame.cells, side, side, palette.field, 0, 0, width, height, true, -1);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.8;
    traceBoundary(context, frame.cells, side, width, height);
    // The points do not move while a training lasts: painted once, then copied.
    const ratio = window.devicePixelRatio || 1;
    const key = `${width}x${height}@${ratio}/${stamp}/${palette.ink}`;
    if (key !== this.layerKey) {
      this.layer.width = Math.round(width * ratio);
      this.layer.height = Math.round(height * ratio);
      const layer = this.layer.getContext("2d");
      layer.setTransform(ratio, 0, 0, ratio, 0, 0);
      layer.clearRect(0, 0, width, height);
      drawPoints(layer, palette, points, setup.bounds, width, height);
      this.layerKey = key;
    }
    context.drawImage(this.layer, 0, 0, width, height);
  }
}

/** Shares of the training examples by the network's output, 0 to 1. */
class HistogramPanel {
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-histogram", redraw);
  }

  draw(palette, frame, setup) {
    const context = this.surface.begin(palette, 10);
    if (!context) return;
    const { width, height } = this.surface;
    const [left, right, top, bottom] = [6, width - 6, 6, height - 18];
    const shares = frame.cells.subarray(setup.grid ** 2, setup.grid ** 2 + setup.bins);
    const most = Math.max(1, ...shares);
    const step = (right - left) / setup.bins;
    shares.forEach((share, bin) => {
      const colour = palette.field[Math.round((bin / (setup.bins - 1)) * 255)];
      const tall = share ? Math.max(1.5, (share / most) * (bottom - top)) : 0;
      context.fillStyle = `rgb(${colour.map(Math.round).join(",")})`;
      context.fillRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
      context.strokeStyle = palette.muted;
      context.lineWidth = 0.7;
      if (tall) context.strokeRect(left + bin * step + 0.5, bottom - tall, step - 1, tall);
    });
    context.strokeStyle = palette.muted;
    strokeLine(context, left, bottom + 0.5, right, bottom + 0.5);
    context.fillStyle = palette.muted;
    [["left", 0, left], ["center", 0.5, (left + right) / 2], ["right", 1, right]].forEach(([align, value, x]) => {
      context.textAlign = align;
      context.fillText(value, x, bottom + 10);
    });
  }
}

/** Cosines between the weights of each two neurons, one matrix a hidden layer, and the rank of each W. */
class SimilarityPanel {
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-similarity", redraw);
  }

  draw(palette, frame, setup) {
    const context = this.surface.begin(palette, 10);
    if (!context) return;
    const { width, height } = this.surface;
    const sizes = setup.layers_dims.slice(1, -1);
    const depth = setup.layers_dims.length - 1;
    const ranks = frame.cells.subarray(frame.cells.length - depth);
    context.fillStyle = palette.muted;
    context.textAlign = "left";
    if (!sizes.length) {
      context.fillText(`no hidden layer; W1 rank ${ranks[0]}`, 4, height / 2);
      return;
    }
    const gap = 12;
    const side = Math.max(12, Math.min(height - 20, (width - gap * sizes.length) / sizes.length));
    let place = setup.grid ** 2 + setup.bins;
    sizes.forEach((size, layer) => {
      const x = layer * (side + gap) + 1;
      const cells = frame.cells.subarray(place, place + size * size);
      place += size * size;
      paintGrid(context, cells, size, size, palette.likeness, x, 1, side, side, false, 255);
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      context.strokeRect(x - 0.5, 0.5, side + 1, side + 1);
      if (cells.every((value) => value === 255)) hatch(context, palette, x, 1, side);
      const full = Math.min(size, setup.layers_dims[layer]);
      context.fillStyle = palette.ink;
      const text = side > 62 ? `W${layer + 1} rank ${ranks[layer]} of ${full}` : `${ranks[layer]}/${full}`;
      context.fillText(text, x, side + 12);
    });
  }
}

/** Nothing to compare: all weights of the layer are zero. */
function hatch(context, palette, x, y, side) {
  context.save();
  context.beginPath();
  context.rect(x, y, side, side);
  context.clip();
  context.strokeStyle = palette.grid;
  for (let start = -side; start < side; start += 7) strokeLine(context, x + start, y + side, x + start + side, y);
  context.restore();
}

/** Final cost and test accuracy over many seeds, a lane a scheme: dots, and a bar at the median. */
class StripPanel {
  constructor(label, redraw) {
    this.surface = new Surface(label, "il-strip", redraw);
  }

  draw(palette, rows) {
    const lane = 34;
    this.surface.canvas.style.height = `${rows.length * lane + 40}px`;
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width } = this.surface;
    const bottom = rows.length * lane + 4;
    const names = Math.min(250, width * 0.27);
    const middle = names + (width - names) * 0.55;
    const costs = rows.map((row) => ({ y: row.costs.filter((value) => value !== null) }));
    const [low, high] = logDomain(costs);
    const costAt = (value) => {
      const share = Math.log(Math.max(value, low) / low) / Math.log(high / low);
      return names + 10 + share * (middle - names - 40);
    };
    const accuracyAt = (value) => middle + 14 + value * (width - middle - 30);
    context.textAlign = "center";
    const ticks = logTicks(low, high, Math.max(2, Math.floor((middle - names) / 60)));
    const axes = [
      [ticks, costAt, tickLabel, "final cost"],
      [[0, 0.25, 0.5, 0.75, 1], accuracyAt, percent, "test accuracy"],
    ];
    for (const [values, at, write, title] of axes) {
      for (const value of values) {
        context.strokeStyle = palette.grid;
        strokeLine(context, Math.round(at(value)) + 0.5, 2, Math.round(at(value)) + 0.5, bottom);
        context.fillStyle = palette.muted;
        context.fillText(write(value), at(value), bottom + 10);
      }
      context.fillText(title, (at(values[0]) + at(values.at(-1))) / 2, bottom + 26);
    }
    rows.forEach((row, index) => {
      const y = index * lane + lane / 2 + 2;
      drawShape(context, SHAPES[index], 8, y, 4.5, palette.runs[index]);
      context.fillStyle = palette.ink;
      context.textAlign = "left";
      context.fillText(shortened(context, row.name, names - 24), 19, row.note ? y - 6 : y);
      if (row.note) {
        context.fillStyle = palette.muted;
        context.fillText(shortened(context, row.note, names - 24), 19, y + 7);
      }
      for (const [values, at] of [[row.costs, costAt], [row.accuracies, accuracyAt]]) {
        const kept = values.filter((value) => value !== null);
        kept.forEach((value, seed) => {
          context.globalAlpha = 0.75;
          drawShape(context, SHAPES[index], at(value), y + ((seed * 7) % 11) - 5, 3, palette.runs[index]);
        });
        context.globalAlpha = 1;
        if (kept.length > 1) {
          context.strokeStyle = palette.ink;
          context.lineWidth = 2;
          strokeLine(context, at(median(kept)), y - 12, at(median(kept)), y + 12);
        }
      }
    });
  }
}

function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
