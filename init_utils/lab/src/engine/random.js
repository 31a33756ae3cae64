// The Mersenne Twister (Matsumoto & Nishimura 1998, MT19937) and what NumPy's `RandomState` draws from it:
// the same integers bit for bit, the same normals to one unit in the last place.

import { logarithm } from "./logarithm.js";

const SIZE = 624;
const MIDDLE = 397;
const TWO_53 = 9007199254740992;

export class RandomState {
  /** @param {number | readonly number[]} seed 0 to 2**32 - 1, or several such numbers */
  constructor(seed) {
    this.state = new Uint32Array(SIZE);
    this.place = SIZE;
    /** The second normal of a pair. @type {number | null} */
    this.spare = null;
    if (typeof seed === "number") this.#start(seed);
    else this.#startFrom(seed);
  }

  /** @param {number} seed */
  #start(seed) {
    const { state } = this;
    state[0] = seed;
    for (let at = 1; at < SIZE; at += 1) {
      const before = state[at - 1] ^ (state[at - 1] >>> 30);
      state[at] = Math.imul(1812433253, before) + at;
    }
  }

  /** @param {readonly number[]} key */
  #startFrom(key) {
    this.#start(19650218);
    const { state } = this;
    let [at, from] = [1, 0];
    const next = () => {
      at += 1;
      if (at < SIZE) return;
      state[0] = state[SIZE - 1];
      at = 1;
    };
    for (let left = Math.max(SIZE, key.length); left; left -= 1) {
      const before = state[at - 1] ^ (state[at - 1] >>> 30);
      state[at] = (state[at] ^ Math.imul(before, 1664525)) + key[from] + from;
      next();
      from = (from + 1) % key.length;
    }
    for (let left = SIZE - 1; left; left -= 1) {
      const before = state[at - 1] ^ (state[at - 1] >>> 30);
      state[at] = (state[at] ^ Math.imul(before, 1566083941)) - at;
      next();
    }
    state[0] = 0x80000000;
  }

  #generate() {
    const { state } = this;
    for (let at = 0; at < SIZE; at += 1) {
      const bits = (state[at] & 0x80000000) | (state[(at + 1) % SIZE] & 0x7fffffff);
      state[at] = state[(at + MIDDLE) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.place = 0;
  }

  /** A whole number, 0 to 2**32 - 1. */
  uint32() {
    if (this.place === SIZE) this.#generate();
    let bits = this.state[this.place];
    this.place += 1;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return bits >>> 0;
  }

  /** A number from 0 to 1, 1 excluded: 53 bits. */
  uniform() {
    const high = this.uint32() >>> 5;
    return (high * 67108864 + (this.uint32() >>> 6)) / TWO_53;
  }

  /**
   * A whole number from 0 to `most`, both included.
   *
   * @param {number} most below 2**32
   */
  upTo(most) {
    const mask = most ? 0xffffffff >>> Math.clz32(most) : 0;
    if (!most) return 0;
    let value = this.uint32() & mask;
    while (value >>> 0 > most) value = this.uint32() & mask;
    return value >>> 0;
  }

  /** A standard normal number, by the polar method. */
  normal() {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    let [x, y, square] = [0, 0, 0];
    do {
      x = 2 * this.uniform() - 1;
      y = 2 * this.uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * logarithm(square)) / square);
    this.spare = factor * x;
    return factor * y;
  }

  /** @param {number} count */
  normals(count) {
    return Float64Array.from({ length: count }, () => this.normal());
  }

  /**
   * 0, 1, ..., count - 1 in random order.
   *
   * @param {number} count
   */
  permutation(count) {
    const order = Array.from({ length: count }, (_, at) => at);
    for (let at = count - 1; at > 0; at -= 1) {
      const other = this.upTo(at);
      [order[at], order[other]] = [order[other], order[at]];
    }
    return order;
  }
}
