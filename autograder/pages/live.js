"use strict";
const $ = (id) => document.getElementById(id);

function add(parent, name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function figure(name, value, small) {
  const card = add($("figures"), "div");
  card.className = "card";
  add(card, "dt", name);
  const shown = add(card, "dd", value);
  if (small) { shown.append(" "); add(shown, "small", small); }
}

function row(table, about, ...cells) {
  const line = add(table, "tr");
  add(add(line, "td"), "a", about.student).href = about.feedback;
  for (const cell of [about.assignment, ...cells]) add(line, "td", cell);
}

function nothing(table, columns) {
  if (!table.children.length) add(add(table, "tr"), "td", "Nobody.").colSpan = columns;
}

function points(one) {
  return one.status === "graded" ? `${Math.round(one.score * 100) / 100} of ${one.max_score}` : one.status;
}

function time(seconds) { return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`; }

async function load() {
  let answer, now;
  try {
    answer = await fetch("api/live", { credentials: "same-origin" });
    now = await answer.json();
  } catch {
    $("who").textContent = "The service cannot be reached; what is below may be old.";
    return;
  }
  if (!answer.ok) { $("who").textContent = now.error; return; }
  $("who").textContent = now.running.length ? `Graded now: ${now.running.join(", ")}` : "Nothing is being graded.";
  $("fault").firstElementChild.textContent = now.fault;
  $("fault").hidden = !now.fault;
  $("figures").replaceChildren();
  figure("In the queue", now.waiting, now.waiting ? `oldest ${time(now.oldest_wait_s)}` : "");
  figure("Verdicts in the last hour", now.last_hour);
  figure("One verdict every", `${Math.round(10 * now.seconds_each) / 10} s`);
  figure("Verdicts in all", now.done);
  figure("Need a person", now.attention.length);
  for (const table of ["attention", "last"]) $(table).replaceChildren();
  for (const one of now.attention) row($("attention"), one, one.reason);
  for (const one of now.last) {
    row($("last"), one, points(one), time(one.seconds), new Date(one.finished_at).toLocaleTimeString());
  }
  nothing($("attention"), 3);
  nothing($("last"), 5);
}

async function repeat() {
  await load();
  setTimeout(repeat, 3000);
}

repeat();
