// Passkeys and security keys. A form of class "key" is shown where the browser can; its button asks the server
// for a challenge, hands it to the browser's keys, and sends their answer as a form. Nothing is decided here.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const shown = async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: described(options.allowCredentials) };
    const got = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = got.response;
    return answer(got, {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
      signature: text(signature), userHandle: userHandle ? text(userHandle) : null,
    });
  };
  const made = async (options) => {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: described(options.excludeCredentials) };
    const got = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = got.response;
    return answer(got, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
  };
  const answer = (got, response) => JSON.stringify({
    id: got.id, rawId: text(got.rawId), type: got.type, response,
    authenticatorAttachment: got.authenticatorAttachment || null, clientExtensionResults: {},
  });

  const ask = async (form) => {
    const asked = await fetch(form.dataset.begin, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!asked.ok) throw new Error("refused");
    const { options, flow } = await asked.json();
    form.querySelector(".key-answer").value = await (form.dataset.make ? made(options) : shown(options));
    form.querySelector(".key-flow").value = flow;
  };
  for (const form of document.querySelectorAll("form.key")) {
    const problem = form.querySelector(".problem"), button = form.querySelector("button[type=submit]");
    form.hidden = false;
    form.closest(".key-way")?.removeAttribute("hidden");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      button.disabled = true;
      try {
        await ask(form);
        HTMLFormElement.prototype.submit.call(form);
      } catch {
        problem.textContent = form.dataset.refused;
        problem.hidden = false;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
