"use strict";
const $ = (id) => document.getElementById(id);
const MARKS = {
  passed: ["✓", "Passed", "good"],
  partial: ["◐", "Partly right", "almost"],
  later: ["◌", "Told after the deadline", "ours"],
  "internal-error": ["!", "Not graded: our mistake", "ours"],
  "not-found": ["✗", "Function not found", "open"],
  timeout: ["✗", "Took too long", "open"],
  raised: ["✗", "Stopped with an error", "open"],
};
const FAILED = ["✗", "Not right yet", "open"];

function show(id, visible) { $(id).hidden = !visible; }

function add(parent, name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  parent.append(made);
  return made;
}

function complain(sentence) {
  $("problem").firstElementChild.textContent = sentence;
  show("problem", Boolean(sentence));
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("The service cannot be reached. Check your connection, and try again.");
  }
  const content = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(content.error || `The service answered ${answer.status}.`);
  return content;
}

async function openLink() {
  const token = location.hash.slice(1);
  if (!token.includes(".")) return;
  history.replaceState(null, "", location.pathname);
  await ask("api/session", { method: "POST", body: token });
}

let works = [];

async function load() {
  const mine = await ask("api/submissions");
  $("who").textContent = mine.role === "instructor" ? `${mine.name}, instructor` : `You are ${mine.name}`;
  if (mine.role === "instructor") {
    $("who").append(" · ");
    add($("who"), "a", "What happens now").href = "live";
  }
  const chosen = $("work").value;
  works = mine.assignments;
  $("work").replaceChildren();
  works.forEach((work, place) => {
    const own = works.filter((other) => other.assignment === work.assignment).length > 1;
    add($("work"), "option", own ? `${work.assignment}: ${work.notebook}` : work.assignment).value = String(place);
  });
  if (chosen) $("work").value = chosen;
  tellTries();
  show("form", works.length > 0);
  if (!works.length) complain("Nothing can be handed in at the moment.");
  $("earlier").replaceChildren();
  for (const one of mine.submissions) {
    const line = add($("earlier"), "li");
    const when = new Date(one.accepted_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    add(line, "span", `${one.notebook}, ${when}`);
    if (one.state === "done") add(line, "a", "Feedback").href = one.feedback;
    else add(line, "span", one.state === "running" ? "is being graded" : `place ${one.place} in the queue`, "quiet");
  }
  show("earlier-card", mine.submissions.length > 0);
}

function tellTries() {
  const work = works[Number($("work").value)];
  if (!work) return;
  const tries = `${work.tries_left} ${work.tries_left === 1 ? "try" : "tries"} left`;
  const when = work.due && new Date(work.due).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const due = work.is_past_due ? `. It was due on ${when}: what you hand in now is late.` : `, due on ${when}`;
  $("tries").textContent = when ? tries + due : tries;
}

async function handIn(file) {
  complain("");
  if (!file.name.toLowerCase().endsWith(".ipynb")) {
    complain(`${file.name} is not a notebook. Its name should end in .ipynb.`);
    return;
  }
  const named = works.findIndex((one) => file.name === `${one.notebook}.ipynb`);
  if (named >= 0) $("work").value = String(named);
  const work = works[Number($("work").value)];
  $("tests").replaceChildren();
  show("feedback", false);
  show("state", true);
  tell("Sending …", file.name, null);
  const query = new URLSearchParams({ assignment: work.assignment, notebook: work.notebook });
  try {
    const kind = { "Content-Type": "application/x-ipynb+json" };
    const entry = await ask(`api/submissions?${query}`, { method: "POST", body: file, headers: kind });
    await follow(entry, file.name);
  } catch (error) {
    show("state", false);
    complain(error.message);
  }
  await load().catch((error) => complain(error.message));
}

function tell(title, text, value) {
  $("state-title").textContent = title;
  $("state-text").textContent = text;
  show("progress", value !== undefined);
  if (value === null || value === undefined) $("progress").removeAttribute("value");
  else $("progress").value = value;
}

async function follow(entry, name) {
  const first = Math.max(entry.seconds_left, 1);
  while (entry.state !== "done") {
    const left = `about ${time(entry.seconds_left)} left`;
    const again = entry.again ? "The machine was busy. Your notebook is graded once more. " : "";
    const where = entry.state === "running" ? "It is being graded" : `Place ${entry.place} in the queue`;
    tell("Accepted", `${name} for ${entry.notebook}. ${again}${where}, ${left}. You may close this page: it is kept.`, Math.max(0.05, 1 - entry.seconds_left / first));
    await new Promise((ready) => setTimeout(ready, Math.min(10_000, 700 + 60 * entry.place)));
    entry = await ask(`api/submissions/${entry.id}`);
  }
  const result = await ask(entry.result);
  const graded = result.status === "graded";
  const soFar = graded && result.told === "visible" ? " so far" : "";
  const points = graded ? `${number(result.score)} of ${number(result.max_score)} points${soFar}` : "Not graded";
  const isUntold = graded && result.tests.length > 0 && !result.max_score;
  tell(isUntold ? "Points are told after the deadline" : points, result.sentence, undefined);
  for (const test of result.tests) {
    const [mark, words, tone] = MARKS[test.verdict] || FAILED;
    const line = add($("tests"), "li");
    const head = add(line, "div", "", "test-head");
    add(add(head, "h3"), "code", test.name);
    const badge = add(head, "span", "", `badge ${tone}`);
    add(badge, "span", mark).setAttribute("aria-hidden", "true");
    badge.append(` ${words}`);
    if (test.hint && test.verdict !== "passed") add(line, "p", test.hint, "question");
  }
  $("feedback").href = entry.feedback;
  show("feedback", true);
  $("feedback").focus();
}

function time(seconds) { return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`; }

function number(value) { return String(Math.round(value * 100) / 100); }

$("work").addEventListener("change", tellTries);
$("file").addEventListener("change", () => {
  const file = $("file").files[0];
  $("file").value = "";
  if (file) handIn(file);
});
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => { event.preventDefault(); $("drop").classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  addEventListener(name, (event) => { event.preventDefault(); $("drop").classList.remove("over"); });
}
addEventListener("drop", (event) => {
  const file = event.dataTransfer.files[0];
  if (file && !$("form").hidden) handIn(file);
});

openLink().then(load).catch((error) => {
  $("who").textContent = "";
  complain(error.message);
});
