// The QR lands at /v#digits. A browser does not send what follows the #: these lines post it to this server,
// which checks it, and take it out of the address and the history first.
"use strict";

// Nothing has the focus yet: a reader is to hear the verdict first. A page that came whole says so itself, by
// `autofocus`; this is for browsers that take it for fields only.
const focusTitle = () => {
  const title = document.getElementById("verdict");
  if (title && document.activeElement === document.body) title.focus({ preventScroll: true });
};

const showPrint = () => {
  const print = document.getElementById("print");
  if (print) print.hidden = false;
};

const say = (name) => {
  const line = document.getElementById("landing");
  if (line) {
    line.hidden = false;
    line.textContent = line.dataset[name];
  }
};

const check = async (text) => {
  say("checking");
  try {
    const where = new URLSearchParams(location.search);
    where.set("lang", document.documentElement.lang);
    const answer = await fetch("/v?" + where, {
      method: "POST",
      body: new URLSearchParams({ paste: text }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (!main) throw new Error("not a page of ours");
    main.querySelector("[autofocus]")?.removeAttribute("autofocus");
    document.title = page.title;
    document.querySelector("main").replaceWith(main);
    // A specimen's verdict carries its own banner.
    const banner = document.querySelector("body > .specimen");
    if (banner && !page.querySelector("body > .specimen")) banner.remove();
    window.scrollTo(0, 0);
    showPrint();
    document.getElementById("verdict")?.focus({ preventScroll: true });
  } catch {
    say("failed");
  }
};

// A line of the table leads to its details, which are folded.
const unfold = (name) => {
  const target = document.getElementById(name);
  if (target instanceof HTMLDetailsElement) target.open = true;
  return target;
};

const land = () => {
  const text = location.hash.slice(1);
  if (!text || unfold(text)) return;
  history.replaceState(null, "", location.pathname + location.search);
  check(text);
};

document.addEventListener("click", (event) => {
  if (event.target.id === "print") window.print();
  const link = event.target.closest("a[href^='#']");
  if (link) unfold(link.hash.slice(1));
});
window.addEventListener("hashchange", land);
window.addEventListener("load", focusTitle);
showPrint();
land();
