// Part 2 of 5: curves over iterations or layers, on a logarithmic axis with a lane for exact zeros.

/**
 * Curves on one pair of axes.
 *
 * A series is {label, colour, dash, shape, x, y, thin}: y may hold NaN (a gap) and 0 (drawn in the lane below the
 * axis, which is there as soon as it is needed). Hovering names every series at the nearest x.
 */
class LineChart {
  constructor(label, options, redraw) {
    this.options = { labels: false, xTitle: "", xFormat: whole, zeroLane: false, ...options };
    this.surface = new Surface(label, "il-chart", redraw);
    this.series = [];
    this.hover = null;
    this.surface.canvas.addEventListener("pointermove", (event) => {
      this.hover = { x: event.offsetX, y: event.offsetY };
      redraw();
    });
    this.surface.canvas.addEventListener("pointerleave", () => {
      this.hover = null;
      redraw();
    });
  }

  /** @param domain {x: [low, high], y: [low, high] or null} @param cursor x of the frame on show, or null */
  draw(palette, series, domain, cursor) {
    const context = this.surface.begin(palette);
    if (!context) return;
    const { width, height } = this.surface;
    const labelled = this.options.labels && width > 220;
    const hasZeros = this.options.zeroLane && series.some((one) => one.y.some((value) => value === 0));
    const frame = {
      left: this.options.zeroLane ? 54 : 46,
      right: width - (labelled ? labelRoom(context, series) : 14),
      top: 8,
      bottom: height - (this.options.xTitle ? 34 : 20),
    };
    frame.floor = frame.bottom - (hasZeros ? 20 : 0);
    const [low, high] = domain.y ?? logDomain(series);
    const xAt = (x) => frame.left + ((x - domain.x[0]) / (domain.x[1] - domain.x[0] || 1)) * (frame.right - frame.left);
    const yAt = (y) => {
      if (y === 0) return frame.bottom - 9;
      const place = Math.log(y / low) / Math.log(high / low);
      return frame.floor - Math.min(1.5, Math.max(-0.02, place)) * (frame.floor - frame.top);
    };
    this.axes(context, palette, frame, domain, [low, high], xAt, yAt, hasZeros);
    if (cursor !== null) {
      context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(Math.round(xAt(cursor)) + 0.5, frame.top);
      context.lineTo(Math.round(xAt(cursor)) + 0.5, frame.bottom);
      context.stroke();
    }
    series.forEach((one, index) => this.curve(context, one, index, series.length, xAt, yAt, frame));
    if (labelled) this.endLabels(context, palette, series, yAt, frame, width);
    if (this.hover) this.readout(context, palette, series, xAt, frame);
  }

  axes(context, palette, frame, domain, [low, high], xAt, yAt, hasZeros) {
    context.lineWidth = 1;
    context.strokeStyle = palette.grid;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    const rows = Math.max(2, Math.floor((frame.floor - frame.top) / 24));
    for (const tick of logTicks(low, high, rows)) {
      const y = Math.round(yAt(tick)) + 0.5;
      strokeLine(context, frame.left, y, frame.right, y);
      context.fillText(tickLabel(tick, high / low > 1e5), frame.left - 6, y);
    }
    if (hasZeros) {
      context.setLineDash([2, 3]);
      strokeLine(context, frame.left, frame.floor + 1.5, frame.right, frame.floor + 1.5);
      context.setLineDash([]);
      context.fillText("exactly 0", frame.left - 4, frame.bottom - 9);
    }
    context.textAlign = "center";
    const [first, last] = domain.x;
    const columns = Math.max(2, Math.floor((frame.right - frame.left) / 64));
    for (const tick of linearTicks(last, columns).filter((value) => value >= first || value === 0)) {
      const at = Math.max(first, tick);
      context.fillText(this.options.xFormat(at), xAt(at), frame.bottom + 11);
      strokeLine(context, xAt(at), frame.bottom, xAt(at), frame.bottom + 4);
    }
    context.strokeStyle = palette.muted;
    strokeLine(context, frame.left, frame.bottom + 0.5, frame.right, frame.bottom + 0.5);
    if (this.options.xTitle) {
      context.fillText(this.options.xTitle, (frame.left + frame.right) / 2, frame.bottom + 26);
    }
  }

  curve(context, one, index, count, xAt, yAt, frame) {
    context.save();
    context.beginPath();
    context.rect(frame.left - 6, frame.top - 5, frame.right - frame.left + 12, frame.bottom - frame.top + 7);
    context.clip();
    context.strokeStyle = one.colour;
    context.lineWidth = one.thin ? 1.2 : 2;
    context.globalAlpha = one.thin ? 0.8 : 1;
    context.lineJoin = "round";
    context.setLineDash(one.dash);
    context.beginPath();
    let drawing = false;
    for (let place = 0; place < one.x.length; place += 1) {
      if (Number.isNaN(one.y[place])) drawing = false;
      else if (drawing) context.lineTo(xAt(one.x[place]), yAt(one.y[place]));
      else {
        context.moveTo(xAt(one.x[place]), yAt(one.y[place]));
        drawing = true;
      }
    }
    context.stroke();
    context.setLineDash([]);
    if (one.shape && one.x.length) {
      // A mark at the tip, and a few along the way, at other places for each curve so that they do not coincide.
      const wanted = [0.15, 0.4, 0.65, 0.9].map((share) => share + (index / count) * 0.2);
      let next = 0;
      for (let place = 0; place < one.x.length; place += 1) {
        const tip = place === one.x.length - 1 && xAt(one.x[place]) < frame.right - 12;
        const share = (xAt(one.x[place]) - frame.left) / (frame.right - frame.left);
        if (!tip && (next >= wanted.length || share < wanted[next])) continue;
        if (!tip) next += 1;
        if (Number.isFinite(one.y[place])) drawShape(context, one.shape, xAt(one.x[place]), yAt(one.y[place]), 4, one.colour);
      }
    }
    context.restore();
  }

  endLabels(context, palette, series, yAt, frame, width) {
    const labels = series
      .filter((one) => one.label && one.x.length && !Number.isNaN(one.y.at(-1)))
      .map((one) => ({ one, y: Math.max(frame.top + 2, yAt(one.y.at(-1))) }))
      .sort((first, second) => first.y - second.y);
    const apart = 13;
    for (let index = 1; index < labels.length; index += 1) {
      labels[index].y = Math.max(labels[index].y, labels[index - 1].y + apart);
    }
    const over = labels.length ? labels.at(-1).y - (frame.bottom - 9) : 0;
    if (over > 0) labels.at(-1).y -= over;
    for (let index = labels.length - 2; index >= 0; index -= 1) {
      labels[index].y = Math.min(labels[index].y, labels[index + 1].y - apart);
    }
    context.textAlign = "left";
    for (const { one, y } of labels) {
      if (one.shape) drawShape(context, one.shape, frame.right + 12, y, 3.5, one.colour);
      context.fillStyle = palette.ink;
      const left = frame.right + (one.shape ? 21 : 7);
      context.fillText(shortened(context, one.label, width - left - 2), left, y);
    }
  }

  readout(context, palette, series, xAt, frame) {
    const all = series.filter((one) => one.x.length && !one.thin);
    if (!all.length || this.hover.x < frame.left - 8 || this.hover.x > frame.right + 8) return;
    const longest = all.reduce((best, one) => (one.x.length > best.x.length ? one : best));
    let nearest = 0;
    longest.x.forEach((x, index) => {
      if (Math.abs(xAt(x) - this.hover.x) < Math.abs(xAt(longest.x[nearest]) - this.hover.x)) nearest = index;
    });
    const x = Math.round(xAt(longest.x[nearest])) + 0.5;
    const lines = [`${this.options.xWord ?? "iteration"} ${whole(longest.x[nearest])}`];
    for (const one of all) {
      const place = one.x.indexOf(longest.x[nearest]);
      const value = place < 0 ? NaN : one.y[place];
      lines.push(`${one.name ?? one.label}: ${value === 0 ? "exactly 0" : figure(value)}`);
    }
    context.strokeStyle = palette.ink;
    context.lineWidth = 1;
    strokeLine(context, x, frame.top, x, frame.bottom);
    const wide = Math.max(...lines.map((line) => context.measureText(line).width)) + 16;
    const high = lines.length * 15 + 8;
    const left = x + wide + 12 > this.surface.width ? Math.max(2, x - wide - 8) : x + 8;
    const top = Math.min(Math.max(2, this.hover.y - high / 2), this.surface.height - high - 2);
    context.fillStyle = palette.paper;
    context.strokeStyle = palette.muted;
    context.beginPath();
    context.roundRect(left + 0.5, top + 0.5, wide, high, 4);
    context.fill();
    context.stroke();
    context.textAlign = "left";
    context.fillStyle = palette.ink;
    lines.forEach((line, index) => context.fillText(line, left + 8, top + 12 + index * 15));
    this.surface.canvas.dataset.readout = lines.join("; ");
  }
}

/** Room for the names at the ends of the curves. */
function labelRoom(context, series) {
  const widest = Math.max(0, ...series.map((one) => context.measureText(one.label).width));
  return Math.min(120, widest + (series.some((one) => one.shape) ? 28 : 14));
}

function strokeLine(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** Range of a logarithmic axis around all positive values, at least a factor of 5. */
function logDomain(series, floor = 1e-12, ceiling = 1e12) {
  let [low, high] = [Infinity, 0];
  for (const one of series) {
    for (const value of one.y) {
      if (value > 0 && Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (high === 0) return [0.1, 1];
  low = Math.max(low, floor);
  high = Math.min(Math.max(high, low), ceiling);
  if (high / low < 5) [low, high] = [low / 2, high * 2];
  return [snapped(low, -1), snapped(high, 1)];
}
