// Labels beside the ends of curves, moved apart so that none covers another.

/**
 * @param {readonly number[]} wanted places from the top, ascending
 * @param {{top: number, bottom: number, apart: number}} room
 * @returns {number[]} places at least `apart` from each other, none below `bottom`
 */
export function spreadLabels(wanted, { top, bottom, apart }) {
  const places = wanted.map((place) => Math.max(top, place));
  for (let index = 1; index < places.length; index += 1) {
    places[index] = Math.max(places[index], places[index - 1] + apart);
  }
  const last = places.length - 1;
  if (last >= 0) places[last] = Math.min(places[last], bottom);
  for (let index = last - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index], places[index + 1] - apart);
  }
  return places;
}
