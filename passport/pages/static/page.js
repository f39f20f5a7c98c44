// The checking page with script. The QR lands at /v#digits: a browser does not send what follows the #. These lines take
// it out of the address and the history first. Then this device checks, where it can (`device`: built from
// verifier/browser, named in the page); where it cannot, the text is posted to this server, and the page says so.
"use strict";

const policy = ((rules) => window.trustedTypes?.createPolicy("passport", rules) ?? rules)({
  createHTML: (text) => text,
  createScriptURL: (address) => address,
});
const settings = JSON.parse(document.getElementById("device")?.textContent ?? "null");
const query = () => new URLSearchParams(location.search);
const device = settings && window.isSecureContext // else a browser has no cryptography
  ? import(settings.script)
      .then((module) => module.start(settings, document.documentElement.lang))
      .catch(() => null)
  : Promise.resolve(null);
const forms = document.querySelector(".ways")?.cloneNode(true);
let shown = ""; // the credential whose verdict is on the page, in this memory alone
let asking = ""; // what is handed to the server if its reader says so

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
    line.scrollIntoView({ block: "nearest" });
  }
};

const show = (content, title) => {
  camera.close();
  document.querySelector("main").replaceChildren(...content);
  document.title = title;
  // A specimen's verdict carries its own banner.
  const banner = document.querySelector("body > .specimen");
  if (banner && document.querySelector(".verdict > .specimen")) banner.remove();
  window.scrollTo(0, 0);
  showPrint();
  document.getElementById("verdict")?.focus({ preventScroll: true });
};

const askServer = async (text) => {
  try {
    const where = query();
    where.set("lang", document.documentElement.lang);
    const answer = await fetch("/v?" + where, {
      method: "POST",
      body: new URLSearchParams({ paste: text }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    const page = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    const main = page.querySelector("main");
    if (!main) throw new Error("not a page of ours");
    main.querySelector("[autofocus]")?.removeAttribute("autofocus");
    shown = asking = "";
    show(main.childNodes, page.title);
  } catch {
    say("failed");
    const line = document.getElementById("ask-said");
    if (line) line.textContent = line.dataset.failed;
  }
};

// Return why the server must check, or "" when the verdict is on the page.
const checkHere = async (text) => {
  const here = await device;
  if (!here) return "checking";
  const ways = forms?.cloneNode(true) ?? null;
  const outcome = await here.check(text, { ways, asked: query().get("profil") }).catch(() => ({ server: "form" }));
  if (outcome.server) return outcome.server;
  shown = outcome.token;
  asking = text;
  show(outcome.content, outcome.title);
  return "";
};

const check = async (text) => {
  say("checking");
  const why = await checkHere(text);
  if (!why) return;
  say(why);
  await askServer(text);
};

// A line of the table leads to its details, which are folded.
const unfold = (name) => {
  const target = document.getElementById(name);
  if (target instanceof HTMLDetailsElement) target.open = true;
  return target;
};

const land = async () => {
  const text = location.hash.slice(1);
  if (!text || unfold(text)) return;
  history.replaceState(null, "", location.pathname + location.search);
  await check(text);
};

document.addEventListener("click", (event) => {
  if (event.target.id === "print") window.print();
  if (event.target.id === "ask") askServer(asking);
  if (event.target.id === "camera-open") openCamera().catch(() => camera.say("none"));
  if (event.target.id === "camera-close") closeCamera();
  const link = event.target.closest("a");
  if (link?.getAttribute("href").startsWith("#")) unfold(link.hash.slice(1));
  if (!shown || !link?.hreflang) return;
  // The other language shows the same paper: it travels behind the #, as from the QR.
  event.preventDefault();
  location.href = link.href + "#" + shown;
});

// What one photo says, read on this device; "" for anything that the server must read.
const readHere = async (file) => {
  say("photo");
  const { readPhoto } = await import(settings.camera);
  const found = await readPhoto(file, settings, policy).catch(() => []);
  return found.length === 1 ? found[0] : "";
};

// A form goes to the server unless this device has answered; what it cannot answer goes there after all.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const files = form.querySelector("#file")?.files ?? [];
  const photo = files.length === 1 && /^image\/(png|jpeg|webp)$/.test(files[0].type) ? files[0] : null;
  const pasted = form.querySelector("#paste")?.value.trim();
  const here = settings && (photo || pasted);
  const lost = !navigator.onLine && document.getElementById("landing");
  if (!here && !lost) return;
  event.preventDefault();
  // A browser's own page of an error would say nothing of the attestation, and lose what was typed.
  if (!here) return say(settings ? "offline" : "failed");
  const text = photo ? await readHere(photo) : pasted;
  if (text) say("checking");
  const why = text ? await checkHere(text) : "unread";
  if (!why) return;
  say(navigator.onLine ? why : "offline");
  if (navigator.onLine) form.submit();
});

const camera = {
  get section() {
    return document.getElementById("camera");
  },
  get video() {
    return document.getElementById("camera-video");
  },
  say(name) {
    const line = document.getElementById("camera-said");
    if (!line) return;
    line.hidden = false;
    line.textContent = line.dataset[name];
    const isOpen = ["looking", "slow", "other"].includes(name);
    document.getElementById("camera-view").hidden = !isOpen;
    document.getElementById("camera-open").hidden = isOpen;
    if (isOpen && name === "looking") document.getElementById("camera-close").focus();
  },
  found: (text) => check(text.slice(text.indexOf("#") + 1)),
  close: () => {},
};

const openCamera = async () => {
  const { openCamera: open } = await import(settings.camera);
  camera.close = await open(camera, settings, policy);
};

const closeCamera = () => {
  camera.close();
  document.getElementById("camera-view").hidden = document.getElementById("camera-said").hidden = true;
  document.getElementById("camera-open").hidden = false;
  document.getElementById("camera-open").focus();
};

// The page that was kept for use without a network knows no profile: it is put in again.
const keepProfile = async (here) => {
  const asked = query().get("profil");
  if (!asked || document.querySelector(".asked, .verdict")) return;
  const box = await here.asked(asked);
  if (!box) return;
  document.querySelector(".ways")?.before(box);
  for (const one of document.querySelectorAll("a[href^='/'], form")) {
    const name = one instanceof HTMLFormElement ? "action" : "href";
    const where = new URL(one.getAttribute(name), location.href);
    if (box.contains(one) || !where.searchParams.has("lang")) continue;
    one.setAttribute(name, where.pathname + where.search + "&profil=" + asked);
  }
};

// Next time without a network too. The answer comes first: this fetches what it does not need.
const keepForLater = () => navigator.serviceWorker?.register(policy.createScriptURL("/worker.js")).catch(() => null);

const begin = async () => {
  if (settings && navigator.mediaDevices?.getUserMedia && camera.section) camera.section.hidden = false;
  const answered = land();
  const here = await device;
  if (!here) return;
  const who = document.getElementById("who");
  if (who) who.textContent = who.dataset.device;
  await Promise.all([answered, keepProfile(here)]);
  if (document.readyState === "complete") keepForLater();
  else window.addEventListener("load", keepForLater);
};

window.addEventListener("hashchange", land);
window.addEventListener("load", focusTitle);
showPrint();
begin();
