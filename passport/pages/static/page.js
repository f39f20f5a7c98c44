// The QR lands at /v#digits. A browser does not send what follows the #: these lines post it to this server,
// which checks it, and take it out of the address and the history first.
"use strict";

const focusTitle = () => {
  const title = document.getElementById("verdict");
  if (title) title.focus({ preventScroll: true });
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
    const answer = await fetch("/v?lang=" + document.documentElement.lang, {
      method: "POST",
      body: new URLSearchParams({ paste: text }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (!main) throw new Error("not a page of ours");
    document.title = page.title;
    document.querySelector("main").replaceWith(main);
    // A specimen's verdict carries its own banner.
    const banner = document.querySelector("body > .specimen");
    if (banner && !page.querySelector("body > .specimen")) banner.remove();
    window.scrollTo(0, 0);
    focusTitle();
  } catch {
    say("failed");
  }
};

const land = () => {
  const text = location.hash.slice(1);
  if (!text || document.getElementById(text)) return;
  history.replaceState(null, "", location.pathname + location.search);
  check(text);
};

document.addEventListener("click", (event) => {
  if (event.target.id === "print") window.print();
});
window.addEventListener("hashchange", land);
focusTitle();
land();
