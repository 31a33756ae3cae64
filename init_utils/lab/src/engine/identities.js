// The scheme that each run is drawn as, by its name: the counterpart of `identify` in Python's `init_utils/schemes.py`.

import { SCHEMES } from "../shared.js";

const RESERVED = "reserve ";

/** @param {readonly string[]} names of runs */
export function identify(names) {
  const schemes = SCHEMES.map(({ name }) => String(name));
  const [known, reserve] = [true, false].map((isKnown) =>
    schemes.filter((name) => name.startsWith(RESERVED) !== isKnown),
  );
  let taken = 0;
  /** @type {{scheme: string, repeat: number}[]} */
  const found = [];
  for (const name of names) {
    const word = name
      .toLowerCase()
      .replace(/^initialize_parameters_/, "")
      .split(/[ _]/)[0];
    let scheme = known.find((one) => one.toLowerCase() === word);
    if (scheme === undefined) {
      scheme = reserve[taken % reserve.length];
      taken += 1;
    }
    found.push({ scheme, repeat: found.filter((one) => one.scheme === scheme).length });
  }
  return found;
}
