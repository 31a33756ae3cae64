// In a page that was exported from a notebook: the lab's own page stands there once; here it fills the frame of each
// lab, with the lab's experiment, in place of its picture.

const stored = document.getElementById("initlab-page")?.textContent ?? "[]";
/** What stands before an experiment, and after it. @type {[string, string]} */
const [before, after] = JSON.parse(stored);
for (const frame of /** @type {NodeListOf<HTMLIFrameElement>} */ (
  document.querySelectorAll("iframe.initlab-living")
)) {
  const experiment = frame.dataset.experiment ?? "";
  frame.srcdoc = `${before}${experiment.replaceAll("<", "\\u003c")}${after}`;
  frame.hidden = false;
  const picture = frame.nextElementSibling;
  if (picture instanceof HTMLElement) picture.hidden = true;
}
