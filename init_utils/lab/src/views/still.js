// The still picture that stands in the file beside the widget: hidden while the view lives.

import { element } from "../draw/element.js";

/**
 * Styles that hide the picture for as long as they are on the page.
 *
 * @param {string} name class of the picture's HTML, and its display id
 */
export function hideStill(name) {
  const output = `.jp-OutputArea-child:has(.${name})`; // JupyterLab keeps a row for every output
  return element("style", {}, `.${name}, ${output} { display: none !important; }`);
}
