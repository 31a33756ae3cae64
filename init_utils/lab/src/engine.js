// Gradient descent without Python: the same mathematics, float64, networks of any depth with ReLU or tanh.
// `init_utils/descent.py` is its counterpart; one fixture tests both.

/** @typedef {import("./compute/network.js").Hidden} Hidden */

/**
 * @typedef {object} Examples
 * @property {number} count
 * @property {Float64Array} X all first coordinates, then all second ones
 * @property {Float64Array} Y 0 or 1
 */

/**
 * @typedef {object} Look what the network computes at its present parameters; the arrays are buffers
 * @property {Float64Array[]} activations per layer, neuron by neuron
 * @property {number} cost mean cross-entropy in nats, finite while the parameters are
 * @property {number[]} norms of dW1, ..., dWL
 * @property {number[]} biasNorms of db1, ..., dbL
 */

/**
 * @typedef {object} Layer
 * @property {number} size
 * @property {number} inputs
 * @property {Float64Array} W row by row; a view of the parameters
 * @property {Float64Array} b
 * @property {Float64Array} dW
 * @property {Float64Array} db
 */

/**
 * The layers whose parameters lie one after another: W1 row by row, b1, ..., WL, bL.
 *
 * @param {Float64Array} parameters
 * @param {readonly number[]} dims layer sizes, inputs and output included
 */
export function layersIn(parameters, dims) {
  let place = 0;
  return dims.slice(1).map((size, layer) => {
    const inputs = dims[layer];
    const W = parameters.subarray(place, place + size * inputs);
    const b = parameters.subarray(place + size * inputs, place + size * (inputs + 1));
    place += size * (inputs + 1);
    return { size, inputs, W, b };
  });
}

/**
 * How many numbers W1, b1, ..., WL, bL are.
 *
 * @param {readonly number[]} dims
 */
export function parameterCount(dims) {
  return dims.slice(1).reduce((sum, size, layer) => sum + size * (dims[layer] + 1), 0);
}

/** The activations of a network for some examples, in buffers that are made once. */
export class Forward {
  /**
   * @param {Examples} examples
   * @param {readonly number[]} dims
   * @param {Hidden} hidden
   */
  constructor(examples, dims, hidden) {
    this.examples = examples;
    this.hidden = hidden;
    /** Pre-activations of the output. */
    this.last = new Float64Array(examples.count);
    this.activations = dims.slice(1).map((size) => new Float64Array(size * examples.count));
  }

  /** @param {Pick<Layer, "size" | "inputs" | "W" | "b">[]} layers */
  pass(layers) {
    const m = this.examples.count;
    let below = this.examples.X;
    layers.forEach(({ size, inputs, W, b }, index) => {
      const a = this.activations[index];
      for (let neuron = 0; neuron < size; neuron += 1) {
        a.fill(0, neuron * m, (neuron + 1) * m);
        accumulate(a, neuron * m, W, neuron * inputs, 1, inputs, below, m);
        const bias = b[neuron];
        for (let place = neuron * m; place < (neuron + 1) * m; place += 1) a[place] += bias;
      }
      if (index < layers.length - 1) activate(a, this.hidden);
      else this.#answer(a);
      below = a;
    });
    return this.activations;
  }

  /** @param {Float64Array} a pre-activations of the output, replaced by its activations */
  #answer(a) {
    for (let point = 0; point < a.length; point += 1) {
      this.last[point] = a[point];
      a[point] = 1 / (1 + Math.exp(-a[point]));
    }
  }
}

/** Full-batch gradient descent from one start. */
export class Descent {
  /**
   * @param {Examples} examples
   * @param {Float64Array} parameters W1 row by row, b1, ..., WL, bL; copied
   * @param {{dims: readonly number[], learningRate: number, hidden: Hidden}} how
   */
  constructor(examples, parameters, { dims, learningRate, hidden }) {
    this.examples = examples;
    this.learningRate = learningRate;
    this.hidden = hidden;
    this.iteration = 0;
    this.parameters = parameters.slice();
    this.gradients = new Float64Array(parameters.length);
    const gradients = layersIn(this.gradients, dims);
    /** @type {Layer[]} */
    this.layers = layersIn(this.parameters, dims).map((layer, index) => ({
      ...layer,
      dW: gradients[index].W,
      db: gradients[index].b,
    }));
    this.forward = new Forward(examples, dims, hidden);
    this.dz = dims.slice(1).map((size) => new Float64Array(size * examples.count));
  }

  /** @param {number} steps */
  advance(steps) {
    const { parameters, gradients, learningRate } = this;
    for (let step = 0; step < steps; step += 1) {
      this.#differentiate();
      for (let place = 0; place < parameters.length; place += 1)
        parameters[place] -= learningRate * gradients[place];
    }
    this.iteration += steps;
  }

  /** Whether every parameter is a finite number. */
  get isFinite() {
    return this.parameters.every(Number.isFinite);
  }

  /** @returns {Look} */
  look() {
    this.#differentiate();
    return {
      activations: this.forward.activations,
      cost: costOf(this.forward.last, this.examples.Y),
      norms: this.layers.map(({ dW }) => normOf(dW)),
      biasNorms: this.layers.map(({ db }) => normOf(db)),
    };
  }

  /** Gradients of the mean cross-entropy at the present parameters. */
  #differentiate() {
    const { layers, dz, hidden } = this;
    const { X, Y, count: m } = this.examples;
    const activations = this.forward.pass(layers);
    const top = layers.length - 1;
    const [error, outputs] = [dz[top], activations[top]];
    for (let point = 0; point < m; point += 1) error[point] = (outputs[point] - Y[point]) / m;
    for (let index = top; index >= 0; index -= 1) {
      const { size, inputs, W, dW, db } = layers[index];
      const here = dz[index];
      const below = index ? activations[index - 1] : X;
      for (let neuron = 0; neuron < size; neuron += 1) {
        dots(dW, neuron * inputs, inputs, here, neuron * m, below, m);
        let sum = 0;
        for (let place = neuron * m; place < (neuron + 1) * m; place += 1) sum += here[place];
        db[neuron] = sum;
      }
      if (!index) continue;
      const lower = dz[index - 1];
      lower.fill(0);
      for (let input = 0; input < inputs; input += 1)
        accumulate(lower, input * m, W, input, inputs, size, here, m);
      if (hidden === "relu") {
        // A product, not a choice: an infinite gradient times 0 is NaN, as in NumPy.
        for (let place = 0; place < lower.length; place += 1) lower[place] *= below[place] > 0 ? 1 : 0;
      } else {
        for (let place = 0; place < lower.length; place += 1) lower[place] *= 1 - below[place] * below[place];
      }
    }
  }
}

/**
 * Add to a row of `out` a sum of rows, each times its weight: four rows at a time, for speed.
 *
 * @param {Float64Array} out
 * @param {number} to where the row begins
 * @param {Float64Array} weights
 * @param {number} from where the weights begin ...
 * @param {number} step ... and how far they are apart
 * @param {number} count of rows
 * @param {Float64Array} rows
 * @param {number} m length of a row
 */
export function accumulate(out, to, weights, from, step, count, rows, m) {
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const at = from + row * step;
    const [w0, w1, w2, w3] = [
      weights[at],
      weights[at + step],
      weights[at + 2 * step],
      weights[at + 3 * step],
    ];
    const [r0, r1, r2, r3] = [row * m, (row + 1) * m, (row + 2) * m, (row + 3) * m];
    for (let p = 0; p < m; p += 1)
      out[to + p] += w0 * rows[r0 + p] + w1 * rows[r1 + p] + w2 * rows[r2 + p] + w3 * rows[r3 + p];
  }
  for (; row < count; row += 1) {
    const weight = weights[from + row * step];
    const first = row * m;
    for (let p = 0; p < m; p += 1) out[to + p] += weight * rows[first + p];
  }
}

/**
 * Products of one row with each of several rows: four at a time, for speed.
 *
 * @param {Float64Array} out
 * @param {number} to where the products go
 * @param {number} count of rows
 * @param {Float64Array} one
 * @param {number} from where the one row begins
 * @param {Float64Array} rows
 * @param {number} m length of a row
 */
function dots(out, to, count, one, from, rows, m) {
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const [r0, r1, r2, r3] = [row * m, (row + 1) * m, (row + 2) * m, (row + 3) * m];
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0; p < m; p += 1) {
      const value = one[from + p];
      s0 += value * rows[r0 + p];
      s1 += value * rows[r1 + p];
      s2 += value * rows[r2 + p];
      s3 += value * rows[r3 + p];
    }
    out[to + row] = s0;
    out[to + row + 1] = s1;
    out[to + row + 2] = s2;
    out[to + row + 3] = s3;
  }
  for (; row < count; row += 1) {
    let sum = 0;
    const first = row * m;
    for (let p = 0; p < m; p += 1) sum += one[from + p] * rows[first + p];
    out[to + row] = sum;
  }
}

/**
 * @param {Float64Array} z replaced by the activations
 * @param {Hidden} hidden
 */
function activate(z, hidden) {
  if (hidden === "tanh") {
    for (let place = 0; place < z.length; place += 1) z[place] = Math.tanh(z[place]);
  } else {
    // Not Math.max(0, z): a comparison is faster, and NaN stays NaN.
    for (let place = 0; place < z.length; place += 1) if (z[place] < 0) z[place] = 0;
  }
}

/**
 * Mean cross-entropy from the output's pre-activations.
 *
 * @param {Float64Array} z
 * @param {Float64Array} Y
 */
function costOf(z, Y) {
  let sum = 0;
  for (let point = 0; point < z.length; point += 1)
    sum += Math.max(z[point], 0) - z[point] * Y[point] + Math.log1p(Math.exp(-Math.abs(z[point])));
  return sum / z.length;
}

/**
 * Frobenius norm; 0 only if every entry is, though its square may be too small for a float.
 *
 * @param {ArrayLike<number>} values
 */
export function normOf(values) {
  let [sum, largest] = [0, 0];
  for (let place = 0; place < values.length; place += 1) {
    sum += values[place] * values[place];
    largest = Math.max(largest, Math.abs(values[place]));
  }
  const norm = Math.sqrt(sum);
  if ((norm !== 0 && norm !== Infinity) || largest === 0 || !Number.isFinite(largest)) return norm;
  sum = 0;
  for (let place = 0; place < values.length; place += 1) sum += (values[place] / largest) ** 2;
  return largest * Math.sqrt(sum);
}
