// Part 1 of 5 of the lab's view: elements, colours, surfaces, scales. The parts are joined by widget.py into one
// ES module, in the order of its VIEW_PARTS; there is no build step.

/** An element with attributes and children; `onclick` and the like are listeners. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// Told apart without colour: each run has its shape and its dashes as well, each class its mark.
const SHAPES = ["circle", "square", "triangle", "diamond"];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
const LAYER_DASHES = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [12, 4], [1, 4], [4, 2]];

/** The colours in force, read from the style sheet: they follow JupyterLab's theme. */
function readPalette(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--il-${name}`).trim();
  return {
    ink: style.color,
    paper: style.backgroundColor,
    muted: read("muted"),
    grid: read("grid"),
    runs: [0, 1, 2, 3].map((index) => read(`run-${index}`)),
    marks: [read("class-0"), read("class-1")],
    halo: read("halo"),
    field: ramp(["field-0", "field-middle", "field-1"].map(read)),
    likeness: ramp(["opposite", "unlike", "same"].map(read)),
    font: style.fontFamily,
  };
}

/** 256 colours along three stops, as [red, green, blue] bytes. */
function ramp(stops) {
  const parsed = stops.map((hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)));
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * 2;
    const stop = Math.min(1, Math.floor(place));
    return [0, 1, 2].map((part) => parsed[stop][part] + (parsed[stop + 1][part] - parsed[stop][part]) * (place - stop));
  });
}

/** A canvas that knows its size in CSS pixels and is sharp on every screen. */
class Surface {
  constructor(label, className, onresize) {
    this.canvas = element("canvas", { role: "img", "aria-label": label, class: className });
    this.width = 0;
    this.height = 0;
    this.observer = new ResizeObserver(([entry]) => {
      // Scrolled out of sight, JupyterLab takes a cell off the page: keep the size, it comes back as it was.
      if (!entry.contentRect.width) return;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      onresize();
    });
    this.observer.observe(this.canvas);
  }

  /** A cleared context in CSS pixels, or null while nothing can be seen. */
  begin(palette, size = 11) {
    if (this.width < 8 || this.height < 8) return null;
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `${size}px ${palette.font}`;
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.globalAlpha = 1;
    context.setLineDash([]);
    return context;
  }

  describe(label) {
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
  }

  close() {
    this.observer.disconnect();
  }
}

/** One of SHAPES around (x, y), filled. */
function drawShape(context, shape, x, y, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  if (shape === "circle") context.arc(x, y, radius, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  else {
    const corners = shape === "triangle" ? [-90, 30, 150] : [-90, 0, 90, 180];
    for (const corner of corners) {
      const angle = (corner * Math.PI) / 180;
      context.lineTo(x + radius * 1.25 * Math.cos(angle), y + radius * 1.25 * Math.sin(angle));
    }
    context.closePath();
  }
  context.fill();
}

/** The same as a small inline picture for headings and tables. */
function shapePicture(index) {
  const marks = {
    circle: "<circle cx='7' cy='7' r='5'/>",
    square: "<rect x='2.5' y='2.5' width='9' height='9'/>",
    triangle: "<path d='M7 1.5 12.5 11.5 1.5 11.5Z'/>",
    diamond: "<path d='M7 1 13 7 7 13 1 7Z'/>",
  };
  const picture = element("span", { class: `il-shape il-run-${index}`, "aria-hidden": "true" });
  picture.innerHTML = `<svg viewBox="0 0 14 14" width="14" height="14">${marks[SHAPES[index]]}</svg>`;
  return picture;
}

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A tick's label: plain between 0.001 and 10,000, a power of ten outside; on a `wide` axis powers but for 1, 10, 100. */
function tickLabel(value, wide = false) {
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (wide ? power >= 0 && power <= 2 : power >= -3 && power <= 4) return value.toLocaleString("en", { maximumFractionDigits: 4 });
  const factor = value / 10 ** power;
  const exponent = [...String(power)].map((digit) => SUPERSCRIPTS[digit]).join("");
  return `${Math.abs(factor - 1) < 1e-6 ? "" : `${Math.round(factor)}·`}10${exponent}`;
}

/** A measured value in three significant digits. */
function figure(value) {
  if (value === null || !Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  if (size < 0.001) return value.toExponential(1).replace("e", "·10^");
  return value.toPrecision(3);
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const percent = (share) => (Number.isFinite(share) ? `${Math.round(share * 100)}%` : "–");
const whole = (value) => Math.round(value).toLocaleString("en");

/** Round values inside a range on a logarithmic axis: decades, with 2 and 5 between when there are few. */
function logTicks(low, high, most) {
  const ticks = [];
  const decades = Math.log10(high / low);
  const factors = decades <= 1.2 ? [1, 2, 5] : decades <= 2.2 && most > 5 ? [1, 3] : [1];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  const every = Math.max(1, Math.ceil(ticks.length / most));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % every === 0);
}

/** Round values from 0 to high on a linear axis. */
function linearTicks(high, most) {
  const raw = high / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999);
  const ticks = [];
  for (let value = 0; value <= high * 1.0001; value += step) ticks.push(value);
  return ticks;
}

/** The next of 1, 2, 5, 10, ... outwards: an axis that does not tremble while costs fall. */
function snapped(value, direction) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const factor = value / 10 ** power;
  const steps = direction < 0 ? [5, 2, 1] : [1, 2, 5, 10];
  const step = steps.find((candidate) => (direction < 0 ? candidate <= factor * 1.0001 : candidate >= factor * 0.9999));
  return (step ?? 1) * 10 ** power;
}

function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
