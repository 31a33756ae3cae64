// Elements of the page.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute */

/**
 * An element with attributes and children; `onclick` and the like are listeners.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Give a node this text, if it has another: a page lays out again whatever is written to.
 *
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A titled part of the page.
 *
 * @param {string} title
 * @param {Node | string} explanation
 * @param {(Node | string)[]} children
 */
export function panel(title, explanation, ...children) {
  const head = element("h4", {}, `${title} `, element("small", {}, explanation));
  return element("section", { class: "il-panel" }, head, ...children);
}

/**
 * @param {string} text
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, Attribute>} attributes
 */
export function button(text, onclick, attributes = {}) {
  return element("button", { type: "button", class: "il-button", onclick, ...attributes }, text);
}

/**
 * Keys typed here are the lab's. JupyterLab listens on the document before the element does, and looks for this
 * attribute on the very element that has the focus; others are kept away by stopping the event at the root.
 *
 * @param {HTMLElement} root
 */
export function suppressShortcuts(root) {
  for (const node of [
    root,
    ...root.querySelectorAll("button, input, select, a[href], summary, [tabindex]"),
  ]) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
}

/**
 * Offer a file for saving.
 *
 * @param {string} name
 * @param {Blob} blob
 */
export function download(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
