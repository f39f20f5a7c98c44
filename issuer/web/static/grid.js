// The grid: each tap is sent by itself and stays marked until the desk has kept it. Nothing is written on the
// device. Without network, or when the session has ended, taps wait in this page and are sent again.
"use strict";
const form = document.querySelector("form[data-grid]");
if (form) {
  const bar = document.getElementById("saved"), said = bar.querySelector(".saved-text");
  const signIn = bar.querySelector(".sign-in"), undo = bar.querySelector(".undo"), words = bar.dataset;
  const address = form.dataset.grid || form.action;
  const waiting = new Map();
  let sending = false, pause = 1000, timer = 0, before = null, stopped = "";

  const cellOf = (name) => form.querySelector(`[data-cell="${CSS.escape(name)}"]`);
  const seenOf = (name) => form.elements[`v.${name}`];
  const chosen = (name) => (form.querySelector(`input[name="${CSS.escape(`t.${name}`)}"]:checked`) || {}).value || "";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));

  const show = (name, value) => {
    for (const radio of form.querySelectorAll(`input[name="${CSS.escape(`t.${name}`)}"]`)) radio.checked = radio.value === value;
  };
  const word = (name, value) => {
    const found = form.querySelector(`input[name="${CSS.escape(`t.${name}`)}"][value="${value}"] + span`);
    return found ? found.textContent : value;
  };
  const tell = (state, text) => {
    if (bar.dataset.state !== state || said.textContent !== text) { bar.dataset.state = state; said.textContent = text; }
    signIn.hidden = stopped !== "signed-out";
  };
  const report = () => {
    const open = form.querySelector(".cell[data-conflict]");
    if (stopped === "signed-out") tell("unsaved", fill(words.signedOut, { count: waiting.size }));
    else if (stopped === "refused") tell("unsaved", fill(words.refused, { count: waiting.size }));
    else if (stopped && waiting.size) tell("unsaved", fill(words.unsaved, { count: waiting.size }));
    else if (waiting.size) tell("saving", words.saving);
    else if (open) tell("unsaved", words.again);
    else tell("saved", words.saved);
  };

  const put = (name, value) => {
    settle(name);
    show(name, value);
    waiting.set(name, value);
    cellOf(name).dataset.waits = "";
  };
  const settle = (name) => {
    const cell = cellOf(name);
    delete cell.dataset.conflict;
    cell.removeAttribute("aria-describedby");
    const note = cell.querySelector(".problem");
    if (note) note.remove();
  };
  const ask = ({ cell: name, mine, by }, theirs) => {
    settle(name);
    const cell = cellOf(name), note = document.createElement("div");
    const values = { by: by || words.self, theirs: word(name, theirs), mine: word(name, mine) };
    note.className = "problem";
    note.id = `c-${name}`;
    note.append(fill(words.conflict, values), document.createElement("br"));
    const button = (text, act) => {
      const one = document.createElement("button");
      one.type = "button"; one.className = "second"; one.textContent = fill(text, values);
      one.addEventListener("click", act);
      note.append(one);
    };
    button(words.keep, () => { settle(name); report(); });
    button(words.mine, () => { put(name, mine); send(); });
    cell.dataset.conflict = "";
    cell.setAttribute("aria-describedby", note.id);
    cell.append(note);
  };

  const take = (answer, batch) => {
    const conflicts = new Map(answer.conflicts.map((one) => [one.cell, one]));
    for (const [name, [rating, revision]] of Object.entries(answer.cells)) {
      if (!cellOf(name)) continue;
      seenOf(name).value = `${revision}:${rating}`;
      if (batch.has(name) && waiting.get(name) === batch.get(name)) {
        waiting.delete(name);
        delete cellOf(name).dataset.waits;
      }
      if (!waiting.has(name)) show(name, rating);
      if (conflicts.has(name)) ask(conflicts.get(name), rating);
    }
    for (const person of answer.issued)
      for (const radio of form.querySelectorAll(`input[type="radio"][name^="${CSS.escape(`t.${person}.`)}"]`)) radio.disabled = true;
  };

  // A session that was opened anew has another token: the page asks for it, and goes on.
  const renew = async () => {
    const answer = await fetch(address, { redirect: "manual", headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector('form[data-grid] input[name="csrf"]');
    if (!token) return false;
    for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = token.value;
    return true;
  };
  // Led elsewhere, refused, or asked for a PIN on a page of its own: the session has ended or is locked.
  const isClosed = (answer) => answer.type === "opaqueredirect" || [401, 403].includes(answer.status)
    || (answer.ok && !(answer.headers.get("content-type") || "").startsWith("application/json"));
  const post = (batch) => {
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    for (const [name, value] of batch) {
      body.append(`v.${name}`, seenOf(name).value);
      body.append(`t.${name}`, value);
    }
    return fetch(address, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } });
  };
  const send = async () => {
    clearTimeout(timer);
    if (sending || !waiting.size) return report();
    sending = true;
    report();
    const batch = new Map(waiting);
    try {
      let answer = await post(batch);
      if (isClosed(answer) && (await renew())) answer = await post(batch);
      if (isClosed(answer)) stopped = "signed-out";
      else if (answer.ok) { take(await answer.json(), batch); stopped = ""; pause = 1000; }
      else stopped = answer.status >= 500 || answer.status === 429 ? "network" : "refused";
    } catch {
      stopped = "network";
    }
    sending = false;
    report();
    if (waiting.size && stopped !== "refused") {
      timer = setTimeout(send, stopped ? pause : 0);
      pause = stopped ? Math.min(2 * pause, 15000) : 1000;
    }
  };

  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    before = null;
    undo.hidden = true;
    put(event.target.name.slice(2), event.target.value);
    send();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="set"]');
    if (!button) return;
    event.preventDefault();
    const [kind, ...rest] = button.value.split(":"), value = rest.pop(), id = rest.join(":");
    before = new Map();
    for (const cell of form.querySelectorAll(".cell")) {
      const name = cell.dataset.cell, at = name.indexOf(".");
      const wanted = kind === "row" ? name.slice(0, at) === id : name.slice(at + 1) === id;
      if (!wanted || cell.querySelector("input:disabled") || chosen(name) === value) continue;
      before.set(name, chosen(name));
      put(name, value);
    }
    undo.hidden = !before.size;
    send();
  });
  undo.addEventListener("click", () => {
    for (const [name, value] of before || []) put(name, value);
    before = null;
    undo.hidden = true;
    said.tabIndex = -1;
    said.focus();
    send();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
  for (const button of form.querySelectorAll(".by-form")) button.hidden = true;
  for (const link of form.querySelectorAll(".by-script")) link.hidden = false;
  report();
}
