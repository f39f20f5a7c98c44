// The service worker: the page opens without a network, after one visit. It keeps what is the same for everybody (the
// page before anything was asked of it, style, script, words, frameworks) and nothing else: no token, no verdict, no
// answer to a form, no document of a scheme (`kept.ts` keeps those, and reads them again).
//
// The counter puts the list of files before this script, so that it changes whenever one of them does: then the new
// worker fetches all anew and drops the old ones. Pages come from the network first, files by their hash from here.

declare const FILES: {
  readonly version: string;
  readonly pages: readonly string[];
  readonly files: readonly string[];
};

const worker = self as unknown as ServiceWorkerGlobalScope;

const KEPT = "passport-page-";
const NAME = KEPT + FILES.version;
const PATIENCE_MS = 3_000;
// What is not needed by everybody is kept once it was used: the reader of pictures.
const STATIC = "/static/";

worker.addEventListener("install", event => event.waitUntil(install()));
worker.addEventListener("activate", event => event.waitUntil(activate()));
worker.addEventListener("fetch", event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith(STATIC)) event.respondWith(file(request));
  else if (request.mode === "navigate" && ["/", "/v"].includes(url.pathname))
    event.respondWith(page(request, url));
});

async function install(): Promise<void> {
  const cache = await caches.open(NAME);
  const plain = { credentials: "omit", redirect: "error" } as const;
  await cache.addAll([
    ...FILES.files.map(path => new Request(path, plain)),
    ...FILES.pages.map(path => new Request(path, { ...plain, cache: "reload" })),
  ]);
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter(name => name.startsWith(KEPT) && name !== NAME);
  await Promise.all(old.map(name => caches.delete(name)));
  await worker.clients.claim();
}

async function file(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request.url, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await cache.put(request.url, answer.clone());
  return answer;
}

/** The network's page; the kept one when nobody answers in time. What was asked in its address is not kept. */
async function page(request: Request, url: URL): Promise<Response> {
  const asked = url.searchParams.get("lang") ?? navigator.language.slice(0, 2);
  const path = FILES.pages.find(one => one.endsWith(`lang=${asked}`)) ?? FILES.pages[0]!;
  const kept = await (await caches.open(NAME)).match(path, { ignoreVary: true });
  if (!kept) return fetch(request);
  const late = new Promise<Response>(resolve => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([network(request, kept), late]);
}

/** A server that is down behind another that answers for it is no page. */
async function network(request: Request, kept: Response): Promise<Response> {
  try {
    const answer = await fetch(request);
    return answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  }
}
